# What joins the stages and runs them.
anlan_library(collector_pipeline SOURCES disk_guard.cpp pipeline.cpp
  LINK anlan_collector_registry anlan_common_wire anlan_collector_alert anlan_collector_hazard anlan_collector_notify anlan_common_io_random)
anlan_library(collector_housekeeping SOURCES housekeeping.cpp
  LINK anlan_collector_config anlan_collector_notify anlan_collector_records anlan_collector_telemetry)
anlan_library(collector_metrics SOURCES collector_metrics.cpp
  LINK anlan_collector_registry anlan_collector_alert anlan_collector_hazard anlan_collector_notify anlan_common_async
       anlan_collector_victoria anlan_common_io_process_metrics)
# The two databases, opened together, backed up and put back.
anlan_library(collector_stores SOURCES audit_command.cpp stores.cpp backup_manifest.cpp backup.cpp init_admin.cpp records_check.cpp restore.cpp store_command.cpp
  LINK anlan_collector_audit anlan_common_io_signature anlan_collector_records anlan_collector_registry anlan_collector_sqlite_telemetry anlan_collector_victoria anlan_collector_config anlan_collector_ingest anlan_collector_alert
       anlan_collector_hazard anlan_collector_notify anlan_collector_people anlan_collector_api anlan_common_io_file anlan_common_io_json
       anlan_common_io_process_metrics anlan_common_io_random anlan_common_io_sqlite_copy)
target_compile_definitions(anlan_collector_stores PRIVATE ANLAN_VERSION="${PROJECT_VERSION}")
# The log's keeper: signs, writes out, tells the edges.
anlan_library(collector_audit_keeper SOURCES audit_keeper.cpp
  LINK anlan_collector_audit anlan_collector_records anlan_common_async anlan_common_io_file anlan_common_io_signature)
anlan_library(collector_daemon SOURCES daemon.cpp
  LINK anlan_collector_audit_keeper anlan_collector_stores anlan_collector_config anlan_collector_housekeeping anlan_collector_metrics anlan_collector_pipeline anlan_collector_ingest
       anlan_collector_sqlite_telemetry anlan_collector_api anlan_collector_notify_log anlan_collector_notify_webhook anlan_common_io_mqtt anlan_common_io_http_server
       anlan_common_io_service anlan_common_io_signature)
target_compile_definitions(anlan_collector_daemon PRIVATE ANLAN_VERSION="${PROJECT_VERSION}")

anlan_program(anlan-collector SOURCES ${PROJECT_SOURCE_DIR}/collector/main.cpp LINK anlan_collector_daemon CLI11::CLI11)
target_compile_definitions(anlan-collector PRIVATE ANLAN_VERSION="${PROJECT_VERSION}")
