#include "collector/hazard/hazard_step.hpp"

#include <algorithm>

namespace anlan::collector {

namespace {

constexpr std::string_view kFiveElements[] = {"measures", "responsible_person", "funds", "time_limit",
                                              "contingency_plan"};

std::string described(const Hazard& hazard) {
  return "hazard " + hazard.id.hex() + " is " + std::string(to_string(hazard.state));
}

// ---- who ------------------------------------------------------------------------------------------------------------

bool took_part(const Hazard& hazard, const std::string& name) {
  const auto key = person_key(name);
  const auto same = [&key](const std::string& other) { return person_key(other) == key; };
  return std::ranges::any_of(hazard.rectifiers, same) || same(hazard.plan.responsible_person) ||
         same(hazard.responsible);
}

Result<void> check_person(const Hazard& hazard, const Arrow& arrow, const Act& act, const HazardPolicy& policy,
                          WallTime now) {
  const auto& [name, role] = act.actor;
  if (!(arrow.who & role_bit(role)))
    return fail(Errc::refused, std::string(arrow.action) + " is for " + roles_text(arrow.who) + ", not for " +
                                   std::string(to_string(role)) + " (" + described(hazard) + ")");
  if ((arrow.needs & needs_city_for_major) && hazard.grade == HazardGrade::major && role != Role::CR)
    return fail(Errc::refused, "a major hazard is accepted by CR only");
  if ((arrow.needs & needs_other_person) && took_part(hazard, name))
    return fail(Errc::refused, name + " took part in the rectification: somebody else has to accept it");
  if ((arrow.needs & needs_no_active_alert) && hazard.active_alerts > 0)
    return fail(Errc::refused, std::to_string(hazard.active_alerts) +
                                   " linked alert(s) are still active: a hazard is closed when all of them are over");
  if ((arrow.needs & needs_recent) && (!hazard.closed_at || now - *hazard.closed_at > policy.recurrence))
    return fail(Errc::refused, "closed longer ago than " + to_words(policy.recurrence) + ": report a new hazard");
  return {};
}

// ---- what is given
// ----------------------------------------------------------------------------------------------------

/// Field names that an arrow takes; those that it may do without end with "?".
std::vector<std::string_view> fields_of(const Arrow& arrow) {
  std::vector<std::string_view> names;
  if (arrow.needs & needs_grade) names.insert(names.end(), {"grade", "responsible?"});
  if (arrow.needs & needs_responsible) names.push_back("responsible");
  if (arrow.needs & needs_target) names.push_back("into");
  if (arrow.needs & needs_five_elements) names.insert(names.end(), std::begin(kFiveElements), std::end(kFiveElements));
  if (arrow.action == "fail") names.push_back("due?");
  return names;
}

std::string_view bare(std::string_view name) { return name.ends_with('?') ? name.substr(0, name.size() - 1) : name; }

class Faults {
 public:
  void add(std::string fault) { text_ += (text_.empty() ? "" : "; ") + fault; }
  bool none() const { return text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string given(const ActFields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

void check_names(const Arrow& arrow, const Act& act, Faults& faults) {
  const auto names = fields_of(arrow);
  if ((arrow.needs & needs_reason) && person_key(act.reason).empty()) faults.add("a reason is required");
  for (const auto name : names)
    if (!name.ends_with('?') && given(act.fields, name).empty()) faults.add(std::string(name) + " is missing");
  for (const auto& field : act.fields)
    if (std::ranges::none_of(names, [&](auto name) { return bare(name) == field.first; }))
      faults.add("unknown field " + field.first);
}

std::optional<WallTime> time_field(const Act& act, std::string_view name, WallTime now, Faults& faults) {
  const auto text = given(act.fields, name);
  if (text.empty()) return std::nullopt;
  const auto time = parse_time(text);
  if (!time) {
    faults.add(std::string(name) + " \"" + text + "\" is no time: write it as 2026-11-23T18:00:00+08:00");
    return std::nullopt;
  }
  if (*time <= now) faults.add(std::string(name) + " is not in the future");
  return *time;
}

void take_grade(Hazard& hazard, const Act& act, Faults& faults) {
  const auto text = given(act.fields, "grade");
  if (text.empty()) return;
  if (text != "general" && text != "major") return faults.add("grade \"" + text + "\" is neither general nor major");
  const auto grade = text == "major" ? HazardGrade::major : HazardGrade::general;
  if (hazard.grade == HazardGrade::major && grade != HazardGrade::major)
    return faults.add("a major hazard is not downgraded here: that takes two persons with a second factor");
  hazard.grade = grade;
  hazard.needs_grading_review = act.actor.role == Role::SYS;
  if (const auto who = given(act.fields, "responsible"); !who.empty()) hazard.responsible = who;
}

void take_plan(Hazard& hazard, const Act& act, WallTime now, Faults& faults) {
  const auto limit = time_field(act, "time_limit", now, faults);
  if (limit && hazard.due_at && *limit > *hazard.due_at)
    faults.add("time_limit is later than the due date " + to_rfc3339(*hazard.due_at));
  hazard.plan = {given(act.fields, "measures"), given(act.fields, "responsible_person"), given(act.fields, "funds"),
                 given(act.fields, "contingency_plan"), limit};
}

// ---- what follows ---------------------------------------------------------------------------------------------------

void allow_to_rectify(Hazard& hazard, const HazardPolicy& policy, WallTime now) {
  const bool major = hazard.grade == HazardGrade::major;
  hazard.due_at = now + (major ? policy.rectify_major : policy.rectify_general);
  hazard.deadline = now + (major ? policy.accept_major : policy.accept_general);
}

void remember_rectifier(Hazard& hazard, const std::string& name) {
  const auto key = person_key(name);
  if (std::ranges::none_of(hazard.rectifiers, [&](const auto& other) { return person_key(other) == key; }))
    hazard.rectifiers.push_back(name);
}

void enter(Hazard& hazard, const Arrow& arrow, const Act& act, const HazardPolicy& policy, WallTime now,
           std::optional<WallTime> new_due) {
  const std::string_view action = arrow.action;
  if (action == "start" || action == "progress" || action == "self_check") remember_rectifier(hazard, act.actor.name);
  if (action == "dispatch") {
    if (hazard.responsible.empty()) hazard.responsible = responsible_for(policy, hazard.site);
    allow_to_rectify(hazard, policy, now);
  } else if (action == "redispatch") {
    hazard.responsible = given(act.fields, "responsible");
  } else if (action == "grade" && hazard.state == HazardState::dispatched && hazard.grade == HazardGrade::major) {
    hazard.deadline = std::min(hazard.deadline.value_or(now + policy.accept_major), now + policy.accept_major);
  } else if (action == "start") {
    hazard.due_at = hazard.deadline = hazard.plan.time_limit;
  } else if (action == "submit") {
    hazard.deadline = now + policy.check_within;
  } else if (action == "fail") {
    ++hazard.failures;
    allow_to_rectify(hazard, policy, now);
    if (new_due) hazard.due_at = new_due;
    hazard.deadline = hazard.due_at;
  } else if (action == "reopen") {
    ++hazard.reopenings;
    hazard.closed_at.reset();
    allow_to_rectify(hazard, policy, now);
  }
  if (!is_open(arrow.to)) hazard.deadline.reset();
  if (arrow.to == HazardState::closed) hazard.closed_at = now;
}

}  // namespace

std::string responsible_for(const HazardPolicy& policy, const std::string& site) {
  const auto found = policy.responsible.find(site);
  return found == policy.responsible.end() ? "principal of " + site : found->second;
}

Result<Hazard> step(const Hazard& hazard, std::string_view action, const Act& act, const HazardPolicy& policy,
                    WallTime now) {
  const auto* arrow = find_arrow(hazard.state, action);
  if (!arrow)
    return fail(Errc::refused, described(hazard) + ": " + std::string(action) +
                                   " is not possible there, possible: " + actions_in(hazard.state));
  if (auto allowed = check_person(hazard, *arrow, act, policy, now); !allowed) return fail(allowed.error());

  Hazard after = hazard;
  Faults faults;
  check_names(*arrow, act, faults);
  if (arrow->needs & needs_grade) take_grade(after, act, faults);
  if (arrow->needs & needs_five_elements) take_plan(after, act, now, faults);
  const auto new_due = time_field(act, "due", now, faults);
  if (!faults.none()) return fail(Errc::invalid_argument, std::string(action) + ": " + faults.text());

  enter(after, *arrow, act, policy, now, new_due);
  after.state = arrow->to;
  ++after.version;
  after.updated_at = now;
  return after;
}

}  // namespace anlan::collector
