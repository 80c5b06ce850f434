anlan_library(edge_cli SOURCES buffer.cpp remote.cpp
  LINK anlan_edge_sqlite_storage anlan_common_wire anlan_common_io_http_client anlan_common_io_json Boost::json)
