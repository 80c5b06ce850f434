anlan_fuzzer(http_target SOURCES http_target_fuzz.cpp LINK anlan_collector_api_reading CORPUS corpus/http_target)
anlan_fuzzer(api_body SOURCES api_body_fuzz.cpp LINK anlan_collector_api_reading CORPUS corpus/api_body)
anlan_fuzzer(events SOURCES events_fuzz.cpp LINK anlan_collector_cli CORPUS corpus/events)
