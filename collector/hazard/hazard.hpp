// A hazard (隐患): a finding that must be put right, opened by an alert or by a person. Values only; which steps are
// allowed stands in transition_table.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/alert/alert.hpp"

namespace anlan::collector {

using HazardId = Id<struct HazardTag>;

enum class HazardState : std::uint8_t {
  reported,
  graded,
  rejected,
  merged,
  dispatched,  // 待整改
  rectifying,  // 整改中
  self_checked,
  awaiting,  // 待验收
  closed,    // 已销号
  reopened,
  disputed,     // the enterprise or a department says that it is not theirs; the clock stands still
  third_party,  // an inspector from outside looks
};

inline constexpr std::array kHazardStates{HazardState::reported,     HazardState::graded,     HazardState::rejected,
                                          HazardState::merged,       HazardState::dispatched, HazardState::rectifying,
                                          HazardState::self_checked, HazardState::awaiting,   HazardState::closed,
                                          HazardState::reopened,     HazardState::disputed,   HazardState::third_party};

constexpr std::string_view to_string(HazardState state) {
  constexpr std::string_view names[] = {"reported",   "graded",     "rejected",     "merged",
                                        "dispatched", "rectifying", "self-checked", "awaiting",
                                        "closed",     "reopened",   "disputed",     "third-party"};
  return names[static_cast<std::size_t>(state)];
}

constexpr std::optional<HazardState> hazard_state_from(std::string_view text) {
  for (const HazardState state : kHazardStates)
    if (to_string(state) == text) return state;
  return std::nullopt;
}

/// False for rejected, merged and closed.
constexpr bool is_open(HazardState state) {
  return state != HazardState::rejected && state != HazardState::merged && state != HazardState::closed;
}

enum class HazardGrade : std::uint8_t { none, general, major };  // 未定级, 一般, 重大

constexpr std::string_view to_string(HazardGrade grade) {
  constexpr std::string_view names[] = {"none", "general", "major"};
  return names[static_cast<std::size_t>(grade)];
}

/// 五落实: all mandatory before rectification starts.
struct FiveElements {
  std::string measures, responsible_person, funds, contingency_plan;
  std::optional<WallTime> time_limit;
};

struct Hazard {
  HazardId id;
  std::int64_t version = 0;  // grows by one with each event; for If-Match
  HazardState state = HazardState::reported;
  std::string site;
  std::string asset, rule;  // of the alert that opened it; empty or free for one that a person reported
  std::string title, description, category, location;
  bool from_alert = false;
  Level level = Level::none;  // the highest of its alerts
  HazardGrade grade = HazardGrade::none;
  bool needs_grading_review = false;    // graded by the system: "major" is a person's decision by the sector's criteria
  std::string responsible;              // who has to rectify it
  std::vector<std::string> rectifiers;  // everybody who started, reported progress on, or self-checked it
  FiveElements plan;
  std::string plan_by;         // who submitted the plan of a major one; empty: nobody yet
  bool plan_approved = false;  // of a major one
  std::string interim_control;
  WallTime reported_at{}, updated_at{};
  std::optional<WallTime> due_at;    // rectification
  std::optional<WallTime> deadline;  // of the next step in its present state
  std::optional<WallTime> closed_at;
  std::optional<WallTime> dispatched_at;
  std::optional<WallTime> paused_at, paused_deadline;  // a dispute stopped the clock then, at that deadline
  int extensions = 0;
  std::optional<WallTime> extension_until;  // asked for, not yet granted
  std::string extension_by;
  std::string downgrade_by;            // who asked for it; a second person has to confirm
  bool supervised = false;             // 挂牌督办
  std::string inspector;               // of the third party
  bool inspected = false;              // since the last self-check
  std::optional<WallTime> hold_until;  // a district verification holds the report to the city (row 152)
  int said = 0;                        // kSaid…, of the present deadline
  int failures = 0;                    // failed acceptances
  int reopenings = 0;
  std::optional<HazardId> merged_into;
  int alerts = 0, active_alerts = 0;  // linked; it cannot be closed while one is active

  bool overdue(WallTime now) const { return is_open(state) && deadline && *deadline < now; }
};

/// What was said of a deadline, as bits of Hazard::said.
inline constexpr int kSaidFirst = 1, kSaidLast = 2, kSaidOverdue = 4, kSaidCity = 8, kSaidHeld = 16;

/// One line of its history; never changed once written.
struct HazardEvent {
  std::int64_t number = 0;
  std::int64_t version = 0;  // of the hazard, after it
  std::string what;  // reported, graded, dispatched, started, progressed, self_checked, submitted, accepted, failed …
  HazardState from = HazardState::reported, to = HazardState::reported;
  Actor actor;
  std::string reason;
  std::string fields;  // JSON object: what was given with the act
  WallTime at{};
};

/// What speaks for it: a change of an alert, or what a person wrote.
struct HazardEvidence {
  std::int64_t number = 0;
  std::string kind;  // alert, note
  std::optional<AlertId> alert;
  std::string what;  // the alert's step
  Level level = Level::none;
  Evidence evidence;
  std::string text;
  WallTime edge_time{}, at{};
};

struct HazardDetails {
  Hazard hazard;
  std::vector<HazardEvent> history;
  std::vector<HazardEvidence> evidence;  // the newest kMaxEvidence, oldest first
  std::vector<std::string> actions;      // that its state allows
};

inline constexpr int kMaxEvidence = 500;

struct HazardChange {
  Hazard hazard;
  std::string what;
  std::optional<HazardState> before;
};

/// A ring with the hazard that belongs to it: what notify sends.
struct Call {
  Ring ring;
  std::optional<HazardId> hazard;
};

struct HazardOutcome {
  std::vector<HazardChange> changes;
  std::vector<Call> calls;  // one per ring of the alert outcome, in its order
};

/// Deadlines; DOMAIN.md's defaults.
struct HazardPolicy {
  Millis grade_within{std::chrono::hours{4}};
  Millis accept_general{std::chrono::hours{24}}, accept_major{std::chrono::minutes{30}};
  Millis rectify_general{std::chrono::days{7}}, rectify_major{std::chrono::days{30}};
  Millis check_within{std::chrono::days{3}};
  Millis dispute_within{std::chrono::hours{24}}, arbitrate_within{std::chrono::hours{48}};
  Millis first_extension{std::chrono::days{7}};  // granted by itself, of a general one
  int most_extensions = 2;
  Millis assign_within{std::chrono::hours{24}}, inspect_within{std::chrono::days{5}};
  Millis hold{std::chrono::hours{48}};
  Millis remind_first{std::chrono::hours{72}}, remind_last{std::chrono::hours{24}};  // before a deadline
  Millis recurrence{std::chrono::days{30}};  // a new alert this soon after closing reopens
  Level opens_from = Level::orange;
  std::map<std::string, std::string> responsible;  // site -> who; a site that is not here: "principal of <site>"
};

}  // namespace anlan::collector
