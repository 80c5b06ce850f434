// The text that a receiver gets; docs/formats/notification.md is its description.
#include <boost/json.hpp>

#include "collector/alert/alert_json.hpp"
#include "collector/notify/outbox.hpp"

namespace anlan::collector {

namespace json = boost::json;

namespace {

/// CAP 1.2 severity and urgency by level (DOMAIN.md). Colours stay the level's.
struct CapWords {
  std::string_view severity, urgency;
};

CapWords cap_words(Level level) {
  switch (level) {
    case Level::red:
      return {"Extreme", "Immediate"};
    case Level::orange:
      return {"Severe", "Expected"};
    case Level::yellow:
      return {"Moderate", "Expected"};
    default:
      return {"Minor", "Future"};
  }
}

}  // namespace

std::string notification_payload(const Call& call, WallTime now) {
  const auto& ring = call.ring;
  const auto& evidence = ring.transition.evidence;
  const auto shown = to_json(evidence);
  const auto words = cap_words(ring.level);
  json::object body{{"alert", ring.alert.id.hex()},
                    {"level", to_string(ring.level)},
                    {"step", to_string(ring.transition.step)},
                    {"site", ring.alert.origin.site},
                    {"edge", ring.alert.origin.edge},
                    {"technical", ring.alert.technical},
                    {"source", ring.alert.source},
                    {"asset", ring.alert.asset},
                    {"rule", ring.alert.rule},
                    {"name", ring.alert.name},
                    {"value", shown.at("value")},
                    {"limit", shown.at("limit")},
                    {"unit", evidence.unit},
                    {"quality", to_string(evidence.quality)},
                    {"since", to_rfc3339(evidence.since)},
                    {"decided_at", to_rfc3339(ring.transition.at)},
                    {"raised_at", to_rfc3339(ring.alert.raised_at)},
                    {"age_s", ring.age ? json::value(std::chrono::floor<std::chrono::seconds>(*ring.age).count())
                                       : json::value(nullptr)},
                    {"late", ring.late},
                    {"hazard", call.hazard ? json::value(call.hazard->hex()) : json::value(nullptr)},
                    {"severity", words.severity},
                    {"urgency", words.urgency},
                    {"certainty", ring.alert.technical ? "Likely" : "Observed"},
                    {"queued_at", to_rfc3339(now)}};
  return json::serialize(body);
}

}  // namespace anlan::collector
