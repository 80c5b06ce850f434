#include "collector/hazard/transition_table.hpp"

#include <algorithm>
#include <array>

namespace anlan::collector {

namespace {

using enum HazardState;

constexpr std::uint16_t kAcceptance = needs_reason | needs_other_person | needs_no_active_alert | needs_city_for_major;

// clang-format off
constexpr std::array kArrows{
    // from         action        to            who              needs                             event
    Arrow{reported,     "grade",      graded,       kSYS | kDA,       needs_grade,                      "graded"},
    Arrow{reported,     "reject",     rejected,     kDA,              needs_reason,                     "rejected"},
    Arrow{reported,     "merge",      merged,       kDA,              needs_reason | needs_target,      "merged"},
    Arrow{graded,       "dispatch",   dispatched,   kSYS,             needs_nothing,                    "dispatched", true},
    Arrow{dispatched,   "redispatch", dispatched,   kDA,              needs_reason | needs_responsible, "dispatched"},
    Arrow{dispatched,   "grade",      dispatched,   kDA,              needs_reason | needs_grade,       "graded"},
    Arrow{dispatched,   "start",      rectifying,   kEP,              needs_five_elements,              "started"},
    Arrow{rectifying,   "grade",      rectifying,   kDA,              needs_reason | needs_grade,       "graded"},
    Arrow{rectifying,   "progress",   rectifying,   kEP,              needs_reason,                     "progressed"},
    Arrow{rectifying,   "self_check", self_checked, kEP,              needs_reason,                     "self_checked"},
    Arrow{self_checked, "submit",     awaiting,     kSYS,             needs_nothing,                    "submitted", true},
    Arrow{awaiting,     "accept",     closed,       kDA | kCR,        kAcceptance,                      "accepted"},
    Arrow{awaiting,     "fail",       rectifying,   kDA | kCR,        needs_reason,                     "failed"},
    Arrow{closed,       "reopen",     reopened,     kSYS | kDA | kCR, needs_reason | needs_recent,      "reopened"},
    Arrow{reopened,     "start",      rectifying,   kEP,              needs_five_elements,              "started"},
};
// clang-format on

}  // namespace

std::span<const Arrow> hazard_arrows() { return kArrows; }

const Arrow* find_arrow(HazardState from, std::string_view action) {
  const auto found =
      std::ranges::find_if(kArrows, [&](const Arrow& arrow) { return arrow.from == from && arrow.action == action; });
  return found == kArrows.end() ? nullptr : &*found;
}

const Arrow* arrow_at_once(HazardState from) {
  const auto found =
      std::ranges::find_if(kArrows, [&](const Arrow& arrow) { return arrow.from == from && arrow.at_once; });
  return found == kArrows.end() ? nullptr : &*found;
}

std::string actions_in(HazardState from) {
  std::string text;
  for (const auto& arrow : kArrows) {
    if (arrow.from != from || arrow.who == kSYS) continue;
    if (!text.empty()) text += ", ";
    text += arrow.action;
  }
  return text.empty() ? "nothing" : text;
}

std::string roles_text(Roles who) {
  std::string text;
  for (const Role role : kRoles) {
    if (!(who & role_bit(role))) continue;
    if (!text.empty()) text += " or ";
    text += to_string(role);
  }
  return text;
}

}  // namespace anlan::collector
