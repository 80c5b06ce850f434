// The closed loop of a hazard as one table: from, action, to, who, what it needs (DOMAIN.md, life cycles; what is left
// out of it for now is named in docs/alerts-and-hazards.md). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "collector/hazard/hazard.hpp"

namespace anlan::collector {

/// What a step needs, as bits.
enum Need : std::uint16_t {
  needs_nothing = 0,
  needs_reason = 1,            // why, in words
  needs_grade = 2,             // field grade: general or major; never from major to general here
  needs_responsible = 4,       // field responsible
  needs_five_elements = 8,     // fields measures, responsible_person, funds, time_limit, contingency_plan
  needs_target = 16,           // field into: an open hazard to merge into
  needs_other_person = 32,     // not one of those who rectified it
  needs_no_active_alert = 64,  // every linked alert is over
  needs_city_for_major = 128,  // a major hazard is closed by the city only
  needs_recent = 256,          // closed no longer ago than HazardPolicy::recurrence
};

/// Roles as bits.
using Roles = std::uint8_t;
constexpr Roles role_bit(Role role) { return static_cast<Roles>(1u << static_cast<unsigned>(role)); }
inline constexpr Roles kSYS = role_bit(Role::SYS), kCR = role_bit(Role::CR), kDA = role_bit(Role::DA),
                       kEP = role_bit(Role::EP);

struct Arrow {
  HazardState from;
  std::string_view action;
  HazardState to;
  Roles who;
  std::uint16_t needs;
  std::string_view event;  // HazardEvent::what
  bool at_once = false;    // taken by the system as soon as `from` is reached
};

/// Every arrow; at most one for each (from, action).
std::span<const Arrow> hazard_arrows();

const Arrow* find_arrow(HazardState from, std::string_view action);
const Arrow* arrow_at_once(HazardState from);
/// "accept, fail": what people may do in that state; "nothing" where it has ended.
std::string actions_in(HazardState from);

/// "DA or CR".
std::string roles_text(Roles who);

}  // namespace anlan::collector
