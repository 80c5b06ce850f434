#include "common/base/log_limit.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

MonoTime t(int seconds) { return mono_from_ms(seconds * 1000); }

TEST(LogLimit, WritesTheFirstOfAKindAndThenOneAnIntervalWithTheCountOfTheRest) {
  LogLimit limit(Millis{60'000});
  EXPECT_EQ(limit.pass("a", t(0)), 0u);
  for (int i = 1; i < 60; ++i) EXPECT_FALSE(limit.pass("a", t(i))) << i;
  EXPECT_EQ(limit.pass("a", t(60)), 59u);
  EXPECT_FALSE(limit.pass("a", t(61)));
  EXPECT_EQ(limit.pass("a", t(200)), 1u);
}

TEST(LogLimit, KindsDoNotSilenceEachOther) {
  LogLimit limit(Millis{60'000});
  EXPECT_EQ(limit.pass("a", t(0)), 0u);
  EXPECT_EQ(limit.pass("b", t(1)), 0u);
  EXPECT_FALSE(limit.pass("a", t(2)));
}

TEST(LogLimit, MoreKindsThanItHoldsShareOneLine) {
  LogLimit limit(Millis{60'000}, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.pass(std::to_string(i), t(0)), 0u);
  EXPECT_EQ(limit.pass("new", t(1)), 0u) << "the shared line";
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(limit.pass("x" + std::to_string(i), t(2)));
  EXPECT_EQ(limit.pass("0", t(60)), 0u) << "those it holds go on";
}

TEST(LogLimit, ForgetsKindsThatAreQuiet) {
  LogLimit limit(Millis{60'000}, 2);
  EXPECT_EQ(limit.pass("a", t(0)), 0u);
  EXPECT_EQ(limit.pass("b", t(0)), 0u);
  EXPECT_EQ(limit.pass("c", t(61)), 0u);
  EXPECT_FALSE(limit.pass("c", t(62))) << "it has a line of its own";
}

}  // namespace
}  // namespace anlan
