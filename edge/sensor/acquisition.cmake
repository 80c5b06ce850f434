# What reads devices: the values and pure cores; the coroutines; the one library that includes libmodbus.
anlan_library(edge_device SOURCES device.cpp LINK anlan_common_model)
anlan_library(edge_bus SOURCES bus.cpp modbus_frame.cpp modbus_pdu.cpp modbus_rtu_guard.cpp modbus_tcp_guard.cpp planner.cpp
  poll_schedule.cpp read_plan.cpp
  LINK anlan_edge_device anlan_common_async)
anlan_library(edge_poller SOURCES block_reader.cpp firmware_reader.cpp point_writer.cpp poll_report.cpp polled_device.cpp poller.cpp
  LINK anlan_edge_bus anlan_edge_registers)
anlan_library(edge_modbus
  SOURCES connect_gate.cpp modbus_bus.cpp modbus_line.cpp modbus_link.cpp modbus_serial_line.cpp modbus_session.cpp modbus_tcp_line.cpp
  modbus_tls_line.cpp
  LINK anlan_edge_bus anlan_common_io_resolve)
target_link_libraries(anlan_edge_modbus PRIVATE PkgConfig::modbus)
anlan_library(edge_mqtt_sensor SOURCES mqtt_payload.cpp mqtt_sensor.cpp silence_watch.cpp
  LINK anlan_edge_device anlan_common_async)
target_link_libraries(anlan_edge_mqtt_sensor PRIVATE Boost::json)
