#include "collector/hazard/transition_table.hpp"

#include <algorithm>
#include <array>

namespace anlan::collector {
namespace {

using enum HazardState;

template <class... S>
constexpr States in(S... states) {
  return static_cast<States>((state_bit(states) | ...));
}

constexpr States kBeforeWork = in(dispatched, reopened),
                 kUnderWay = in(dispatched, reopened, rectifying, awaiting, third_party),
                 kOpen = in(dispatched, disputed, reopened, rectifying, awaiting, third_party),
                 kTimed = in(reported, dispatched, disputed, reopened, rectifying, awaiting, third_party);
constexpr Needs kAcceptance =
    needs_reason | needs_other_person | needs_no_active_alert | needs_city_for_major | needs_inspected;
constexpr std::nullopt_t stays = std::nullopt;
using E = Effect;
using C = Clock;

// clang-format off
constexpr std::array kArrows{
    // from            action               to            who        guard                                                        deadline          effect               event
    Arrow{in(reported),     "grade",             graded,       kSYS|kDA,  needs_grade,                                                 C::keep,          E::grade,            "graded"},
    Arrow{in(reported),     "reject",            rejected,     kDA,       needs_reason,                                                C::stop,          E::none,             "rejected"},
    Arrow{in(reported),     "merge",             merged,       kDA,       needs_reason|needs_target,                                   C::stop,          E::none,             "merged"},
    Arrow{in(graded),       "dispatch",          dispatched,   kSYS,      needs_nothing,                                               C::start,         E::dispatch,         "dispatched", Due::any, AtOnce::always},
    Arrow{in(dispatched),   "redispatch",        stays,        kDA,       needs_reason|needs_responsible,                              C::keep,          E::redispatch,       "dispatched"},
    Arrow{in(dispatched, rectifying), "grade",   stays,        kDA,       needs_reason|needs_grade,                                    C::keep,          E::grade,            "graded"},
    Arrow{in(dispatched),   "dispute",           disputed,     kEP,       needs_reason|needs_counter_evidence|needs_recent_dispatch,   C::arbitration,   E::none,             "disputed"},
    Arrow{in(disputed),     "arbitrate",         dispatched,   kCR,       needs_reason|needs_three_parties,                            C::resumed,       E::resume,           "arbitrated"},
    Arrow{kBeforeWork,      "submit_plan",       stays,        kEP,       needs_major|needs_five_elements|needs_interim_control,       C::keep,          E::plan,             "planned"},
    Arrow{kBeforeWork,      "approve_plan",      stays,        kDA|kCR,   needs_reason|needs_major|needs_plan|needs_other_person,      C::keep,          E::approve,          "plan_approved"},
    Arrow{kBeforeWork,      "start",             rectifying,   kEP,       needs_five_elements|needs_approved_plan,                     C::rectification, E::start,            "started"},
    Arrow{in(rectifying),   "progress",          stays,        kEP,       needs_reason,                                                C::keep,          E::take_part,        "progressed"},
    Arrow{in(rectifying),   "extend",            stays,        kEP,       needs_reason|needs_until|needs_interim_control|needs_general|needs_before_due|needs_first_extension, C::rectification, E::extend, "extended"},
    Arrow{in(rectifying),   "ask_extension",     stays,        kEP,       needs_reason|needs_until|needs_interim_control|needs_before_due|needs_extension_left, C::keep, E::ask_extension, "extension_asked"},
    Arrow{in(rectifying),   "grant_extension",   stays,        kDA|kCR,   needs_reason|needs_extension_asked|needs_other_person|needs_city_for_major, C::rectification, E::grant, "extended"},
    Arrow{in(rectifying),   "deny_extension",    stays,        kDA|kCR,   needs_reason|needs_extension_asked,                          C::keep,          E::deny,             "extension_denied"},
    Arrow{in(rectifying),   "self_check",        self_checked, kEP,       needs_reason,                                                C::keep,          E::take_part,        "self_checked"},
    Arrow{in(self_checked), "submit",            awaiting,     kSYS,      needs_nothing,                                               C::check,         E::submit,           "submitted", Due::any, AtOnce::always},
    Arrow{in(awaiting),     "request_inspection", third_party, kSYS|kDA|kCR, needs_not_inspected,                                      C::assignment,    E::none,             "third_party_requested", Due::any, AtOnce::major},
    Arrow{in(third_party),  "assign_inspector",  stays,        kDA|kCR,   needs_inspector_name,                                        C::inspection,    E::inspector,        "inspector_assigned"},
    Arrow{in(third_party),  "inspect",           awaiting,     kPerson,   needs_reason|needs_report|needs_the_inspector|needs_other_person, C::check,    E::inspected,        "inspected"},
    Arrow{in(awaiting),     "accept",            closed,       kDA|kCR,   kAcceptance,                                                 C::stop,          E::close,            "accepted"},
    Arrow{in(awaiting),     "fail",              rectifying,   kDA|kCR,   needs_reason|may_set_due,                                    C::rectification, E::fail,             "failed"},
    Arrow{in(closed),       "reopen",            reopened,     kSYS|kDA|kCR, needs_reason|needs_recent_close,                          C::start,         E::reopen,           "reopened"},
    Arrow{kUnderWay,        "downgrade",         stays,        kDA|kCR,   needs_reason|needs_major|needs_no_downgrade_asked,           C::keep,          E::ask_downgrade,    "downgrade_asked"},
    Arrow{kUnderWay,        "confirm_downgrade", stays,        kDA|kCR,   needs_reason|needs_downgrade_asked,                          C::keep,          E::downgrade,        "downgraded"},
    Arrow{kUnderWay,        "refuse_downgrade",  stays,        kDA|kCR,   needs_reason|needs_downgrade_asked,                          C::keep,          E::refuse_downgrade, "downgrade_refused"},
    Arrow{kOpen,            "supervise",         stays,        kCR,       needs_reason|needs_major|needs_not_supervised,               C::keep,          E::supervise,        "supervised"},
    Arrow{kOpen,            "end_supervision",   stays,        kCR,       needs_reason|needs_supervised,                               C::keep,          E::end_supervision,  "supervision_ended"},
    Arrow{kOpen,            "verify",            stays,        kDA,       needs_reason|needs_general,                                  C::keep,          E::hold,             "verification_begun", Due::no_hold},
    Arrow{kTimed,           "remind",            stays,        kSYS,      needs_nothing,                                               C::keep,          E::remind,           "reminded",   Due::reminder},
    Arrow{kTimed,           "overdue",           stays,        kSYS,      needs_nothing,                                               C::keep,          E::overdue,          "overdue",    Due::overdue},
    Arrow{kTimed,           "report_city",       stays,        kSYS,      needs_nothing,                                               C::keep,          E::city,             "escalated",  Due::city},
};
// clang-format on

}  // namespace

std::span<const Arrow> hazard_arrows() { return kArrows; }

const Arrow* find_arrow(HazardState from, std::string_view action) {
  const auto found = std::ranges::find_if(
      kArrows, [&](const Arrow& arrow) { return (arrow.from & state_bit(from)) && arrow.action == action; });
  return found == kArrows.end() ? nullptr : &*found;
}

std::vector<std::string> actions_in(HazardState from) {
  std::vector<std::string> actions;
  for (const auto& arrow : kArrows)
    if ((arrow.from & state_bit(from)) && arrow.who != kSYS) actions.emplace_back(arrow.action);
  return actions;
}

}  // namespace anlan::collector
