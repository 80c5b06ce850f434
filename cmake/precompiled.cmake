# Precompiled headers: one for libraries and programs, one for tests. See anlan_precompile() in targets.cmake.
option(ANLAN_PRECOMPILE "precompile what nearly every file includes" OFF)
if(NOT ANLAN_PRECOMPILE)
  return()
endif()

set(standard <algorithm> <array> <chrono> <cstdint> <deque> <expected> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <utility> <variant> <vector>)
set(asio <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
  <boost/asio/ip/tcp.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>)

function(anlan_precompiled kind)
  file(CONFIGURE OUTPUT precompiled_${kind}.cpp CONTENT "")
  add_library(anlan_precompiled_${kind} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/precompiled_${kind}.cpp)
  target_link_libraries(anlan_precompiled_${kind} PRIVATE anlan_options anlan_asio)
  target_compile_options(anlan_precompiled_${kind} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")  # ccache compares contents
  target_precompile_headers(anlan_precompiled_${kind} PRIVATE ${ARGN})
endfunction()
anlan_precompiled(library ${standard} ${asio})
find_package(GTest REQUIRED)
anlan_precompiled(test ${standard} ${asio} <gmock/gmock.h> <gtest/gtest.h>)
target_link_libraries(anlan_precompiled_test PRIVATE GTest::gmock)  # for its macros
