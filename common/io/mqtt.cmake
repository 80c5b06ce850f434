# The broker's address and the connection through Paho, which only the paho_ files include.
anlan_library(common_io_mqtt
  SOURCES broker_uri.cpp no_delay.cpp paho_bell.cpp paho_client.cpp paho_link.cpp paho_news.cpp paho_options.cpp
          paho_thread.cpp
  LINK anlan_common_async anlan_common_io_resolve)
target_link_libraries(anlan_common_io_mqtt PRIVATE paho)
