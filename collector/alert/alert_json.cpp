#include "collector/alert/alert_json.hpp"

#include <cmath>

#include <boost/json.hpp>

namespace anlan::collector {

namespace json = boost::json;

namespace {

json::value number(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

json::value acknowledgement(const std::optional<Acknowledgement>& ack) {
  if (!ack) return nullptr;
  return json::object{{"by", ack->actor.name},
                      {"role", to_string(ack->actor.role)},
                      {"note", ack->note},
                      {"at", to_rfc3339(ack->at)},
                      {"level", to_string(ack->level)}};
}

}  // namespace

json::object to_json(const Evidence& evidence) {
  return {{"value", number(evidence.value)},
          {"limit", number(evidence.limit)},
          {"unit", evidence.unit},
          {"since", to_rfc3339(evidence.since)},
          {"quality", to_string(evidence.quality)}};
}

json::object to_json(const Alert& alert) {
  json::array episodes;
  for (const auto& id : alert.episodes) episodes.push_back(json::string(id.hex()));
  return {{"id", alert.id.hex()},
          {"edge", alert.origin.edge},
          {"site", alert.origin.site},
          {"technical", alert.technical},
          {"source", alert.source},
          {"asset", alert.asset},
          {"rule", alert.rule},
          {"name", alert.name},
          {"state", to_string(alert.state)},
          {"uncertain", alert.uncertain},
          {"level", to_string(alert.level)},
          {"peak", to_string(alert.peak)},
          {"maintenance", alert.maintenance.has_value()},
          {"live_level", to_string(alert.maintenance.value_or(alert.level))},
          {"step", to_string(alert.step)},
          {"version", alert.version},
          {"evidence", to_json(alert.evidence)},
          {"score", number(alert.score)},
          {"raised_at", to_rfc3339(alert.raised_at)},
          {"changed_at", to_rfc3339(alert.changed_at)},
          {"heard_at", to_rfc3339(alert.heard_at)},
          {"updated_at", to_rfc3339(alert.updated_at)},
          {"reset_by", alert.reset_by.empty() ? json::value(nullptr) : json::value(alert.reset_by)},
          {"acknowledged", acknowledgement(alert.acknowledged)},
          {"revision", alert.revision},
          {"lead", alert.lead.hex()},
          {"episodes", std::move(episodes)}};
}

json::object to_json(const AlertEvent& event) {
  return {{"number", event.number},
          {"what", event.what},
          {"via", event.via},
          {"level", to_string(event.level)},
          {"version", event.version},
          {"epoch", event.epoch.empty() ? json::value(nullptr) : json::value(event.epoch)},
          {"actor", event.actor.name},
          {"role", to_string(event.actor.role)},
          {"reason", event.reason},
          {"evidence", to_json(event.evidence)},
          {"maintenance", event.maintenance.has_value()},
          {"edge_time", to_rfc3339(event.edge_time)},
          {"at", to_rfc3339(event.at)},
          {"late", event.late}};
}

}  // namespace anlan::collector
