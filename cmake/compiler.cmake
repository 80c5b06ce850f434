# Compiler, language and warnings, in one interface target that every Anlan target links.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR "GCC ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines (aggregate temporaries in a co_await "
                      "expression are freed twice). Use a preset (clang 19) or GCC 13 or later.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

add_library(anlan_options INTERFACE)
target_include_directories(anlan_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(anlan_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion -Wno-sign-conversion
  -Wimplicit-fallthrough -Wextra-semi)   # sign conversions: sizes of the standard library against wire integers, noise

target_compile_definitions(anlan_options INTERFACE BOOST_ASIO_NO_DEPRECATED)

set(ANLAN_SANITIZE "" CACHE STRING "value of -fsanitize= for everything that is built")
if(ANLAN_SANITIZE)
  target_compile_options(anlan_options INTERFACE -fsanitize=${ANLAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(anlan_options INTERFACE -fsanitize=${ANLAN_SANITIZE})
endif()
