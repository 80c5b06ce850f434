# Firmware profiles: files to values. Knows no transport.
anlan_library(edge_profile SOURCES limits_section.cpp profile_file.cpp profile_point.cpp LINK anlan_common_model anlan_common_config)
