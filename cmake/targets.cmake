# One library per folder, one test program per group: sources are listed, links repeat the arrows of ARCHITECTURE.md.

# What nearly every file reads first, read once for each build: two thirds of the time of a build from nothing. Debug
# builds only: what is packaged proves that no file leans on it, and tests/layers compiles the headers without it.
function(anlan_precompile target kind)
  if(ANLAN_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM anlan_precompiled_${kind})
  endif()
endfunction()

# anlan_library(common_base SOURCES a.cpp b.cpp LINK anlan_x …): library target anlan_common_base
function(anlan_library name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "SOURCES;LINK")
  if(A_SOURCES)
    add_library(anlan_${name} STATIC ${A_SOURCES})
    target_link_libraries(anlan_${name} PUBLIC anlan_options ${A_LINK})
    anlan_precompile(anlan_${name} library)
  else()
    add_library(anlan_${name} INTERFACE)
    target_link_libraries(anlan_${name} INTERFACE anlan_options ${A_LINK})
  endif()
endfunction()

function(anlan_program name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "SOURCES;LINK")
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE anlan_options ${A_LINK})
  anlan_precompile(${name} library)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# anlan_test(test_name SOURCES … LINK … [LABEL unit] [TIMEOUT 120]): a GoogleTest program, one ctest entry
function(anlan_test name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "LABEL;TIMEOUT" "SOURCES;LINK")
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE anlan_options GTest::gtest_main GTest::gmock ${A_LINK})
  anlan_precompile(${name} test)
  if(NOT A_LABEL)
    set(A_LABEL unit)
  endif()
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  if(ANLAN_SANITIZE)
    math(EXPR A_TIMEOUT "${A_TIMEOUT} * 4")
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${A_LABEL} TIMEOUT ${A_TIMEOUT}
    ENVIRONMENT "ANLAN_SOURCE_DIR=${PROJECT_SOURCE_DIR};ANLAN_BINARY_DIR=${PROJECT_BINARY_DIR}")
endfunction()
