# The edge's settings: files to values. Knows no stage but the profiles of sensor/.
anlan_library(edge_config SOURCES config.cpp device_section.cpp endpoint_section.cpp precautions.cpp profile_shelf.cpp
  LINK anlan_common_model anlan_common_config anlan_edge_box anlan_edge_device anlan_edge_profile anlan_asio anlan_common_io_certificate
       anlan_common_io_signature anlan_common_io_cipher_key)
