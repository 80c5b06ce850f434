// The rules of edge/score/maintenance.hpp; the stories are tests/scenario/scoring/maintenance-*.scenario.
#include "edge/score/maintenance.hpp"

#include <gtest/gtest.h>

#include "tests/unit/edge/score/trace.hpp"

namespace anlan::edge {
namespace {

AlertTransition stands(Level level, AlertStep step = AlertStep::raised, std::optional<Level> mark = std::nullopt) {
  AlertTransition t;
  t.step = step;
  t.level = level;
  t.maintenance = mark;
  return t;
}

TEST(MaintenanceMark, IsThatOfItsTable) {
  const auto mark = [](const AlertTransition* before, AlertStep step, Level level) {
    return maintenance_mark(before, stands(level, step), true);
  };
  const AlertTransition live = stands(Level::yellow), orange = stands(Level::orange);
  const AlertTransition raised_under = stands(Level::red, AlertStep::raised, Level::none);
  const AlertTransition risen_under = stands(Level::red, AlertStep::upgraded, Level::orange);
  EXPECT_EQ(maintenance_mark(&risen_under, stands(Level::red), false), std::nullopt) << "in service";
  EXPECT_EQ(mark(nullptr, AlertStep::raised, Level::red), Level::none);
  EXPECT_EQ(mark(&live, AlertStep::upgraded, Level::red), Level::yellow);
  EXPECT_EQ(mark(&raised_under, AlertStep::latched, Level::red), Level::none);
  EXPECT_EQ(mark(&raised_under, AlertStep::cleared, Level::red), Level::none);
  EXPECT_EQ(mark(&risen_under, AlertStep::latched, Level::red), Level::orange);
  EXPECT_EQ(mark(&risen_under, AlertStep::downgraded, Level::yellow), Level::yellow) << "never above its own";
  EXPECT_EQ(mark(&orange, AlertStep::downgraded, Level::yellow), std::nullopt);
  EXPECT_EQ(mark(&orange, AlertStep::cleared, Level::orange), std::nullopt);
}

TEST(Maintenance, ASecondWindowOfTheSamePersonReplacesTheFirst) {
  Maintenance m;
  ASSERT_TRUE(m.begin("a/b", "王工", "", Millis{60'000}, instant_at(0), {0, 1}));
  const auto again = m.begin("a/b", "王工", "", Millis{5'000}, instant_at(10), {0, 2});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->replaced->window.id, (MaintenanceId{0, 1}));
  EXPECT_EQ(m.open().size(), 1u);
  EXPECT_EQ(m.next_end(), instant_at(15).mono) << "shorter than before, as asked";
}

TEST(Maintenance, RefusesWhatMakesNoSense) {
  Maintenance m;
  const auto code = [&](std::string_view by, Millis time) {
    return m.begin("a/b", by, "", time, instant_at(0), {0, 1}).error().code;
  };
  EXPECT_EQ(code("", Millis{60'000}), Errc::invalid_argument);
  EXPECT_EQ(code("\xFF", Millis{60'000}), Errc::invalid_argument);
  EXPECT_EQ(code("x", Millis{999}), Errc::invalid_argument);
  EXPECT_EQ(code("x", kLongestMaintenance + Millis{1}), Errc::invalid_argument);
  for (std::size_t i = 0; i < kMostWindows; ++i)
    ASSERT_TRUE(m.begin("a/b", "p" + std::to_string(i), "", Millis{60'000}, instant_at(0), {1, i}));
  EXPECT_EQ(code("x", Millis{60'000}), Errc::conflict);
  EXPECT_EQ(m.revision(), kMostWindows) << "a refusal changes nothing";
}

TEST(Maintenance, CoversADeviceAndItsPointsAndNoOtherOfASimilarName) {
  Maintenance m;
  ASSERT_TRUE(m.begin("a/tank-3", "x", "", Millis{60'000}, instant_at(0), {0, 1}));
  EXPECT_TRUE(m.covers("a/tank-3"));
  EXPECT_TRUE(m.covers("a/tank-3/gas"));
  EXPECT_FALSE(m.covers("a/tank-31/gas"));
  EXPECT_FALSE(m.covers("a/tank-31"));
  EXPECT_FALSE(m.covers("b/tank-3/gas"));
}

TEST(Maintenance, ASynchronisedClockEndsWhatWasBegunBeforeAReboot) {
  SavedState state{instant_at(0),
                   {},
                   {{"a/b", {{0, 1}, "x", "", instant_at(0).wall, instant_at(60).wall, {}}, instant_at(60).mono}}};
  Instant up{instant_at(40).wall, mono_from_ms(5'000), {2, 2}};
  up.wall -= Millis{100'000};  // a clock that nobody has set
  translate(state, up);
  Maintenance m;
  m.adopt(state.maintenance);
  EXPECT_EQ(m.next_end(), up.mono + Millis{60'000}) << "lengthened by the time it was down, never by more";
  up.wall = instant_at(61).wall;
  EXPECT_TRUE(m.expire(up, false).empty()) << "this clock proves nothing";
  EXPECT_EQ(m.expire(up, true).size(), 1u);
}

TEST(Maintenance, ComesBackFromTheSavedText) {
  SavedState state{instant_at(7), {}, {}};
  Maintenance m;
  ASSERT_TRUE(m.begin("a/b", "王工 \"x\"", "标定\n", Millis{60'000}, instant_at(7), {3, 4}));
  state.maintenance = m.open();
  SavedTrack track{.source = "a/b/c", .rule = "high", .timers = {}, .bad = {}, .alert = std::nullopt};
  track.alert = stands(Level::red, AlertStep::latched, Level::none);
  track.alert->version = 1;
  track.alert->source = "a/b/c";
  track.alert->rule = "high";
  state.tracks.push_back(track);
  const auto back = decode(encode(state));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->maintenance, state.maintenance);
  EXPECT_EQ(back->tracks[0].alert->maintenance, Level::none);
  std::string wrong = encode(state);
  wrong.replace(wrong.find("\"maintenance\":\"none\""), 20, "\"maintenance\":\"gone\"");
  EXPECT_EQ(decode(wrong).error().code, Errc::malformed);
}

TEST(Maintenance, AStateThatCannotBeReadLeavesNoAlertMarked) {
  Scorer scorer(one_point(), counting_ids());
  ASSERT_TRUE(scorer.begin_maintenance("site-a/tank-3", "x", "", Millis{600'000}, instant_at(0), {0, 1}));
  play(scorer, "1=95");
  Scorer next(one_point(), counting_ids());
  next.resume(scorer.active());
  const auto change = next.expire_maintenance(instant_at(2), true);
  ASSERT_EQ(change.transitions.size(), 1u);
  EXPECT_FALSE(change.transitions[0].maintenance) << "it rings rather than stays hidden";
}

}  // namespace
}  // namespace anlan::edge
