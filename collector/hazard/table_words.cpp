// The transition table in words: for refusals, for the API and for the operators' page.
#include <algorithm>
#include <array>

#include "collector/hazard/transition_table.hpp"

namespace anlan::collector {
namespace {

const std::array kNeeds{
    NeedText{needs_reason, "a reason", {}},
    NeedText{needs_grade,
             "`grade`: general or major, never lower than it is; may name `responsible`",
             {"grade", "responsible?"}},
    NeedText{needs_responsible, "`responsible`", {"responsible"}},
    NeedText{needs_five_elements,
             "the five elements (五落实): `measures`, `responsible_person`, `funds`, `time_limit`, `contingency_plan`",
             {"measures", "responsible_person", "funds", "time_limit", "contingency_plan"}},
    NeedText{needs_target, "`into`: the id of another open hazard", {"into"}},
    NeedText{needs_counter_evidence, "`counter_evidence`", {"counter_evidence"}},
    NeedText{needs_three_parties,
             "the record of the three parties: `enterprise`, `district`, `city`; may name `responsible`",
             {"enterprise", "district", "city", "responsible?"}},
    NeedText{needs_interim_control, "`interim_control`", {"interim_control"}},
    NeedText{needs_until, "`until`: the new due date, later than the present one", {"until"}},
    NeedText{needs_inspector_name, "`inspector`: the name", {"inspector"}},
    NeedText{needs_report, "`report`: what was found, or the signed report's SHA-256", {"report"}},
    NeedText{may_set_due, "may set `due`", {"due?"}},
    NeedText{needs_other_person, "not a person who took part in the rectification", {}},
    NeedText{needs_no_active_alert, "no linked alert active or uncertain", {}},
    NeedText{needs_city_for_major, "major: CR", {}},
    NeedText{needs_recent_close, "closed no longer ago than RECURRENCE", {}},
    NeedText{needs_recent_dispatch, "dispatched no longer ago than DISPUTE", {}},
    NeedText{needs_major, "it is major", {}},
    NeedText{needs_general, "it is general", {}},
    NeedText{needs_plan, "a plan was submitted", {}},
    NeedText{needs_approved_plan, "major: the approved plan instead", {}},
    NeedText{needs_before_due, "before the due date", {}},
    NeedText{needs_first_extension, "the first extension, at most FIRST", {}},
    NeedText{needs_extension_left, "at most MOST extensions, none asked for already", {}},
    NeedText{needs_extension_asked, "an extension was asked for", {}},
    NeedText{needs_not_inspected, "not inspected since the last self-check; by itself where it is major", {}},
    NeedText{needs_inspected, "major: inspected by a third party", {}},
    NeedText{needs_the_inspector, "the inspector who was named", {}},
    NeedText{needs_no_downgrade_asked, "no downgrade is asked for", {}},
    NeedText{needs_downgrade_asked, "a downgrade was asked for, by another person", {}},
    NeedText{needs_supervised, "it is listed", {}},
    NeedText{needs_not_supervised, "it is not listed", {}},
};

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  if (const auto at = text.find(what); at != std::string::npos) text.replace(at, what.size(), by);
  return text;
}

std::string clock_words(Clock clock, const HazardPolicy& p) {
  switch (clock) {
    case Clock::keep:
      return "as before";
    case Clock::stop:
      return "—";
    case Clock::start:
      return "to start: " + to_words(p.accept_general) + ", major " + to_words(p.accept_major);
    case Clock::arbitration:
      return "to arbitrate: " + to_words(p.arbitrate_within);
    case Clock::resumed:
      return "what was left";
    case Clock::rectification:
      return "the due date";
    case Clock::check:
      return "to accept: " + to_words(p.check_within);
    case Clock::assignment:
      return "to name the inspector: " + to_words(p.assign_within);
    case Clock::inspection:
      return "to inspect: " + to_words(p.inspect_within);
  }
  return "";
}

std::string effect_words(Effect effect, const HazardPolicy& p) {
  switch (effect) {
    case Effect::none:
      return "—";
    case Effect::grade:
      return "grade; the system's own is marked for review; major shortens the time to start";
    case Effect::dispatch:
      return "to the site's responsible; due in " + to_words(p.rectify_general) + ", major " +
             to_words(p.rectify_major);
    case Effect::redispatch:
      return "to another responsible";
    case Effect::resume:
      return "the dispute's time is added to all dates";
    case Effect::plan:
      return "the plan waits for approval";
    case Effect::approve:
      return "the plan is approved";
    case Effect::start:
      return "due at the plan's time limit";
    case Effect::take_part:
      return "the person has taken part";
    case Effect::extend:
      return "the due date moves";
    case Effect::ask_extension:
      return "waits for the district, major for the city";
    case Effect::grant:
      return "the due date moves";
    case Effect::deny:
      return "the due date stays";
    case Effect::submit:
      return "an inspection of before counts no more";
    case Effect::inspector:
      return "the inspector is named";
    case Effect::inspected:
      return "the inspection counts";
    case Effect::close:
      return "closed; no longer listed";
    case Effect::fail:
      return "failures + 1; a new due date";
    case Effect::reopen:
      return "reopenings + 1; a new due date, a new plan";
    case Effect::ask_downgrade:
      return "waits for a second person";
    case Effect::downgrade:
      return "general from now on";
    case Effect::refuse_downgrade:
      return "major as before";
    case Effect::supervise:
      return "listed (挂牌督办)";
    case Effect::end_supervision:
      return "no longer listed";
    case Effect::hold:
      return "the report to the city waits, " + to_words(p.hold) + " at most";
    case Effect::remind:
      return "the responsible is reminded, once for each";
    case Effect::overdue:
      return "the district is told, once";
    case Effect::city:
      return "the city is told, once";
  }
  return "";
}

std::string due_words(Due due, const HazardPolicy& p) {
  switch (due) {
    case Due::any:
      return "";
    case Due::reminder:
      return to_words(p.remind_first) + " and " + to_words(p.remind_last) + " before the deadline";
    case Due::overdue:
      return "the deadline has passed";
    case Due::city:
      return "overdue; a general one: no district verification holds it";
    case Due::no_hold:
      return "no verification has held it before, for this deadline";
  }
  return "";
}

void add(std::string& text, std::string_view more) {
  if (more.empty()) return;
  if (!text.empty()) text += "; ";
  text += more;
}

}  // namespace

