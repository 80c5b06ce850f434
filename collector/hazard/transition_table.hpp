// The closed loop of a hazard as one table: from, action, to, who, guard, deadline, effect (DOMAIN.md, life cycles).
// The code runs this table, the API serves it (/api/v1/hazard-steps), docs/alerts-and-hazards.md prints it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/hazard/hazard.hpp"

namespace anlan::collector {

/// What a step needs, as bits; in words and with the fields that it takes: needs() below.
enum Need : std::uint32_t {
  needs_nothing = 0,
  needs_reason = 1u << 0,
  needs_grade = 1u << 1,
  needs_responsible = 1u << 2,
  needs_five_elements = 1u << 3,  // of a major hazard in its plan, of any other at the start
  needs_target = 1u << 4,
  needs_counter_evidence = 1u << 5,
  needs_three_parties = 1u << 6,
  needs_interim_control = 1u << 7,
  needs_until = 1u << 8,
  needs_inspector_name = 1u << 9,
  needs_report = 1u << 10,
  may_set_due = 1u << 11,
  needs_other_person = 1u << 12,
  needs_no_active_alert = 1u << 13,
  needs_city_for_major = 1u << 14,
  needs_recent_close = 1u << 15,
  needs_recent_dispatch = 1u << 16,
  needs_major = 1u << 17,
  needs_general = 1u << 18,
  needs_plan = 1u << 19,           // submitted, not yet approved
  needs_approved_plan = 1u << 20,  // where it is major
  needs_before_due = 1u << 21,
  needs_first_extension = 1u << 22,
  needs_extension_left = 1u << 23,
  needs_extension_asked = 1u << 24,
  needs_not_inspected = 1u << 25,
  needs_inspected = 1u << 26,  // where it is major
  needs_the_inspector = 1u << 27,
  needs_no_downgrade_asked = 1u << 28,
  needs_downgrade_asked = 1u << 29,
  needs_supervised = 1u << 30,
  needs_not_supervised = 1u << 31,
};
using Needs = std::uint32_t;

/// Guards of time that only the system's steps have.
enum class Due : std::uint8_t { any, reminder, overdue, city, no_hold };

/// Whether the system takes the step by itself as soon as it is possible.
enum class AtOnce : std::uint8_t { no, always, major };

/// Which clock runs after the step.
enum class Clock : std::uint8_t {
  keep,
  stop,
  start,
  arbitration,
  resumed,
  rectification,
  check,
  assignment,
  inspection
};

enum class Effect : std::uint8_t {
  none,
  grade,
  dispatch,
  redispatch,
  resume,
  plan,
  approve,
  start,
  take_part,
  extend,
  ask_extension,
  grant,
  deny,
  submit,
  inspector,
  inspected,
  close,
  fail,
  reopen,
  ask_downgrade,
  downgrade,
  refuse_downgrade,
  supervise,
  end_supervision,
  hold,
  remind,
  overdue,
  city
};

/// Roles and states as bits.
using Roles = std::uint8_t;
constexpr Roles role_bit(Role role) { return static_cast<Roles>(1u << static_cast<unsigned>(role)); }
inline constexpr Roles kSYS = role_bit(Role::SYS), kCR = role_bit(Role::CR), kDA = role_bit(Role::DA),
                       kEP = role_bit(Role::EP), kPerson = static_cast<Roles>(0xFF & ~kSYS);
using States = std::uint16_t;
constexpr States state_bit(HazardState state) { return static_cast<States>(1u << static_cast<unsigned>(state)); }

struct Arrow {
  States from;
  std::string_view action;
  std::optional<HazardState> to;  // nullopt: it stays
  Roles who;
  Needs needs;
  Clock clock;
  Effect effect;
  std::string_view event;  // HazardEvent::what
  Due due = Due::any;
  AtOnce at_once = AtOnce::no;
  HazardState target(HazardState before) const { return to.value_or(before); }
};

/// Every arrow; at most one for each state and action.
std::span<const Arrow> hazard_arrows();

const Arrow* find_arrow(HazardState from, std::string_view action);
/// What people may try in that state, in the order of the table.
std::vector<std::string> actions_in(HazardState from);

/// A need in words, and the fields that it takes (those that may be left out end in "?").
struct NeedText {
  Needs need;
  std::string_view words;
  std::vector<std::string_view> fields;
};
std::span<const NeedText> needs();

/// One row in words, the policy's times in it.
struct ArrowText {
  std::string from, action, to, who, guard, deadline, effect, event;
};
ArrowText in_words(const Arrow& arrow, const HazardPolicy& policy);
/// The whole table as Markdown, for the operators' page.
std::string steps_as_markdown(const HazardPolicy& policy);

/// "CR or DA".
std::string roles_text(Roles who);

}  // namespace anlan::collector
