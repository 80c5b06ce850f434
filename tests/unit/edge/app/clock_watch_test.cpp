#include "edge/app/clock_watch.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

constexpr std::int64_t kHour = 3'600'000;

class ClockWatchTest : public testing::Test {
 protected:
  /// A second later on the monotonic clock, the wall clock set by so much.
  std::optional<Millis> look(std::int64_t set_by = 0) {
    mono_ += 1'000;
    wall_ += 1'000 + set_by;
    return watch_.look(wall_from_ms(wall_), mono_from_ms(mono_));
  }
  std::int64_t wall_ = 1'800'000'000'000, mono_ = 5'000;
  ClockWatch watch_{wall_from_ms(wall_), mono_from_ms(mono_)};
};

TEST_F(ClockWatchTest, SaysByHowMuchTheClockWasSetAndOnce) {
  for (const std::int64_t by : {kHour, -kHour, std::int64_t{1'000}, std::int64_t{-1'000}}) {
    EXPECT_EQ(look(), std::nullopt);
    EXPECT_EQ(look(by), Millis{by});
    EXPECT_EQ(look(), std::nullopt) << "what was said is known";
  }
}

TEST_F(ClockWatchTest, ABoxThatBeganWithoutAClockIsSetByDecades) {
  wall_ = 20'000;
  watch_ = ClockWatch(wall_from_ms(wall_), mono_from_ms(mono_));
  EXPECT_EQ(look(1'800'000'000'000), Millis{1'800'000'000'000});
}

TEST_F(ClockWatchTest, TwoStepsBetweenTwoLooksAreOne) {
  wall_ += kHour;
  EXPECT_EQ(look(-2 * kHour), Millis{-kHour});
}

/// A bad quartz, and NTP that slews at its fastest (500 ppm), make less than a second between two looks; an hour of it
/// is seconds, and none of them is a step.
TEST_F(ClockWatchTest, DriftAndSlewingAreNoSteps) {
  for (int second = 0; second < 36'000; ++second) ASSERT_EQ(look(second % 2 ? 1 : -2), std::nullopt) << second;
}

}  // namespace
}  // namespace anlan::edge
