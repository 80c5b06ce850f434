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
  const auto gone = scorer.restore("", instant_at(0));
  ASSERT_TRUE(gone);
  EXPECT_TRUE(gone->empty());
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

TEST(Scorer, ClearsWhatIsNoLongerConfiguredWhenItIsRestored) {
  Scorer scorer(one_point(), counting_ids());
  play(scorer, "0=95 1=? 11=?");
  Scorer other({{point_named("site-a/tank-4/level")}}, counting_ids());
  const auto gone = other.restore(scorer.save(instant_at(12)), instant_at(20));
  ASSERT_TRUE(gone);
  EXPECT_EQ(describe(*gone), "20 cleared red, 20 cleared yellow");
  for (const auto& t : *gone) EXPECT_EQ(t.actor, "configuration");
  EXPECT_TRUE(other.active().empty());
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
  EXPECT_TRUE(next.resume(active, wall_from_ms(kWallStart)).empty());
  EXPECT_EQ(describe(next.active()), describe(active));
  EXPECT_EQ(play(next, "40=20 9999=20"), "") << "a latched red waits for a person";
  EXPECT_EQ(describe(next.apply(sample_at(9999, 1, Quality::good, 1))), "9999 cleared yellow");
  const auto reset =
      next.reset("site-a/tank-3/temperature", "high", "王工", wall_from_ms(kWallStart), mono_from_ms(9'999'000));
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->alert, active[0].alert);
  EXPECT_EQ(reset->version, active[0].version + 1);
}

TEST(Scorer, ClearsResumedAlertsThatNothingWatchesAnyMore) {
  AlertTransition gone;
  gone.level = Level::red;
  gone.source = "site-a/tank-9/gas";
  gone.rule = "high";
  AlertTransition unknown = gone;
  unknown.rule = "forecast";
  Scorer scorer(one_point(), counting_ids());
  const auto cleared = scorer.resume({gone, unknown}, wall_from_ms(kWallStart));
  EXPECT_EQ(describe(cleared), "0 cleared red, 0 cleared red");
  for (const auto& t : cleared) EXPECT_EQ(t.actor, "configuration");
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
