#include "collector/store/victoria/lanes.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace anlan::collector::victoria {
namespace {

TEST(Lanes, TimesThatRiseNeedOneLane) {
  Lanes lanes;
  for (std::int64_t time = 0; time < 100; ++time) EXPECT_EQ(lanes.take(time), 0);
}

TEST(Lanes, ABacklogRunsBesideLiveData) {
  Lanes lanes;
  EXPECT_EQ(lanes.take(1000), 0);
  EXPECT_EQ(lanes.take(10), 1);
  EXPECT_EQ(lanes.take(1001), 0);
  EXPECT_EQ(lanes.take(11), 1);
  EXPECT_EQ(lanes.take(1001), 1) << "the same time again";
  EXPECT_EQ(lanes.take(1001), 2);
}

TEST(Lanes, NoLaneEverHasATimeTwiceAndWhatFitsNowhereIsSaid) {
  std::mt19937 random(3);
  Lanes lanes;
  std::set<std::pair<std::uint8_t, std::int64_t>> taken;
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto time = static_cast<std::int64_t>(random() % 50'000);
    const auto lane = lanes.take(time);
    refused += lane ? 0 : 1;
    if (lane) {
      ASSERT_LT(*lane, kMostLanes);
      ASSERT_TRUE(taken.emplace(*lane, time).second);
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(Lanes, AreReadBackAsTheyWere) {
  Lanes lanes;
  for (const std::int64_t time : {5000, 3000, 0, -7}) lanes.take(time);
  EXPECT_EQ(Lanes::parse(lanes.bytes()).value(), lanes);
  EXPECT_EQ(Lanes::parse("").value(), Lanes{});
  EXPECT_EQ(Lanes::parse("\x80").error().code, Errc::malformed);
  EXPECT_EQ(Lanes::parse(std::string(kMostLanes + 1, '\1')).error().code, Errc::malformed);
}

}  // namespace
}  // namespace anlan::collector::victoria
