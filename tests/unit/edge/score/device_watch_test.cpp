#include "edge/score/device_watch.hpp"

#include <gtest/gtest.h>

#include "tests/unit/edge/score/trace.hpp"

namespace anlan::edge {
namespace {

Definition two_points(Millis period = Millis{1000}) {
  Definition definition{{point_named("site-a/tank-3/level"), point_named("site-a/tank-3/temperature")}};
  for (auto& point : definition.points) point.period = period;
  return definition;
}

struct DeviceWatchTest : testing::Test {
  DeviceWatch watch{two_points(), counting_ids(), {{"site-a/tank-3", "3号罐"}}};

  std::string apply(double seconds, Quality level, Quality temperature) {
    return apply_to(watch, seconds, level, temperature);
  }
  static std::string apply_to(DeviceWatch& to, double seconds, Quality level, Quality temperature) {
    auto all = to.apply(sample_at(seconds, level == Quality::good ? 1 : kNoValue, level, 0));
    for (auto& t : to.apply(sample_at(seconds, temperature == Quality::good ? 1 : kNoValue, temperature, 1)))
      all.push_back(std::move(t));
    return describe(all);
  }
};

constexpr auto kGood = Quality::good, kComm = Quality::comm_failure, kFault = Quality::device_fault;

TEST_F(DeviceWatchTest, RaisesYellowAfterTenSecondsOfSilence) {
  apply(0, kGood, kGood);
  EXPECT_EQ(apply(1, kComm, kComm), "");
  EXPECT_EQ(apply(10.9, kComm, kComm), "");
  EXPECT_EQ(apply(11, kComm, kComm), "11 raised yellow");
  EXPECT_EQ(apply(99, kComm, kComm), "");
}

TEST_F(DeviceWatchTest, SaysWhatIsWrongAndSinceWhen) {
  apply(1, kComm, kComm);
  const auto raised = watch.apply(sample_at(11, kNoValue, kComm, 0));
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_EQ(raised[0].source, "site-a/tank-3");
  EXPECT_EQ(raised[0].asset, "site-a/tank-3");
  EXPECT_EQ(raised[0].rule, "comm");
  EXPECT_EQ(raised[0].name, "3号罐");
  EXPECT_EQ(raised[0].score, 60);
  EXPECT_EQ(raised[0].evidence.quality, kComm);
  EXPECT_EQ(raised[0].evidence.since, wall_from_ms(kWallStart + 1000));
  EXPECT_NE(raised[0].evidence.value, raised[0].evidence.value) << "no value";
}

TEST_F(DeviceWatchTest, WaitsThreePeriodsOfASlowDevice) {
  DeviceWatch slow(two_points(Millis{60'000}), counting_ids());
  apply_to(slow, 0, kComm, kComm);
  EXPECT_EQ(apply_to(slow, 120, kComm, kComm), "");
  EXPECT_EQ(apply_to(slow, 180, kComm, kComm), "180 raised yellow");
}

TEST_F(DeviceWatchTest, GoesByTheDevicesFastestPoint) {
  Definition definition = two_points(Millis{60'000});
  definition.points[1].period = Millis{1000};
  DeviceWatch mixed(definition, counting_ids());
  apply_to(mixed, 0, kComm, kComm);
  EXPECT_EQ(apply_to(mixed, 10, kComm, kComm), "10 raised yellow");
}

TEST_F(DeviceWatchTest, IsContentWhileOnePointIsGood) {
  for (int t = 0; t < 100; ++t) EXPECT_EQ(apply(t, kFault, kGood), "");
}

TEST_F(DeviceWatchTest, BeginsAnewWithEachGoodSample) {
  apply(0, kComm, kComm);
  apply(9, kGood, kComm);
  apply(9.5, kComm, kComm);
  EXPECT_EQ(apply(19, kComm, kComm), "");
  EXPECT_EQ(apply(19.5, kComm, kComm), "19.5 raised yellow");
}

TEST_F(DeviceWatchTest, ClearsByItselfWithTheFirstGoodSample) {
  apply(0, kComm, kComm);
  ASSERT_EQ(apply(10, kComm, kComm), "10 raised yellow");
  EXPECT_EQ(apply(11, kComm, kGood), "11 cleared yellow");
  EXPECT_TRUE(watch.active().empty());
  EXPECT_EQ(apply(12, kGood, kGood), "");
}

TEST_F(DeviceWatchTest, DoesNotTakeAGoodSampleWithoutAValueForGood) {
  apply(0, kComm, kComm);
  EXPECT_EQ(describe(watch.apply(sample_at(10, kNoValue, kGood, 0))), "10 raised yellow");
}

TEST_F(DeviceWatchTest, WatchesEachDeviceApart) {
  DeviceWatch both({{point_named("site-a/tank-3/level"), point_named("site-a/tank-4/level")}}, counting_ids());
  apply_to(both, 0, kComm, kGood);
  EXPECT_EQ(apply_to(both, 10, kComm, kGood), "10 raised yellow");
  ASSERT_EQ(both.active().size(), 1u);
  EXPECT_EQ(both.active()[0].source, "site-a/tank-3");
}

TEST_F(DeviceWatchTest, GoesOnAfterARestartAsIfThereHadBeenNone) {
  apply(0, kGood, kComm);
  apply(1, kComm, kComm);
  DeviceWatch next(two_points(), counting_ids());
  EXPECT_TRUE(next.adopt(watch.tracks(), wall_from_ms(kWallStart)).empty());
  EXPECT_EQ(describe(next.apply(sample_at(11, kNoValue, kComm, 0))), "11 raised yellow");
}

TEST_F(DeviceWatchTest, RemembersOverARestartWhichPointsAreBad) {
  apply(0, kGood, kComm);
  DeviceWatch next(two_points(), counting_ids());
  next.adopt(watch.tracks(), wall_from_ms(kWallStart));
  next.apply(sample_at(1, kNoValue, kComm, 0));
  EXPECT_EQ(describe(next.apply(sample_at(11, kNoValue, kComm, 0))), "11 raised yellow");
}

TEST_F(DeviceWatchTest, ClearsTheAlertOfADeviceThatIsGone) {
  apply(0, kComm, kComm);
  apply(10, kComm, kComm);
  const auto gone = watch.reconfigure({{point_named("site-a/tank-4/level")}}, {}, wall_from_ms(kWallStart + 20'000));
  ASSERT_EQ(describe(gone), "20 cleared yellow");
  EXPECT_EQ(gone[0].actor, "configuration");
}

TEST_F(DeviceWatchTest, HasSomethingNewToSaveExactlyWhenItsStateChanged) {
  std::uint64_t revision = watch.revision();
  auto state = watch.tracks();
  const Quality trace[][2] = {{kGood, kGood}, {kComm, kGood}, {kComm, kComm},
                              {kComm, kComm}, {kGood, kComm}, {kGood, kGood}};
  double t = 0;
  for (const auto& [level, temperature] : trace) {
    apply(t += 10, level, temperature);
    EXPECT_EQ(watch.revision() != revision, watch.tracks() != state) << t;
    revision = watch.revision();
    state = watch.tracks();
  }
}

}  // namespace
}  // namespace anlan::edge
