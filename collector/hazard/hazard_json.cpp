#include "collector/hazard/hazard_json.hpp"

#include <boost/json.hpp>

#include "collector/alert/alert_json.hpp"

namespace anlan::collector {

namespace json = boost::json;

namespace {

json::value time(const std::optional<WallTime>& at) { return at ? json::value(to_rfc3339(*at)) : json::value(nullptr); }

json::object plan(const FiveElements& elements) {
  return {{"measures", elements.measures},
          {"responsible_person", elements.responsible_person},
          {"funds", elements.funds},
          {"time_limit", time(elements.time_limit)},
          {"contingency_plan", elements.contingency_plan}};
}

}  // namespace

json::object to_json(const Hazard& h, WallTime now) {
  json::array rectifiers;
  for (const auto& name : h.rectifiers) rectifiers.push_back(json::string(name));
  return {{"id", h.id.hex()},
          {"version", h.version},
          {"state", to_string(h.state)},
          {"site", h.site},
          {"asset", h.asset},
          {"rule", h.rule},
          {"title", h.title},
          {"description", h.description},
          {"category", h.category},
          {"location", h.location},
          {"from_alert", h.from_alert},
          {"level", to_string(h.level)},
          {"grade", to_string(h.grade)},
          {"needs_grading_review", h.needs_grading_review},
          {"responsible", h.responsible},
          {"rectifiers", std::move(rectifiers)},
          {"plan", plan(h.plan)},
          {"reported_at", to_rfc3339(h.reported_at)},
          {"updated_at", to_rfc3339(h.updated_at)},
          {"due_at", time(h.due_at)},
          {"deadline", time(h.deadline)},
          {"overdue", h.overdue(now)},
          {"closed_at", time(h.closed_at)},
          {"failures", h.failures},
          {"reopenings", h.reopenings},
          {"merged_into", h.merged_into ? json::value(h.merged_into->hex()) : json::value(nullptr)},
          {"plan_by", h.plan_by},
          {"plan_approved", h.plan_approved},
          {"interim_control", h.interim_control},
          {"dispatched_at", time(h.dispatched_at)},
          {"paused_at", time(h.paused_at)},
          {"extensions", h.extensions},
          {"extension_until", time(h.extension_until)},
          {"extension_by", h.extension_by},
          {"downgrade_by", h.downgrade_by},
          {"supervised", h.supervised},
          {"inspector", h.inspector},
          {"inspected", h.inspected},
          {"hold_until", time(h.hold_until)},
          {"alerts", h.alerts},
          {"active_alerts", h.active_alerts}};
}

json::object to_json(const HazardEvent& e) {
  boost::system::error_code failed;
  auto fields = json::parse(e.fields, failed);
  return {{"number", e.number},
          {"version", e.version},
          {"what", e.what},
          {"from", to_string(e.from)},
          {"to", to_string(e.to)},
          {"actor", e.actor.name},
          {"role", to_string(e.actor.role)},
          {"reason", e.reason},
          {"fields", failed ? json::value(nullptr) : std::move(fields)},
          {"at", to_rfc3339(e.at)}};
}

json::object to_json(const HazardEvidence& e) {
  return {{"number", e.number},
          {"kind", e.kind},
          {"alert", e.alert ? json::value(e.alert->hex()) : json::value(nullptr)},
          {"what", e.what},
          {"level", to_string(e.level)},
          {"evidence", e.alert ? json::value(to_json(e.evidence)) : json::value(nullptr)},
          {"text", e.text},
          {"edge_time", to_rfc3339(e.edge_time)},
          {"at", to_rfc3339(e.at)}};
}

}  // namespace anlan::collector
