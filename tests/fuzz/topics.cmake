anlan_fuzzer(topics SOURCES topics_fuzz.cpp LINK anlan_common_wire CORPUS corpus/topics)
