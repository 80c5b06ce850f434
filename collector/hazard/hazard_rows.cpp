#include "collector/hazard/hazard_rows.hpp"

#include <algorithm>

#include "collector/hazard/hazard_text.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

namespace {

constexpr const char* kColumns =
    "number, id, version, state, site, asset, rule, title, description, category, location, from_alert, level, grade, "
    "needs_grading_review, responsible, rectifiers, measures, responsible_person, funds, contingency_plan, time_limit, "
    "reported_at, updated_at, due_at, deadline, closed_at, failures, reopenings, merged_into, "
    "plan_by, plan_approved, interim_control, dispatched_at, paused_at, paused_deadline, extensions, extension_until, "
    "extension_by, downgrade_by, supervised, inspector, inspected, hold_until, said, "
    "(SELECT COUNT(*) FROM hazard_alert a WHERE a.hazard = hazard.id), "
    "(SELECT COUNT(*) FROM hazard_alert a WHERE a.hazard = hazard.id AND a.active = 1)";

/// Names of people hold no line breaks (hazard_desk.cpp refuses them).
std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text.substr(begin, end - begin));
  return lines;
}

HazardGrade grade_from(std::string_view text) {
  for (const auto grade : {HazardGrade::general, HazardGrade::major})
    if (to_string(grade) == text) return grade;
  return HazardGrade::none;
}

HazardState read_state(SqlReader& in) {
  const auto& text = in.text();
  const auto state = hazard_state_from(text);
  if (!state) throw DatabaseError(Errc::storage_corrupt, "no state of a hazard: " + text);
  return *state;
}

HazardRows::Numbered read_hazard(const SqlRow& row) {
  SqlReader in(row);
  HazardRows::Numbered out;
  auto& h = out.hazard;
  out.number = in.integer();
  h.id = in.id<HazardId>();
  h.version = in.integer();
  h.state = read_state(in);
  h.site = in.text();
  h.asset = in.text();
  h.rule = in.text();
  h.title = in.text();
  h.description = in.text();
  h.category = in.text();
  h.location = in.text();
  h.from_alert = in.flag();
  h.level = static_cast<Level>(in.integer());
  h.grade = grade_from(in.text());
  h.needs_grading_review = in.flag();
  h.responsible = in.text();
  h.rectifiers = split(in.text());
  h.plan.measures = in.text();
  h.plan.responsible_person = in.text();
  h.plan.funds = in.text();
  h.plan.contingency_plan = in.text();
  h.plan.time_limit = in.maybe_time();
  h.reported_at = in.time();
  h.updated_at = in.time();
  h.due_at = in.maybe_time();
  h.deadline = in.maybe_time();
  h.closed_at = in.maybe_time();
  h.failures = static_cast<int>(in.integer());
  h.reopenings = static_cast<int>(in.integer());
  if (const auto into = in.maybe_text()) h.merged_into = SqlReader::as_id<HazardId>(*into);
  h.plan_by = in.text();
  h.plan_approved = in.flag();
  h.interim_control = in.text();
  h.dispatched_at = in.maybe_time();
  h.paused_at = in.maybe_time();
  h.paused_deadline = in.maybe_time();
  h.extensions = static_cast<int>(in.integer());
  h.extension_until = in.maybe_time();
  h.extension_by = in.text();
  h.downgrade_by = in.text();
  h.supervised = in.flag();
  h.inspector = in.text();
  h.inspected = in.flag();
  h.hold_until = in.maybe_time();
  h.said = static_cast<int>(in.integer());
  h.alerts = static_cast<int>(in.integer());
  h.active_alerts = static_cast<int>(in.integer());
  return out;
}

