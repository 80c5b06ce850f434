# The values need no library; server and client hide Beast and bring it only to those who link them.
anlan_library(common_io_http SOURCES basic_authorization.cpp http.cpp http_target.cpp LINK anlan_common_base anlan_asio)
target_link_libraries(anlan_common_io_http PRIVATE Boost::url)
anlan_library(common_io_http_server SOURCES http_server.cpp http_session.cpp listener.cpp LINK anlan_common_io_http anlan_common_async)
anlan_library(common_io_http_client SOURCES http_client.cpp LINK anlan_common_io_http anlan_common_async)
target_link_libraries(anlan_common_io_http_client PUBLIC anlan_common_io_resolve)
anlan_library(common_io_json SOURCES json.cpp problem.cpp LINK anlan_common_io_http Boost::json)
