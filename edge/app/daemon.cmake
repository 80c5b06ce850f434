# What joins the stages and runs them.
anlan_library(edge_pipeline SOURCES pipeline.cpp pipeline_maintenance.cpp
  LINK anlan_edge_sample anlan_edge_score anlan_edge_async_buffer anlan_common_wire anlan_common_io_random)
anlan_library(edge_acquisition SOURCES acquisition.cpp
  LINK anlan_edge_config anlan_edge_sample anlan_edge_poller anlan_edge_mqtt_sensor anlan_edge_modbus anlan_common_io_mqtt)
anlan_library(edge_metrics SOURCES edge_metrics.cpp
  LINK anlan_edge_config anlan_edge_pipeline anlan_edge_uplink anlan_common_io_process_metrics)
anlan_library(edge_daemon SOURCES buffer_file.cpp buffer_keeper.cpp control.cpp daemon.cpp firmware_memory.cpp head_shelf.cpp reload.cpp write_desk.cpp write_outcome.cpp
  LINK anlan_edge_metrics anlan_edge_config anlan_edge_pipeline anlan_edge_acquisition anlan_edge_uplink anlan_edge_annunciator anlan_edge_sqlite_storage
       anlan_common_io_file anlan_common_io_http_server anlan_common_io_json anlan_common_io_random anlan_common_io_service
       anlan_common_io_signature)
target_compile_definitions(anlan_edge_daemon PRIVATE ANLAN_VERSION="${PROJECT_VERSION}")

anlan_program(anlan-edge SOURCES ${PROJECT_SOURCE_DIR}/edge/main.cpp LINK anlan_edge_daemon anlan_edge_read anlan_edge_cli CLI11::CLI11)
target_compile_definitions(anlan-edge PRIVATE ANLAN_VERSION="${PROJECT_VERSION}")