std::vector<SqlField> fields_of(const Hazard& h) {
  return {{"version", sql(h.version)},
          {"state", sql(to_string(h.state))},
          {"site", sql(h.site)},
          {"asset", sql(h.asset)},
          {"rule", sql(h.rule)},
          {"title", sql(h.title)},
          {"description", sql(h.description)},
          {"category", sql(h.category)},
          {"location", sql(h.location)},
          {"from_alert", sql(h.from_alert)},
          {"level", sql(static_cast<int>(h.level))},
          {"grade", sql(to_string(h.grade))},
          {"needs_grading_review", sql(h.needs_grading_review)},
          {"responsible", sql(h.responsible)},
          {"rectifiers", sql(joined(h.rectifiers))},
          {"measures", sql(h.plan.measures)},
          {"responsible_person", sql(h.plan.responsible_person)},
          {"funds", sql(h.plan.funds)},
          {"contingency_plan", sql(h.plan.contingency_plan)},
          {"time_limit", sql(h.plan.time_limit)},
          {"reported_at", sql(h.reported_at)},
          {"updated_at", sql(h.updated_at)},
          {"due_at", sql(h.due_at)},
          {"deadline", sql(h.deadline)},
          {"closed_at", sql(h.closed_at)},
          {"failures", sql(h.failures)},
          {"reopenings", sql(h.reopenings)},
          {"merged_into", h.merged_into ? sql(h.merged_into->hex()) : SqlValue(nullptr)},
          {"plan_by", sql(h.plan_by)},
          {"plan_approved", sql(h.plan_approved)},
          {"interim_control", sql(h.interim_control)},
          {"dispatched_at", sql(h.dispatched_at)},
          {"paused_at", sql(h.paused_at)},
          {"paused_deadline", sql(h.paused_deadline)},
          {"extensions", sql(h.extensions)},
          {"extension_until", sql(h.extension_until)},
          {"extension_by", sql(h.extension_by)},
          {"downgrade_by", sql(h.downgrade_by)},
          {"supervised", sql(h.supervised)},
          {"inspector", sql(h.inspector)},
          {"inspected", sql(h.inspected)},
          {"hold_until", sql(h.hold_until)},
          {"said", sql(h.said)}};
}

}  // namespace

std::vector<HazardRows::Numbered> HazardRows::select(const std::string& rest, std::vector<SqlValue> parameters) const {
  std::vector<Numbered> out;
  for (const auto& row :
       database_.query("SELECT " + std::string(kColumns) + " FROM hazard " + rest, std::move(parameters)))
    out.push_back(read_hazard(row));
  return out;
}

std::optional<Hazard> HazardRows::one(const std::string& rest, std::vector<SqlValue> parameters) const {
  auto rows = select(rest + " LIMIT 1", std::move(parameters));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front().hazard);
}

std::optional<Hazard> HazardRows::find(const HazardId& id) const { return one("WHERE id = :p1", {sql(id.hex())}); }

void HazardRows::look_again(const HazardId& hazard, std::optional<WallTime> at) {
  update_row(database_, "hazard", {"id", sql(hazard.hex())}, {{"look_at", sql(at)}});
}

void HazardRows::insert(const Hazard& hazard) {
  auto fields = fields_of(hazard);
  const std::int64_t number = next_number(database_, "hazard");
  fields.push_back({"number", sql(number)});
  fields.push_back({"id", sql(hazard.id.hex())});
  insert_row(database_, "hazard", std::move(fields));
  // Once and for all: what is searched for does not change.
  database_.exec("INSERT INTO hazard_text (rowid, pairs) VALUES (:p1, :p2)", {sql(number), sql(text_pairs(hazard))});
}

void HazardRows::update(const Hazard& hazard) {
  update_row(database_, "hazard", {"id", sql(hazard.id.hex())}, fields_of(hazard));
}

std::optional<Hazard> HazardRows::open_for(const std::string& asset, const std::string& rule) const {
  return one("WHERE id = (SELECT hazard FROM hazard_key WHERE asset = :p1 AND rule = :p2)", {sql(asset), sql(rule)});
}

void HazardRows::set_key(const std::string& asset, const std::string& rule, const HazardId& hazard) {
  insert_row(database_, "hazard_key", {{"asset", sql(asset)}, {"rule", sql(rule)}, {"hazard", sql(hazard.hex())}});
}

void HazardRows::drop_keys(const HazardId& hazard) {
  database_.exec("DELETE FROM hazard_key WHERE hazard = :p1", {sql(hazard.hex())});
}

std::optional<Hazard> HazardRows::last_closed(const std::string& asset, const std::string& rule) const {
  return one("WHERE asset = :p1 AND rule = :p2 AND state = 'closed' AND from_alert = 1 ORDER BY closed_at DESC",
             {sql(asset), sql(rule)});
}

