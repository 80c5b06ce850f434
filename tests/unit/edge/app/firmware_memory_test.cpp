#include "edge/app/firmware_memory.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "tests/support/run_coro.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::edge {
namespace {

struct Running {
  explicit Running(const std::string& file) : memory(io.get_executor(), file) {
    memory.load();
    boost::asio::co_spawn(
        io, memory.run(),
        boost::asio::bind_cancellation_slot(stop.slot(), [this](std::exception_ptr) { ended = true; }));
  }
  ~Running() {
    stop.emit(boost::asio::cancellation_type::terminal);
    EXPECT_TRUE(test::run_until(io, [this] { return ended; }));
  }
  boost::asio::io_context io;
  boost::asio::cancellation_signal stop;
  bool ended = false;
  FirmwareMemory memory;
};

TEST(FirmwareMemory, OutlivesTheProcess) {
  const test::TempDir folder;
  const std::string file = folder.file("firmware.json");
  {
    Running first(file);
    EXPECT_FALSE(first.memory.of("s/tank"));
    first.memory.learned("s/tank", "V2.1 \"b\" 甲");
    first.memory.learned("s/other", "");
    ASSERT_TRUE(test::run_until(first.io, [&] { return std::filesystem::exists(file); }));
  }
  Running second(file);
  EXPECT_EQ(second.memory.of("s/tank"), "V2.1 \"b\" 甲");
  EXPECT_EQ(second.memory.of("s/other"), "") << "a device that refuses the question has told that";
}

TEST(FirmwareMemory, WhatCannotBeReadIsForgottenAndWrittenAnew) {
  const test::TempDir folder;
  const std::string file = folder.file("firmware.json");
  for (const char* broken : {"", "{", "[]", R"({"s/tank": 3})"}) {
    test::write_file(file, broken);
    EXPECT_FALSE(parse_firmware(broken)) << broken;
    Running again(file);
    EXPECT_FALSE(again.memory.of("s/tank"));
    again.memory.learned("s/tank", "3");
    ASSERT_TRUE(test::run_until(again.io, [&] { return parse_firmware(test::read_file(file)).has_value(); })) << broken;
  }
}

TEST(FirmwareMemory, ADiskThatTakesNothingHoldsUpNobody) {
  const test::TempDir folder;
  Running running(folder.file("absent/firmware.json"));
  running.memory.learned("s/tank", "3");
  running.io.run_for(Millis{100});
  EXPECT_EQ(running.memory.of("s/tank"), "3");
}

}  // namespace
}  // namespace anlan::edge
