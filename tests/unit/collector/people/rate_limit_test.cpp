#include "collector/people/rate_limit.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

MonoTime at(std::int64_t ms) { return mono_from_ms(ms); }
constexpr Rate kRate{2, 5};

TEST(RateLimit, LetsABurstThroughThenAnEvenRate) {
  RateLimit limit;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limit.take("a", kRate, at(0)));
  EXPECT_EQ(limit.take("a", kRate, at(0)), Millis{500});
  EXPECT_FALSE(limit.take("a", kRate, at(500)));
  EXPECT_EQ(limit.take("a", kRate, at(750)), Millis{250});
  int taken = 0;
  for (std::int64_t ms = 1'000; ms < 11'000; ms += 10) taken += limit.take("a", kRate, at(ms)) ? 0 : 1;
  EXPECT_NEAR(taken, 20, 1);
}

TEST(RateLimit, CountsEachKeyByItself) {
  RateLimit limit;
  for (int i = 0; i < 6; ++i) limit.take("a", kRate, at(0));
  EXPECT_TRUE(limit.take("a", kRate, at(0)));
  EXPECT_FALSE(limit.take("b", kRate, at(0)));
}

TEST(RateLimit, SavesUpNoMoreThanTheBurst) {
  RateLimit limit;
  limit.take("a", kRate, at(0));
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += limit.take("a", kRate, at(3'600'000)) ? 0 : 1;
  EXPECT_EQ(taken, 5);
}

TEST(RateLimit, ForgetsFullBucketsBeforeThoseInUse) {
  RateLimit limit(10);
  for (int i = 0; i < 6; ++i) limit.take("greedy", kRate, at(0));
  for (int i = 0; i < 1000; ++i) limit.take("one-" + std::to_string(i), kRate, at(0));
  EXPECT_LE(limit.keys(), 10u);
  EXPECT_TRUE(limit.take("greedy", kRate, at(0)));  // it is full later than any of the others
}

}  // namespace
}  // namespace anlan::collector