std::optional<Hazard> HazardRows::linked_to(const AlertId& alert) const {
  return one("WHERE id = (SELECT hazard FROM hazard_alert WHERE alert = :p1 ORDER BY number DESC LIMIT 1)",
             {sql(alert.hex())});
}

void HazardRows::link(const HazardId& hazard, const AlertId& alert, bool active) {
  insert_row(database_, "hazard_alert",
             {{"number", next_number(database_, "hazard_alert")},
              {"hazard", sql(hazard.hex())},
              {"alert", sql(alert.hex())},
              {"active", sql(active)}},
             "ON CONFLICT (hazard, alert) DO UPDATE SET active = excluded.active");
}

void HazardRows::set_active(const AlertId& alert, bool active) {
  database_.exec("UPDATE hazard_alert SET active = :p1 WHERE alert = :p2", {sql(active), sql(alert.hex())});
}

void HazardRows::add_event(const HazardId& hazard, const HazardEvent& e) {
  insert_row(database_, "hazard_event",
             {{"number", next_number(database_, "hazard_event")},
              {"hazard", sql(hazard.hex())},
              {"version", sql(e.version)},
              {"what", sql(e.what)},
              {"from_state", sql(to_string(e.from))},
              {"to_state", sql(to_string(e.to))},
              {"actor", sql(e.actor.name)},
              {"role", sql(to_string(e.actor.role))},
              {"reason", sql(e.reason)},
              {"fields", sql(e.fields)},
              {"at", sql(e.at)}});
}

std::vector<HazardEvent> HazardRows::events(const HazardId& hazard) const {
  std::vector<HazardEvent> out;
  for (const auto& row :
       database_.query("SELECT number, version, what, from_state, to_state, actor, role, reason, fields, at "
                       "FROM hazard_event WHERE hazard = :p1 ORDER BY number LIMIT 10000",
                       {sql(hazard.hex())})) {
    SqlReader in(row);
    HazardEvent e;
    e.number = in.integer();
    e.version = in.integer();
    e.what = in.text();
    e.from = read_state(in);
    e.to = read_state(in);
    e.actor.name = in.text();
    e.actor.role = role_from(in.text()).value_or(Role::SYS);
    e.reason = in.text();
    e.fields = in.text();
    e.at = in.time();
    out.push_back(std::move(e));
  }
  return out;
}

void HazardRows::add_evidence(const HazardId& hazard, const HazardEvidence& e) {
  insert_row(database_, "hazard_evidence",
             {{"number", next_number(database_, "hazard_evidence")},
              {"hazard", sql(hazard.hex())},
              {"kind", sql(e.kind)},
              {"alert", e.alert ? sql(e.alert->hex()) : SqlValue(nullptr)},
              {"what", sql(e.what)},
              {"level", sql(static_cast<int>(e.level))},
              {"value", sql(e.evidence.value)},
              {"limit_value", sql(e.evidence.limit)},
              {"unit", sql(e.evidence.unit)},
              {"since_ms", sql(e.evidence.since)},
              {"quality", sql(static_cast<int>(e.evidence.quality))},
              {"text", sql(e.text)},
              {"edge_time", sql(e.edge_time)},
              {"at", sql(e.at)}});
}

std::vector<HazardEvidence> HazardRows::evidence(const HazardId& hazard) const {
  std::vector<HazardEvidence> out;
  for (const auto& row : database_.query("SELECT number, kind, alert, what, level, value, limit_value, unit, since_ms, "
                                         "quality, text, edge_time, at FROM hazard_evidence WHERE hazard = :p1 "
                                         "ORDER BY number DESC LIMIT " +
                                             std::to_string(kMaxEvidence),
                                         {sql(hazard.hex())})) {
    SqlReader in(row);
    HazardEvidence e;
    e.number = in.integer();
    e.kind = in.text();
    if (const auto alert = in.maybe_text()) e.alert = SqlReader::as_id<AlertId>(*alert);
    e.what = in.text();
    e.level = static_cast<Level>(in.integer());
    e.evidence.value = in.real();
    e.evidence.limit = in.real();
    e.evidence.unit = in.text();
    e.evidence.since = in.time();
    e.evidence.quality = quality_from(static_cast<std::uint64_t>(in.integer())).value_or(Quality::stale);
    e.text = in.text();
    e.edge_time = in.time();
    e.at = in.time();
    out.push_back(std::move(e));
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace anlan::collector
