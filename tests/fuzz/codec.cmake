anlan_fuzzer(codec SOURCES codec_fuzz.cpp LINK anlan_common_wire CORPUS ../golden/wire)
target_link_libraries(fuzz_codec PRIVATE anlan_common_wire_proto)
anlan_fuzzer(payload SOURCES payload_fuzz.cpp LINK anlan_common_wire CORPUS ../golden/wire)
anlan_fuzzer(ranges SOURCES ranges_fuzz.cpp LINK anlan_common_model CORPUS corpus/ranges)