std::span<const NeedText> needs() { return kNeeds; }

std::string roles_text(Roles who) {
  if (who == kPerson) return "anybody";
  std::string text;
  for (const Role role : kRoles) {
    if (!(who & role_bit(role))) continue;
    if (!text.empty()) text += " or ";
    text += to_string(role);
  }
  return text;
}

ArrowText in_words(const Arrow& arrow, const HazardPolicy& policy) {
  ArrowText text;
  for (const HazardState state : kHazardStates)
    if (arrow.from & state_bit(state)) text.from += (text.from.empty() ? "" : ", ") + std::string(to_string(state));
  text.action = arrow.action;
  text.to = arrow.to ? std::string(to_string(*arrow.to)) : "(stays)";
  text.who = roles_text(arrow.who);
  for (const NeedText& need : kNeeds)
    if (arrow.needs & need.need) add(text.guard, need.words);
  add(text.guard, due_words(arrow.due, policy));
  if (arrow.at_once == AtOnce::always) add(text.guard, "at once");
  if (text.guard.empty()) text.guard = "—";
  text.guard = replaced(text.guard, "RECURRENCE", to_words(policy.recurrence));
  text.guard = replaced(text.guard, "DISPUTE", to_words(policy.dispute_within));
  text.guard = replaced(text.guard, "FIRST", to_words(policy.first_extension));
  text.guard = replaced(text.guard, "MOST", std::to_string(policy.most_extensions));
  text.deadline = clock_words(arrow.clock, policy);
  text.effect = effect_words(arrow.effect, policy);
  text.event = arrow.event;
  return text;
}

std::string steps_as_markdown(const HazardPolicy& policy) {
  std::string page =
      "| from | action | to | who | guard | deadline after it | effect | event |\n|---|---|---|---|---|---|---|---|\n";
  for (const Arrow& arrow : hazard_arrows()) {
    const ArrowText t = in_words(arrow, policy);
    page += "| " + t.from + " | `" + t.action + "` | " + t.to + " | " + t.who + " | " + t.guard + " | " + t.deadline +
            " | " + t.effect + " | " + t.event + " |\n";
  }
  return page;
}

}  // namespace anlan::collector
