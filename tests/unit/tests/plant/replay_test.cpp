#include "tests/plant/replay.hpp"

#include <bit>

#include <gtest/gtest.h>

namespace anlan::plant {
namespace {

const MonoTime start = mono_from_ms(5000);

Recording three_rows() { return {{"a", "b"}, {{1, 10}, {2, 20}, {3, 30}}}; }

Request read(int address, int count) { return {.unit = 1, .function = 3, .address = address, .count = count}; }

double first_value(const Answer& answer) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits = bits << 16 | answer.values.at(i);
  return std::bit_cast<double>(bits);
}

TEST(Replay, ARowStandsUntilAllOfItWasReadInAnyCut) {
  Replay replay(three_rows(), 1, {});
  EXPECT_EQ(first_value(replay.answer(read(0, 4), start)), 1);
  EXPECT_EQ(first_value(replay.answer(read(0, 4), start)), 1);  // the second column was not read yet
  replay.answer(read(6, 2), start);
  EXPECT_EQ(replay.served(), 0u);
  EXPECT_EQ(first_value(replay.answer(read(4, 4), start)), 10);  // completes the row, and is still of it
  EXPECT_EQ(replay.served(), 1u);
  EXPECT_EQ(first_value(replay.answer(read(4, 4), start)), 20);
}

TEST(Replay, ServesEveryRowOnceThenIsBusyForGood) {
  Replay replay(three_rows(), 1, {});
  std::vector<std::size_t> told;
  replay.on_served = [&](std::size_t n) { told.push_back(n); };
  for (const double expected : {1, 2, 3}) EXPECT_EQ(first_value(replay.answer(read(0, 8), start)), expected);
  EXPECT_TRUE(replay.finished(start));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(replay.answer(read(0, 8), start).exception, device_busy);
  EXPECT_EQ(told, (std::vector<std::size_t>{1, 2, 3}));
}

TEST(Replay, BySpeedARowPassesWhetherReadOrNot) {
  Replay replay(three_rows(), 1, Millis{100});
  EXPECT_FALSE(replay.finished(start + Millis{9999}));  // its time begins with the first request
  EXPECT_EQ(first_value(replay.answer(read(0, 8), start)), 1);
  EXPECT_EQ(first_value(replay.answer(read(0, 8), start + Millis{99})), 1);
  EXPECT_EQ(first_value(replay.answer(read(0, 8), start + Millis{250})), 3);
  EXPECT_EQ(replay.served(), 2u);  // the row between was never read
  EXPECT_EQ(replay.answer(read(0, 8), start + Millis{300}).exception, device_busy);
  EXPECT_TRUE(replay.finished(start + Millis{300}));
}

TEST(Replay, RefusesWhatItHasNot) {
  Replay replay(three_rows(), 1, {});
  EXPECT_EQ(replay.answer(read(0, 9), start).exception, illegal_address);
  EXPECT_EQ(replay.answer(read(8, 1), start).exception, illegal_address);
  EXPECT_EQ(replay.answer(read(0, 126), start).exception, illegal_value);
  EXPECT_EQ(replay.answer({.unit = 1, .function = 4, .address = 0, .count = 8}, start).exception, illegal_function);
  EXPECT_EQ(replay.answer({.unit = 2, .function = 3, .address = 0, .count = 8}, start).exception, no_such_unit);
  EXPECT_EQ(replay.served(), 0u);
}

}  // namespace
}  // namespace anlan::plant
