# What reads devices: the values and pure cores; the coroutines; the one library that includes libmodbus.
anlan_library(edge_device SOURCES device.cpp LINK anlan_common_model)
