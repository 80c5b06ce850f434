#The collector's settings: a file to values.
anlan_library(collector_config SOURCES config.cpp precautions.cpp telemetry_config.cpp LINK anlan_common_model
                  anlan_common_config anlan_asio anlan_common_io_certificate anlan_common_io_signature
                      anlan_collector_api_reading)
