anlan_test(test_common_http SOURCES http_values_test.cpp http_target_test.cpp json_test.cpp problem_test.cpp
  LINK anlan_common_io_http anlan_common_io_json)
