#include "tests/plant/signal.hpp"

#include <set>

#include <gtest/gtest.h>

namespace anlan::plant {
namespace {

MonoTime at(std::int64_t ms) { return mono_from_ms(1'000'000 + ms); }

TEST(Signal, RampsStraightThenStays) {
  const Signal signal{Ramp{.from = 20, .to = 80, .start = at(1000), .duration = Millis{2000}}};
  EXPECT_EQ(signal.at(at(0)), 20);
  EXPECT_EQ(signal.at(at(1000)), 20);
  EXPECT_EQ(signal.at(at(2000)), 50);
  EXPECT_EQ(signal.at(at(3000)), 80);
  EXPECT_EQ(signal.at(at(99'000)), 80);
}

TEST(Signal, SwingsAroundItsMean) {
  const Signal signal{Sine{.mean = 5, .amplitude = 2, .start = at(0), .period = Millis{4000}}};
  EXPECT_NEAR(signal.at(at(0)), 5, 1e-12);
  EXPECT_NEAR(signal.at(at(1000)), 7, 1e-12);
  EXPECT_NEAR(signal.at(at(3000)), 3, 1e-12);
}

TEST(Signal, StepsThroughItsValuesForEver) {
  const Signal signal{Steps{.values = {1, 2, 3}, .start = at(0), .each = Millis{100}}};
  EXPECT_EQ(signal.at(at(99)), 1);
  EXPECT_EQ(signal.at(at(100)), 2);
  EXPECT_EQ(signal.at(at(299)), 3);
  EXPECT_EQ(signal.at(at(300)), 1);
}

TEST(Signal, NoiseStaysWithinItsWidthAndIsTheSameForWhoeverAsks) {
  const Signal signal{Constant{10}, 0.5, 7, at(0)};
  const Signal same{Constant{10}, 0.5, 7, at(0)}, other{Constant{10}, 0.5, 8, at(0)};
  std::set<double> seen;
  int differs = 0;
  for (int ms = 0; ms < 100'000; ms += 100) {
    const double value = signal.at(at(ms));
    EXPECT_GE(value, 9.5);
    EXPECT_LE(value, 10.5);
    EXPECT_EQ(value, same.at(at(ms + 99)));
    differs += value != other.at(at(ms)) ? 1 : 0;
    seen.insert(value);
  }
  EXPECT_EQ(seen.size(), 1000u);
  EXPECT_EQ(differs, 1000);
  EXPECT_LT(*seen.begin(), 9.6);
  EXPECT_GT(*seen.rbegin(), 10.4);
}

}  // namespace
}  // namespace anlan::plant
