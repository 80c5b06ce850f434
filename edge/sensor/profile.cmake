# Registers to raw numbers; firmware profiles: files to values. They know no transport.
anlan_library(edge_registers SOURCES firmware.cpp firmware_watch.cpp raw_value.cpp LINK anlan_common_model)
anlan_library(edge_profile SOURCES limits_section.cpp profile_file.cpp profile_point.cpp profile_source.cpp profile_value.cpp
  revision_section.cpp
  LINK anlan_edge_registers anlan_common_config)
