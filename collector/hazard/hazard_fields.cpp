#include <algorithm>

#include "collector/hazard/hazard_rules.hpp"

namespace anlan::collector {
namespace {

class Faults {
 public:
  void add(std::string fault) { text_ += (text_.empty() ? "" : "; ") + fault; }
  bool none() const { return text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string_view bare(std::string_view name) { return name.ends_with('?') ? name.substr(0, name.size() - 1) : name; }

/// A major hazard's five elements stand in its plan.
bool asks(const Hazard& hazard, const Arrow& arrow, Needs need) {
  if (!(arrow.needs & need)) return false;
  return need != needs_five_elements || !(arrow.needs & needs_approved_plan) || hazard.grade != HazardGrade::major;
}

std::vector<std::string_view> fields_of(const Hazard& hazard, const Arrow& arrow) {
  std::vector<std::string_view> names;
  for (const NeedText& need : needs())
    if (asks(hazard, arrow, need.need)) names.insert(names.end(), need.fields.begin(), need.fields.end());
  return names;
}

void check_names(const Hazard& hazard, const Arrow& arrow, const Act& act, Faults& faults) {
  const auto names = fields_of(hazard, arrow);
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

std::optional<HazardGrade> grade_field(const Hazard& hazard, const Act& act, Faults& faults) {
  const auto text = given(act.fields, "grade");
  if (text.empty()) return std::nullopt;
  if (text != "general" && text != "major") {
    faults.add("grade \"" + text + "\" is neither general nor major");
    return std::nullopt;
  }
  const auto grade = text == "major" ? HazardGrade::major : HazardGrade::general;
  if (grade < hazard.grade) faults.add("a major hazard is made general by two persons: downgrade, confirm_downgrade");
  return grade;
}

FiveElements plan_fields(const Hazard& hazard, const Act& act, WallTime now, Faults& faults) {
  const auto limit = time_field(act, "time_limit", now, faults);
  if (limit && hazard.due_at && *limit > *hazard.due_at)
    faults.add("time_limit is later than the due date " + to_rfc3339(*hazard.due_at));
  return {given(act.fields, "measures"), given(act.fields, "responsible_person"), given(act.fields, "funds"),
          given(act.fields, "contingency_plan"), limit};
}

std::optional<WallTime> until_field(const Hazard& hazard, const Arrow& arrow, const Act& act,
                                    const HazardPolicy& policy, WallTime now, Faults& faults) {
  const auto until = time_field(act, "until", now, faults);
  if (!until || !hazard.due_at) return until;
  if (*until <= *hazard.due_at) faults.add("until is not later than the due date " + to_rfc3339(*hazard.due_at));
  if ((arrow.needs & needs_first_extension) && *until > *hazard.due_at + policy.first_extension)
    faults.add("until is more than " + to_words(policy.first_extension) + " later: ask_extension");
  return until;
}

}  // namespace

std::string given(const ActFields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

Result<Given> read_given(const Hazard& hazard, const Arrow& arrow, const Act& act, const HazardPolicy& policy,
                         WallTime now) {
  Given read;
  Faults faults;
  check_names(hazard, arrow, act, faults);
  if (arrow.needs & needs_grade) read.grade = grade_field(hazard, act, faults);
  if (asks(hazard, arrow, needs_five_elements)) read.plan = plan_fields(hazard, act, now, faults);
  if (arrow.needs & needs_until) read.until = until_field(hazard, arrow, act, policy, now, faults);
  if (arrow.needs & may_set_due) read.due = time_field(act, "due", now, faults);
  if (!faults.none()) return fail(Errc::invalid_argument, std::string(arrow.action) + ": " + faults.text());
  return read;
}

}  // namespace anlan::collector
