#include "common/base/backoff.hpp"

#include <set>

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(Backoff, DoublesItsCeilingUpToTheMostAndKeepsJitterInTheUpperHalf) {
  Backoff backoff(Millis{100}, Millis{1000}, 7);
  for (const int ceiling : {100, 200, 400, 800, 1000, 1000, 1000}) {
    const auto delay = backoff.next().count();
    EXPECT_GE(delay, ceiling / 2);
    EXPECT_LE(delay, ceiling);
  }
}

TEST(Backoff, BeginsAnewAfterASuccess) {
  Backoff backoff(Millis{100}, Millis{60'000}, 7);
  for (int i = 0; i < 8; ++i) backoff.next();
  backoff.reset();
  EXPECT_LE(backoff.next().count(), 100);
}

TEST(Backoff, IsAFunctionOfItsSeed) {
  Backoff one(Millis{100}, Millis{10'000}, 1), same(Millis{100}, Millis{10'000}, 1),
      other(Millis{100}, Millis{10'000}, 2);
  bool differs = false;
  for (int i = 0; i < 20; ++i) {
    const auto delay = one.next();
    EXPECT_EQ(delay, same.next());
    differs = differs || delay != other.next();
  }
  EXPECT_TRUE(differs) << "a city of boxes would come back in one second";
}

TEST(Backoff, SpreadsBoxesOverHalfOfTheDelay) {
  std::set<Millis::rep> delays;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    delays.insert(Backoff(Millis{1000}, Millis{1000}, seed).next().count());
  EXPECT_GT(delays.size(), 100u);
  EXPECT_LT(*delays.begin(), 550);
  EXPECT_GT(*delays.rbegin(), 950);
}

TEST(Backoff, SurvivesAnyNumberOfFailures) {
  Backoff backoff(Millis{1}, Millis{30'000}, 3);
  for (int i = 0; i < 10'000; ++i) {
    const auto delay = backoff.next();
    ASSERT_GE(delay.count(), 0);
    ASSERT_LE(delay.count(), 30'000);
  }
}

}  // namespace
}  // namespace anlan
