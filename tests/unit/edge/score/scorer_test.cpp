#include "edge/score/scorer.hpp"

#include <gtest/gtest.h>

#include "tests/unit/edge/score/trace.hpp"

namespace anlan::edge {
namespace {

TEST(Scorer, GivesLimitsAndDeviceWatchDifferentIds) {
  Scorer scorer(one_point(), counting_ids());
  play(scorer, "0=95 1=? 11=?");
  const auto active = scorer.active();
  ASSERT_EQ(active.size(), 2u);
  EXPECT_EQ(active[0].rule, "high");
  EXPECT_EQ(active[1].rule, "comm");
  EXPECT_NE(active[0].alert, active[1].alert);
}

TEST(Scorer, RefusesToResetATechnicalAlert) {
  Scorer scorer(one_point(), counting_ids());
  play(scorer, "0=? 10=?");
  const auto done = scorer.reset("site-a/tank-3", "comm", "王工", wall_from_ms(0), mono_from_ms(0));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::conflict);
}

TEST(Scorer, TakesAnEmptyTextForAnEmptyState) {
  Scorer scorer(one_point(), counting_ids());
  ASSERT_TRUE(scorer.restore("", instant_at(0)));
  EXPECT_TRUE(scorer.active().empty());
}

TEST(Scorer, StaysAsItWasWhenAStateCannotBeRead) {
  Scorer scorer(one_point(), counting_ids());
  play(scorer, "0=95");
  const std::string before = scorer.save(instant_at(1));
  EXPECT_EQ(scorer.restore("{}", instant_at(1)).error().code, Errc::malformed);
  EXPECT_EQ(scorer.restore(R"({"format":9})", instant_at(1)).error().code, Errc::unsupported);
  std::string unknown_rule = before;
  while (unknown_rule.find("\"high\"") != std::string::npos)
    unknown_rule.replace(unknown_rule.find("\"high\""), 6, "\"wide\"");
  EXPECT_EQ(scorer.restore(unknown_rule, instant_at(1)).error().message,
            "saved state: 'wide' is no rule of this program");
  EXPECT_EQ(scorer.save(instant_at(1)), before);
}

constexpr const char* kGone = "site-a/tank-3/temperature";

/// As one_point(), from a time when the point was still configured; both its alerts are on.
Scorer without_its_point() {
  Scorer scorer(one_point(), counting_ids());
  play(scorer, "0=95 1=? 11=?");
  Scorer other(Definition{{point_named("site-a/tank-4/level")}}, counting_ids());
  EXPECT_TRUE(other.restore(scorer.save(instant_at(12)), instant_at(20)));
  return other;
}

TEST(Scorer, AnAlertWhoseConfigurationIsGoneAfterARestartStaysUntilANamedPersonEndsIt) {
  Scorer scorer = without_its_point();
  ASSERT_EQ(describe(scorer.active()), "0 raised red, 11 raised yellow");
  EXPECT_TRUE(scorer.orphans().has(kGone, "high"));
  EXPECT_EQ(scorer.reset(kGone, "high", "", instant_at(30).wall, instant_at(30).mono).error().code,
            Errc::invalid_argument);
  const auto revision = scorer.revision();
  const auto ended = scorer.reset(kGone, "high", "王工", instant_at(30).wall, instant_at(30).mono);
  ASSERT_TRUE(ended) << "though it is still red, and no good value is there";
  EXPECT_EQ(describe({*ended}), "30 cleared red");
  EXPECT_EQ(ended->actor, "王工");
  EXPECT_NE(scorer.revision(), revision);
  EXPECT_TRUE(scorer.reset("site-a/tank-3", "comm", "王工", instant_at(31).wall, instant_at(31).mono));
  EXPECT_TRUE(scorer.active().empty());
  EXPECT_EQ(scorer.reset(kGone, "high", "王工", instant_at(32).wall, instant_at(32).mono).error().code,
            Errc::not_found);
}

TEST(Scorer, AnAlertWithoutAPlaceOutlivesFurtherRestartsAndReloads) {
  Scorer scorer = without_its_point();
  EXPECT_TRUE(scorer.reconfigure(Definition{{point_named("site-a/tank-5/level")}}, {}, instant_at(25).wall).empty());
  Scorer next(Definition{{point_named("site-a/tank-5/level")}}, counting_ids());
  ASSERT_TRUE(next.restore(scorer.save(instant_at(30)), instant_at(40)));
  EXPECT_EQ(describe(next.active()), "0 raised red, 11 raised yellow");
}

TEST(Scorer, AnAlertWhosePlaceIsBackGoesOnThere) {
  Scorer scorer = without_its_point();
  EXPECT_TRUE(scorer.reconfigure(one_point(), {}, instant_at(25).wall).empty());
  EXPECT_FALSE(scorer.orphans().has(kGone, "high"));
  EXPECT_EQ(describe(scorer.active()), "0 raised red, 11 raised yellow");
  EXPECT_EQ(play(scorer, "30=20 60=20"), "30 cleared yellow, 60 latched red");
}

TEST(Scorer, NobodyWorksOnWhatIsGoneSoItsAlertIsLive) {
  Scorer scorer(one_point(), counting_ids());
  ASSERT_TRUE(scorer.begin_maintenance("site-a/tank-3", "x", "", Millis{600'000}, instant_at(0), {0, 1}));
  play(scorer, "1=95");
  Scorer other(Definition{{point_named("site-a/tank-4/level")}}, counting_ids());
  ASSERT_TRUE(other.restore(scorer.save(instant_at(2)), instant_at(3)));
  const auto change = other.expire_maintenance(instant_at(3), true);
  ASSERT_EQ(change.transitions.size(), 1u);
  EXPECT_FALSE(change.transitions[0].maintenance);
}

TEST(Scorer, RestoresInPlaceOfWhatWasThere) {
  Scorer scorer(one_point(), counting_ids()), other(one_point(), counting_ids());
  play(scorer, "0=41 10=41");
  play(other, "0=95 1=?");
  ASSERT_TRUE(other.restore(scorer.save(instant_at(10)), instant_at(10)));
  EXPECT_EQ(other.save(instant_at(10)), scorer.save(instant_at(10)));
}

TEST(Scorer, KeepsEveryAlertWhereOnlyTheNewestTransitionsAreLeft) {
  Definition definition = one_point();
  definition.points.push_back(point_named("site-a/crane-2/load"));
  Scorer scorer(definition, counting_ids());
  play(scorer, "0=95 1=20 21=20");
  scorer.apply(sample_at(22, kNoValue, Quality::comm_failure, 1));
  scorer.apply(sample_at(32, kNoValue, Quality::comm_failure, 1));
  const auto active = scorer.active();
  ASSERT_EQ(describe(active), "21 latched red, 32 raised yellow");

  Scorer next(definition, counting_ids());
  next.resume(active);
  EXPECT_EQ(describe(next.active()), describe(active));
  EXPECT_EQ(play(next, "40=20 9999=20"), "") << "a latched red waits for a person";
  EXPECT_EQ(describe(next.apply(sample_at(9999, 1, Quality::good, 1))), "9999 cleared yellow");
  const auto reset =
      next.reset("site-a/tank-3/temperature", "high", "王工", wall_from_ms(kWallStart), mono_from_ms(9'999'000));
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->alert, active[0].alert);
  EXPECT_EQ(reset->version, active[0].version + 1);
}

TEST(Scorer, KeepsResumedAlertsThatNothingWatchesAnyMore) {
  AlertTransition gone;
  gone.level = Level::red;
  gone.source = "site-a/tank-9/gas";
  gone.rule = "high";
  AlertTransition unknown = gone;
  unknown.rule = "forecast";
  Scorer scorer(one_point(), counting_ids());
  scorer.resume({gone, unknown});
  EXPECT_EQ(scorer.active().size(), 2u);
  EXPECT_TRUE(scorer.reset(gone.source, "forecast", "王工", instant_at(1).wall, instant_at(1).mono));
  EXPECT_EQ(scorer.active().size(), 1u);
}

TEST(Scorer, ChangesItsRevisionWithEitherPart) {
  Scorer scorer(one_point(), counting_ids());
  const auto first = scorer.revision();
  play(scorer, "0=41");
  const auto second = scorer.revision();
  EXPECT_NE(second, first);
  play(scorer, "1=?");
  EXPECT_NE(scorer.revision(), second);
}

}  // namespace
}  // namespace anlan::edge
