#include <algorithm>

#include "collector/hazard/hazard_rules.hpp"

namespace anlan::collector {
namespace {

std::string described(const Hazard& hazard) {
  return "hazard " + hazard.id.hex() + " is " + std::string(to_string(hazard.state));
}

bool took_part(const Hazard& hazard, const std::string& name) {
  const auto key = person_key(name);
  const auto same = [&key](const std::string& other) { return person_key(other) == key; };
  return std::ranges::any_of(hazard.rectifiers, same) || same(hazard.plan.responsible_person) ||
         same(hazard.responsible) || same(hazard.plan_by) || same(hazard.extension_by);
}

bool same_person(const std::string& a, const std::string& b) { return person_key(a) == person_key(b); }

/// Why the hazard, as it stands, does not take this step; empty: it does.
std::string unfit(const Hazard& h, Needs needs, const HazardPolicy& policy, WallTime now) {
  const bool major = h.grade == HazardGrade::major;
  if ((needs & needs_major) && !major) return "it is not major";
  if ((needs & needs_general) && major) return "it is major";
  if ((needs & needs_no_active_alert) && h.active_alerts > 0)
    return std::to_string(h.active_alerts) +
           " linked alert(s) are still active: a hazard is closed when all of them are over";
  if ((needs & needs_recent_close) && (!h.closed_at || now - *h.closed_at > policy.recurrence))
    return "closed longer ago than " + to_words(policy.recurrence) + ": report a new hazard";
  if ((needs & needs_recent_dispatch) && (!h.dispatched_at || now - *h.dispatched_at > policy.dispute_within))
    return "it was dispatched longer ago than " + to_words(policy.dispute_within);
  if ((needs & needs_plan) && (h.plan_by.empty() || h.plan_approved)) return "no plan waits for approval";
  if ((needs & needs_approved_plan) && major && !h.plan_approved)
    return "a major hazard starts with an approved plan: submit_plan, approve_plan";
  if ((needs & needs_before_due) && (!h.due_at || now >= *h.due_at)) return "the due date has passed";
  if ((needs & needs_first_extension) && h.extensions > 0) return "it was extended before: ask_extension";
  if ((needs & needs_extension_left) && h.extensions >= policy.most_extensions)
    return "it was extended " + std::to_string(h.extensions) + " times already";
  if ((needs & (needs_extension_left | needs_first_extension)) && h.extension_until)
    return "an extension is asked for already";
  if ((needs & needs_extension_asked) && !h.extension_until) return "no extension is asked for";
  if ((needs & needs_not_inspected) && h.inspected) return "it was inspected since the last self-check";
  if ((needs & needs_inspected) && major && !h.inspected)
    return "a major hazard is accepted after the inspection of a third party";
  if ((needs & needs_no_downgrade_asked) && !h.downgrade_by.empty()) return "a downgrade is asked for already";
  if ((needs & needs_downgrade_asked) && h.downgrade_by.empty()) return "no downgrade is asked for";
  if ((needs & needs_supervised) && !h.supervised) return "it is not listed";
  if ((needs & needs_not_supervised) && h.supervised) return "it is listed already";
  return "";
}

/// Why it is not the time for it.
std::string untimely(const Hazard& h, Due due, const HazardPolicy& policy, WallTime now) {
  const bool major = h.grade == HazardGrade::major;
  switch (due) {
    case Due::any:
      return "";
    case Due::reminder:
      return next_reminder(h, policy, now) ? "" : "no reminder is due";
    case Due::overdue:
      return h.overdue(now) && !(h.said & kSaidOverdue) ? "" : "it is not overdue, or that was said";
    case Due::city:
      if (!h.overdue(now) || !(h.said & kSaidOverdue) || (h.said & kSaidCity))
        return "it is not overdue, or the city was told";
      return major || !h.hold_until || now >= *h.hold_until ? "" : "a district verification holds the report";
    case Due::no_hold:
      return h.said & (kSaidHeld | kSaidCity) ? "a verification held it before, or the city was told" : "";
  }
  return "";
}

}  // namespace

std::optional<int> next_reminder(const Hazard& h, const HazardPolicy& policy, WallTime now) {
  if (!h.deadline) return std::nullopt;
  if (!(h.said & kSaidFirst) && now >= *h.deadline - policy.remind_first) return kSaidFirst;
  if (!(h.said & kSaidLast) && now >= *h.deadline - policy.remind_last) return kSaidLast;
  return std::nullopt;
}

Result<void> check_guard(const Hazard& hazard, const Arrow& arrow, const Act& act, const HazardPolicy& policy,
                         WallTime now) {
  const auto& [name, role] = act.actor;
  const auto refused = [&](const std::string& why) {
    return fail(Errc::refused, std::string(arrow.action) + ": " + why + " (" + described(hazard) + ")");
  };
  if (!(arrow.who & role_bit(role)))
    return refused("it is for " + roles_text(arrow.who) + ", not for " + std::string(to_string(role)));
  const bool major = hazard.grade == HazardGrade::major;
  if ((arrow.needs & needs_city_for_major) && major && role != Role::CR)
    return refused("of a major hazard it is for CR only");
  if (auto why = unfit(hazard, arrow.needs, policy, now); !why.empty()) return refused(why);
  if (auto why = untimely(hazard, arrow.due, policy, now); !why.empty()) return refused(why);
  if ((arrow.needs & needs_other_person) && took_part(hazard, name))
    return refused(name + " took part in the rectification: it is for somebody else");
  if ((arrow.needs & needs_downgrade_asked) && arrow.effect == Effect::downgrade &&
      same_person(name, hazard.downgrade_by))
    return refused(name + " asked for it: a second person has to confirm");
  if ((arrow.needs & needs_the_inspector) && (hazard.inspector.empty() || !same_person(name, hazard.inspector)))
    return refused("it is for the inspector who was named");
  return {};
}

}  // namespace anlan::collector
