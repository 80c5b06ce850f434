// An alert as people and later stages see it: the edge's newest word, plus what needs people. Values only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/people/actor.hpp"
#include "common/model/alert.hpp"

namespace anlan::collector {

/// The states for people (after ISA-18.2; docs/alerts-and-hazards.md has the table of arrows).
enum class AlertState : std::uint8_t {
  active_unacked,
  active_acked,
  latched,          // red, the value is back, waiting for a reset on the site; acknowledged or not
  cleared_unacked,  // over, and nobody has acknowledged it (yellow and above only)
  over,
  out_of_service,  // under maintenance since before it was raised: recorded, and counts for nothing
};

inline constexpr std::array kAlertStates{AlertState::active_unacked, AlertState::active_acked,
                                         AlertState::latched,        AlertState::cleared_unacked,
                                         AlertState::over,           AlertState::out_of_service};

constexpr std::string_view to_string(AlertState state) {
  constexpr std::string_view names[] = {"active-unacked",  "active-acked", "latched",
                                        "cleared-unacked", "over",         "out-of-service"};
  return names[static_cast<std::size_t>(state)];
}

constexpr std::optional<AlertState> alert_state_from(std::string_view text) {
  for (const AlertState state : kAlertStates)
    if (to_string(state) == text) return state;
  return std::nullopt;
}

/// True where the danger may still be there: what no hazard may be closed on.
constexpr bool is_active(AlertState state) { return state != AlertState::cleared_unacked && state != AlertState::over; }

struct Acknowledgement {
  Actor actor;
  std::string note;
  WallTime at{};
  Level level = Level::none;  // what was acknowledged; a higher level needs another
};

/// Which edge something comes from. Alerts of the centre about an edge name that edge too.
struct EdgeRef {
  std::string edge, site;
};

struct Alert {
  AlertId id;
  EdgeRef origin;
  bool technical = false;  // raised by the centre: edge-silent, two-boxes
  std::string source;      // site/device/point, site/device, or site/edge for a technical one
  std::string asset, rule, name;
  AlertState state = AlertState::active_unacked;
  bool uncertain = false;            // PROTOCOL.md rule 11: active as far as known; its clearing may have been lost
  Level level = Level::none;         // now; of one that is over: the level that it left
  Level peak = Level::none;          // the highest live level ever; none where it has only ever stood under maintenance
  std::optional<Level> maintenance;  // as in AlertTransition
  AlertStep step = AlertStep::raised;
  std::uint32_t version = 0;  // the edge's, of the newest transition
  Evidence evidence;
  double score = 0;
  WallTime raised_at{};   // edge time of the earliest transition heard of
  WallTime changed_at{};  // edge time of the newest
  WallTime heard_at{};    // the centre's time when it first heard of it
  WallTime updated_at{};  // the centre's time of its newest change
  std::string reset_by;   // who reset it on the site
  std::optional<Acknowledgement> acknowledged;
  std::int64_t revision = 0;      // of this row, for If-Match; grows with each change
  AlertId lead;                   // the live alert under which it is shown; its own id where it stands for itself
  std::vector<AlertId> episodes;  // other alert ids shown under this one (get and list fill it for leads)
};

/// One line of an alert's history; never changed once written.
struct AlertEvent {
  std::int64_t number = 0;
  std::string what;  // AlertStep's words; continued, summarised, listed, uncertain, certain, gone, acknowledged,
                     // shown-under, returned-to-service, reset-ordered, reset-refused
  std::string via;   // record, start, gap, hello, centre, person
  Level level = Level::none;
  std::uint32_t version = 0;
  std::string epoch;  // hex; empty for what people and the centre do
  Actor actor;
  std::string reason;
  Evidence evidence;
  std::optional<Level> maintenance;  // as in AlertTransition
  WallTime edge_time{};              // for acts of people and the centre: the same as `at`
  WallTime at{};                     // when the centre wrote it
  bool late = false;                 // it only updated history: something newer was known already
};

struct AlertDetails {
  Alert alert;
  std::vector<AlertEvent> history;  // in the order in which the centre heard of it
};

/// What one input changed, for the stage after this one.
struct AlertChange {
  Alert alert;                       // after the change
  std::optional<AlertState> before;  // nullopt: first heard of
  Level level_before = Level::none;
  std::string what;  // as AlertEvent::what
};

/// Somebody has to be told, once per (alert id, level) for good.
struct Ring {
  Alert alert;
  Level level = Level::none;
  AlertTransition transition;  // that rings
  bool late = false;           // heard of more than a minute after it was decided (rule 12)
  std::optional<Millis> age;   // since `alert.raised_at`; nullopt where the edge's clock is ahead of ours
};

struct AlertOutcome {
  std::vector<AlertChange> changes;
  std::vector<Ring> rings;
};

}  // namespace anlan::collector
