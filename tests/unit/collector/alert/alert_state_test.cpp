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
  for (const auto& c : kCases) EXPECT_EQ(alert_state(c.shown, c.step, c.peak, c.acknowledged), c.expected) << c.what;
}

TEST(AlertState, NamesReadBack) {
  for (const auto state : kAlertStates) EXPECT_EQ(alert_state_from(to_string(state)), state);
  EXPECT_FALSE(alert_state_from("cleared"));
}

}  // namespace
}  // namespace anlan::collector
