#include "edge/score/limit_engine.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/unit/edge/score/trace.hpp"

namespace anlan::edge {
namespace {

constexpr std::string_view kSource = "site-a/tank-3/temperature";

struct LimitEngineTest : testing::Test {
  LimitEngine engine{one_point(), counting_ids()};

  std::string reset(double seconds, std::string_view actor = "王工", std::string_view source = kSource,
                    std::string_view rule = "high") {
    const Instant now = instant_at(seconds);
    const auto done = engine.reset(source, rule, actor, now.wall, now.mono);
    if (!done) return std::string(to_string(done.error().code)) + ": " + done.error().message;
    return describe(*done) + " by " + done->actor;
  }
};

TEST_F(LimitEngineTest, CarriesItsEvidence) {
  play(engine, "0=20 1=80");
  const auto raised = engine.apply(sample_at(11, 81));
  ASSERT_EQ(raised.size(), 1u);
  const AlertTransition expected{.alert = {0, 1},
                                 .version = 1,
                                 .step = AlertStep::raised,
                                 .level = Level::orange,
                                 .source = "site-a/tank-3/temperature",
                                 .asset = "site-a/tank-3",
                                 .rule = "high",
                                 .name = "3号罐温度",
                                 .evidence = {.value = 81,
                                              .limit = 75,
                                              .unit = "Cel",
                                              .since = wall_from_ms(kWallStart + 1000),
                                              .quality = Quality::good},
                                 .score = 81,
                                 .at = wall_from_ms(kWallStart + 11'000),
                                 .actor = ""};
  EXPECT_EQ(raised[0], expected);
}

TEST_F(LimitEngineTest, SaysWhichLimitWasLeftAndSinceWhen) {
  play(engine, "0=80 10=80 20=10");
  const auto down = engine.apply(sample_at(40, 11));
  ASSERT_EQ(describe(down), "40 downgraded yellow");
  EXPECT_EQ(down[0].evidence.limit, 75);
  EXPECT_EQ(down[0].evidence.value, 11);
  EXPECT_EQ(down[0].evidence.since, wall_from_ms(kWallStart + 20'000));
}

TEST_F(LimitEngineTest, SaysThatAnAlarmRestsOnAnOutOfRangeValue) {
  play(engine, "0=120!");
  const auto raised = engine.apply(sample_at(10, 120, Quality::out_of_range));
  ASSERT_EQ(describe(raised), "10 raised red");
  EXPECT_EQ(raised[0].evidence.quality, Quality::out_of_range);
  EXPECT_EQ(raised[0].score, 100);
}

TEST_F(LimitEngineTest, CountsVersionsWithinAnAlertAndGivesTheNextOneANewId) {
  std::vector<AlertTransition> all;
  for (const Sample& sample : parse_trace("0=41 10=41 20=95 30=0 50=0"))
    for (const auto& t : engine.apply(sample)) all.push_back(t);
  ASSERT_EQ(describe(all), "10 raised blue, 20 upgraded red, 50 latched red");
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].alert, (AlertId{0, 1}));
    EXPECT_EQ(all[i].version, i + 1);
  }
  ASSERT_EQ(reset(51), "51 cleared red by 王工");
  const auto again = engine.apply(sample_at(60, 90));
  EXPECT_EQ(again.at(0).alert, (AlertId{0, 2}));
  EXPECT_EQ(again.at(0).version, 1u);
}

TEST_F(LimitEngineTest, ListsTheNewestTransitionOfEachActiveAlert) {
  EXPECT_TRUE(engine.active().empty());
  play(engine, "0=41 10=41 20=95");
  ASSERT_EQ(describe(engine.active()), "20 upgraded red");
  play(engine, "30=0 50=0");
  EXPECT_EQ(describe(engine.active()), "50 latched red");
  reset(51);
  EXPECT_TRUE(engine.active().empty());
}

TEST_F(LimitEngineTest, NamesTheConfiguredAsset) {
  Definition definition = one_point();
  definition.points[0].asset = "site-a/crane-1";
  LimitEngine other(definition, counting_ids());
  EXPECT_EQ(other.apply(sample_at(0, 95)).at(0).asset, "site-a/crane-1");
}

TEST_F(LimitEngineTest, ThrowsForAPointThatIsNotDefined) {
  EXPECT_THROW(engine.apply(sample_at(0, 1, Quality::good, 1)), std::out_of_range);
}

// ---- reset ----------------------------------------------------------------------------------------------------------

TEST_F(LimitEngineTest, IsClearedByAPersonOnceTheValueIsBack) {
  play(engine, "0=95 10=20 30=20");
  EXPECT_EQ(reset(31), "31 cleared red by 王工");
  EXPECT_TRUE(engine.active().empty());
}

TEST_F(LimitEngineTest, IsLoweredToTheLevelThatTheValueDeserves) {
  play(engine, "0=95 10=80 30=80");
  EXPECT_EQ(reset(31), "31 downgraded orange by 王工");
  EXPECT_EQ(play(engine, "32=0 52=0 72=0 92=0"), "52 downgraded yellow, 72 downgraded blue, 92 cleared blue");
}

TEST_F(LimitEngineTest, CountsTheDeadbandAsStillHoldingALevelAtAReset) {
  play(engine, "0=95 10=73.5 30=73.5");
  EXPECT_EQ(reset(31), "31 downgraded orange by 王工");
}

TEST_F(LimitEngineTest, RefusesAResetWhileStillAtRed) {
  play(engine, "0=95 10=20 29=20");
  EXPECT_EQ(reset(29),
            "conflict: site-a/tank-3/temperature high is still at red (newest value 20 Cel, limit 90, deadband 2): "
            "reset it when the value has been back for 20 s");
  EXPECT_EQ(describe(engine.active()), "0 raised red");
}

TEST_F(LimitEngineTest, RefusesAResetWhenTheValueHasComeBackIntoTheDeadbandOfRed) {
  play(engine, "0=95 10=20 30=20 31=89");
  EXPECT_TRUE(reset(31).starts_with("conflict: site-a/tank-3/temperature high is still at red (newest value 89 Cel"))
      << reset(31);
}

TEST_F(LimitEngineTest, RefusesAResetWithoutAGoodValue) {
  play(engine, "0=95 10=20 30=20 31=?");
  EXPECT_TRUE(reset(31).starts_with("conflict: site-a/tank-3/temperature high has no good value now")) << reset(31);
  play(engine, "32=20!");
  EXPECT_TRUE(reset(32).starts_with("conflict")) << reset(32);
  play(engine, "33=20");
  EXPECT_EQ(reset(33), "33 cleared red by 王工");
}

TEST_F(LimitEngineTest, RefusesAResetOnAnOldValue) {
  play(engine, "0=95 10=20 30=20");
  EXPECT_TRUE(reset(41).starts_with("conflict: site-a/tank-3/temperature high has had no value for 11 s")) << reset(41);
}

TEST_F(LimitEngineTest, RefusesAResetOfWhatIsNotRed) {
  play(engine, "0=80 10=80");
  EXPECT_TRUE(reset(11).starts_with("conflict: site-a/tank-3/temperature high is orange, not red")) << reset(11);
}

TEST_F(LimitEngineTest, RefusesAResetOfWhatIsNotThere) {
  EXPECT_EQ(reset(0), "not found: no active alert 'high' of 'site-a/tank-3/temperature'");
  play(engine, "0=95");
  EXPECT_TRUE(reset(1, "王工", "site-a/tank-4/temperature").starts_with("not found"));
  EXPECT_TRUE(reset(1, "王工", kSource, "low").starts_with("not found"));
}

TEST_F(LimitEngineTest, RefusesAResetByNobody) {
  play(engine, "0=95 10=20 30=20");
  EXPECT_TRUE(reset(31, "").starts_with("invalid argument"));
  EXPECT_TRUE(reset(31, "\xFF\xFE").starts_with("invalid argument"));
  EXPECT_EQ(describe(engine.active()), "30 latched red");
}

// ---- another configuration
// --------------------------------------------------------------------------------------------

TEST_F(LimitEngineTest, JudgesALiveAlertByNewLimitsAtTheNextSample) {
  play(engine, "0=80 10=80");
  Limits raised = usual_limits();
  raised.high.at = {80, 90, 100, 110};
  EXPECT_TRUE(engine.reconfigure(one_point(raised), wall_from_ms(kWallStart + 11'000)).empty());
  EXPECT_EQ(describe(engine.active()), "10 raised orange");
  EXPECT_EQ(play(engine, "12=80 32=80 52=80 99=80"), "32 downgraded yellow, 52 downgraded blue");
}

TEST_F(LimitEngineTest, LatchesARedWhoseLimitIsGone) {
  play(engine, "0=95");
  Limits without = usual_limits();
  without.high.at[3].reset();
  engine.reconfigure(one_point(without), wall_from_ms(kWallStart));
  EXPECT_EQ(play(engine, "1=95 21=95"), "21 latched red");
  EXPECT_EQ(reset(21), "21 downgraded orange by 王工");
}

TEST_F(LimitEngineTest, KeepsARunningDelayThroughAReconfigurationByPathNotByIndex) {
  play(engine, "0=41 5=41");
  Definition moved{{point_named("site-a/tank-1/level"), point_named(std::string(kSource))}};
  engine.reconfigure(moved, wall_from_ms(kWallStart));
  EXPECT_EQ(describe(engine.apply(sample_at(10, 41, Quality::good, 1))), "10 raised blue");
  EXPECT_EQ(describe(engine.apply(sample_at(10, 41, Quality::good, 0))), "");
}

TEST_F(LimitEngineTest, KnowsTheNewestValueThroughAReconfiguration) {
  play(engine, "0=95 10=50 30=50");
  engine.reconfigure(Definition{{point_named("site-a/tank-1/level"), point_named(std::string(kSource))}},
                     wall_from_ms(kWallStart));
  EXPECT_EQ(engine.score(0), std::nullopt);
  EXPECT_EQ(reset(31), "31 downgraded blue by 王工");
  EXPECT_EQ(engine.score(1), 50);
}

TEST_F(LimitEngineTest, ClearsTheAlertOfAPointThatIsGoneAndSaysWhy) {
  play(engine, "0=95");
  const WallTime at = wall_from_ms(kWallStart + 5000);
  const auto gone = engine.reconfigure(Definition{{point_named("site-a/tank-1/level")}}, at);
  ASSERT_EQ(describe(gone), "5 cleared red");
  EXPECT_EQ(gone[0].actor, "configuration");
  EXPECT_EQ(gone[0].version, 2u);
  EXPECT_EQ(gone[0].evidence.value, 95);
  EXPECT_TRUE(engine.active().empty());
}

TEST_F(LimitEngineTest, ClearsTheAlertOfADirectionWithoutLimits) {
  play(engine, "0=95");
  Limits low_only = usual_limits();
  std::swap(low_only.high, low_only.low);
  low_only.low.at = {4, 3, 2, 1};
  const auto gone = engine.reconfigure(one_point(low_only), wall_from_ms(kWallStart));
  ASSERT_EQ(describe(gone), "0 cleared red");
  EXPECT_EQ(gone[0].rule, "high");
}

TEST_F(LimitEngineTest, APointWithoutLimitsRaisesNothingAndTakesUpItsAlertsWhenItHasLimits) {
  PointDefinition free = point_named("site-a/tank-1/level");
  free.limits = {};
  Definition both = one_point();
  both.points.insert(both.points.begin(), {free, free});
  both.points[1].path.point = "flow";
  engine.reconfigure(both, wall_from_ms(kWallStart));
  for (const std::uint32_t point : {0u, 1u}) {
    EXPECT_EQ(engine.score(point), std::nullopt);
    Sample wild = sample_at(1, 1e300);
    wild.point = point;
    EXPECT_TRUE(engine.apply(wild).empty());
    EXPECT_EQ(engine.score(point), 0);
    EXPECT_FALSE(engine.raised(point));
  }
  Sample hot = sample_at(2, 95);
  hot.point = 2;
  EXPECT_EQ(describe(engine.apply(hot)), "2 raised red");
  EXPECT_TRUE(engine.raised(2));
  EXPECT_FALSE(engine.raised(0));
  ASSERT_EQ(engine.active().size(), 1u);
  EXPECT_EQ(engine.active()[0].source, kSource);
  both.points[0].limits = both.points[2].limits;
  EXPECT_TRUE(engine.reconfigure(both, wall_from_ms(kWallStart + 3000)).empty());
  EXPECT_EQ(engine.active().size(), 1u);
  Sample level = sample_at(4, 95);
  level.point = 0;
  EXPECT_EQ(describe(engine.apply(level)), "4 raised red");
}

// ---- score
// ------------------------------------------------------------------------------------------------------------

TEST_F(LimitEngineTest, ScoresTheNewestValueThatMayBeBelieved) {
  EXPECT_EQ(engine.score(0), std::nullopt);
  EXPECT_EQ(engine.risk(), 0);
  play(engine, "0=60 1=?");
  EXPECT_EQ(engine.score(0), 60);
  play(engine, "2=65!");
  EXPECT_EQ(engine.score(0), 65);
  EXPECT_EQ(engine.risk(), 65);
}

TEST_F(LimitEngineTest, NeverScoresBelowTheActiveLevel) {
  play(engine, "0=95 1=10");
  EXPECT_EQ(engine.score(0), 90);
  play(engine, "2=? 30=10 50=10");
  EXPECT_EQ(engine.risk(), 90) << "latched";
  reset(51);
  EXPECT_LT(engine.risk(), 40);
}

TEST_F(LimitEngineTest, TakesTheWorstPointForTheWhole) {
  LimitEngine two(Definition{{point_named("site-a/tank-1/level"), point_named(std::string(kSource))}}, counting_ids());
  two.apply(sample_at(0, 50, Quality::good, 0));
  two.apply(sample_at(0, 80, Quality::good, 1));
  EXPECT_EQ(two.risk(), *two.score(1));
  EXPECT_LT(*two.score(0), *two.score(1));
}

TEST_F(LimitEngineTest, RaisesAPointsRiskNearItsLimitAndWhileAnythingIsOnItsWay) {
  EXPECT_FALSE(engine.raised(0)) << "nothing is known";
  const std::vector<std::pair<double, bool>> steps{{20, false}, {29.9, false}, {30, true}, {41, true},
                                                   {20, false}, {95, true},    {20, true}};  // red is latched
  double at = 0;
  for (const auto& [value, raised] : steps) {
    engine.apply(sample_at(at, value));
    EXPECT_EQ(engine.raised(0), raised) << value << " at " << at;
    at += 1;
  }
  engine.apply(sample_at(at, kNoValue, Quality::comm_failure));
  EXPECT_TRUE(engine.raised(0)) << "silence makes nothing safe";
}

// ---- when to save
// -----------------------------------------------------------------------------------------------------

TEST_F(LimitEngineTest, HasNothingNewToSaveWhileNothingHappens) {
  const auto before = engine.revision();
  play(engine, "0=20 1=39.9 2=? 3=0 4=-1!");
  EXPECT_EQ(engine.revision(), before);
}

TEST_F(LimitEngineTest, HasSomethingNewToSaveExactlyWhenItsStateChanged) {
  std::uint64_t revision = engine.revision();
  std::vector<SavedTrack> state = engine.tracks();
  for (const Sample& sample : parse_trace("0=41 1=42 2=? 3=43 10=44 11=80 12=81 20=20 21=20 22=? 23=? 24=20 60=20 "
                                          "80=20 81=20 90=95 95=20 120=20 130=?")) {
    engine.apply(sample);
    const auto now = engine.tracks();
    EXPECT_EQ(engine.revision() != revision, now != state) << describe(engine.active()) << " at " << to_ms(sample.mono);
    revision = engine.revision();
    state = now;
  }
  EXPECT_TRUE(reset(131).starts_with("conflict"));
  EXPECT_EQ(engine.revision(), revision);
  play(engine, "131=20");
  revision = engine.revision();
  reset(131);
  EXPECT_NE(engine.revision(), revision);
}

}  // namespace
}  // namespace anlan::edge
