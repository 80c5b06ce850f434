anlan_fuzzer(modbus_answer SOURCES modbus_answer_fuzz.cpp LINK anlan_edge_bus CORPUS corpus/modbus_answer)
anlan_fuzzer(modbus_stream SOURCES modbus_stream_fuzz.cpp LINK anlan_edge_bus CORPUS corpus/modbus_stream)
