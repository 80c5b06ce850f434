#include "collector/alert/alert_state.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

struct Case {
  const char* what;
  Shown shown;
  AlertStep step;
  Level peak, acknowledged;
  AlertState expected;
};

// One case per cell of the table in docs/alerts-and-hazards.md.
const Case kCases[] = {
    {"raised", Shown::active, AlertStep::raised, Level::orange, Level::none, AlertState::active_unacked},
    {"raised, seen", Shown::active, AlertStep::raised, Level::orange, Level::orange, AlertState::active_acked},
    {"seen at yellow, now red", Shown::active, AlertStep::upgraded, Level::red, Level::yellow,
     AlertState::active_unacked},
    {"seen at red, now orange", Shown::active, AlertStep::downgraded, Level::red, Level::red, AlertState::active_acked},
    {"latched", Shown::active, AlertStep::latched, Level::red, Level::none, AlertState::latched},
    {"latched, seen", Shown::active, AlertStep::latched, Level::red, Level::red, AlertState::latched},
    {"uncertain", Shown::uncertain, AlertStep::raised, Level::red, Level::none, AlertState::active_unacked},
    {"uncertain, seen", Shown::uncertain, AlertStep::raised, Level::red, Level::red, AlertState::active_acked},
    {"over, nobody saw it", Shown::over, AlertStep::cleared, Level::yellow, Level::none, AlertState::cleared_unacked},
    {"over, seen below its peak", Shown::over, AlertStep::cleared, Level::red, Level::yellow,
     AlertState::cleared_unacked},
    {"over, seen", Shown::over, AlertStep::cleared, Level::red, Level::red, AlertState::over},
    {"blue needs nobody", Shown::over, AlertStep::cleared, Level::blue, Level::none, AlertState::over},
};

TEST(AlertState, FollowsItsTable) {
  for (const auto& c : kCases)
    EXPECT_EQ(alert_state(c.shown, c.step, c.peak, c.peak, c.acknowledged), c.expected) << c.what;
}

TEST(AlertState, CountsUnderMaintenanceOnlyWhatWasLiveBefore) {
  constexpr Level none = Level::none, orange = Level::orange;
  EXPECT_EQ(alert_state(Shown::active, AlertStep::raised, none, none, none), AlertState::out_of_service);
  EXPECT_EQ(alert_state(Shown::active, AlertStep::latched, none, none, none), AlertState::out_of_service);
  EXPECT_EQ(alert_state(Shown::uncertain, AlertStep::raised, none, none, none), AlertState::out_of_service);
  EXPECT_EQ(alert_state(Shown::over, AlertStep::cleared, none, none, none), AlertState::over);
  EXPECT_EQ(alert_state(Shown::active, AlertStep::upgraded, orange, orange, orange), AlertState::active_acked);
  EXPECT_EQ(alert_state(Shown::active, AlertStep::latched, orange, orange, none), AlertState::active_unacked)
      << "red under maintenance, orange live";
}

TEST(AlertState, NamesReadBack) {
  for (const auto state : kAlertStates) EXPECT_EQ(alert_state_from(to_string(state)), state);
  EXPECT_FALSE(alert_state_from("cleared"));
}

}  // namespace
}  // namespace anlan::collector
