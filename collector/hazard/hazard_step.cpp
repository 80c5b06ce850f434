#include "collector/hazard/hazard_step.hpp"

#include <algorithm>

#include "collector/hazard/hazard_rules.hpp"

namespace anlan::collector {

std::string responsible_for(const HazardPolicy& policy, const std::string& site) {
  const auto found = policy.responsible.find(site);
  return found == policy.responsible.end() ? "principal of " + site : found->second;
}

const Arrow* arrow_at_once(const Hazard& hazard, const HazardPolicy& policy, WallTime now) {
  for (const Arrow& arrow : hazard_arrows()) {
    if (arrow.at_once == AtOnce::no || !(arrow.from & state_bit(hazard.state))) continue;
    if (arrow.at_once == AtOnce::major && hazard.grade != HazardGrade::major) continue;
    if (check_guard(hazard, arrow, {system_actor(), "", {}}, policy, now)) return &arrow;
  }
  return nullptr;
}

bool is_remark(const Arrow& arrow) {
  return arrow.effect == Effect::remind || arrow.effect == Effect::overdue || arrow.effect == Effect::city;
}

std::optional<WallTime> next_look(const Hazard& hazard, const HazardPolicy& policy) {
  if (!hazard.deadline) return std::nullopt;
  const WallTime deadline = *hazard.deadline;
  if (!(hazard.said & kSaidFirst)) return deadline - policy.remind_first;
  if (!(hazard.said & kSaidLast)) return deadline - policy.remind_last;
  if (!(hazard.said & kSaidOverdue)) return deadline + Millis{1};
  if (hazard.said & kSaidCity) return std::nullopt;
  const bool held = hazard.hold_until && hazard.grade != HazardGrade::major;
  return held ? std::max(deadline + Millis{1}, *hazard.hold_until) : deadline + Millis{1};
}

std::optional<std::string> timed_action(const Hazard& hazard, const HazardPolicy& policy, WallTime now) {
  for (const char* action : {"remind", "overdue", "report_city"}) {
    const Arrow* arrow = find_arrow(hazard.state, action);
    if (arrow && check_guard(hazard, *arrow, {system_actor(), "", {}}, policy, now)) return action;
  }
  return std::nullopt;
}

Result<Hazard> step(const Hazard& hazard, std::string_view action, const Act& act, const HazardPolicy& policy,
                    WallTime now) {
  const auto* arrow = find_arrow(hazard.state, action);
  if (!arrow) {
    std::string possible;
    for (const auto& other : actions_in(hazard.state)) possible += (possible.empty() ? "" : ", ") + other;
    return fail(Errc::refused, "hazard " + hazard.id.hex() + " is " + std::string(to_string(hazard.state)) + ": " +
                                   std::string(action) +
                                   " is not possible there, possible: " + (possible.empty() ? "nothing" : possible));
  }
  if (auto allowed = check_guard(hazard, *arrow, act, policy, now); !allowed) return fail(allowed.error());
  const auto read = read_given(hazard, *arrow, act, policy, now);
  if (!read) return fail(read.error());
  Hazard after = hazard;
  apply(after, *arrow, act, *read, policy, now);
  after.state = arrow->target(hazard.state);
  if (!is_remark(*arrow)) ++after.version;
  after.updated_at = now;
  return after;
}

}  // namespace anlan::collector
