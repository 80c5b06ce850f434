#include "collector/alert/transition_json.hpp"

#include <cmath>

#include <boost/json.hpp>

namespace anlan::collector {

namespace json = boost::json;

namespace {

json::value number(double value) { return std::isnan(value) ? json::value(nullptr) : json::value(value); }

double number(const json::value& value) { return value.is_null() ? kNoValue : value.to_number<double>(); }

std::string text(const json::object& object, std::string_view key) { return std::string(object.at(key).as_string()); }

AlertTransition read(const json::object& object) {
  AlertTransition t;
  const auto id = AlertId::from_hex(text(object, "alert"));
  const auto step = object.at("step").to_number<unsigned>();
  const auto level = level_from(text(object, "level"));
  const auto quality = quality_from(object.at("quality").to_number<std::uint64_t>());
  if (!id || step < 1 || step > 5 || !level || !quality) throw std::invalid_argument("value outside its range");
  t.alert = *id;
  t.version = object.at("version").to_number<std::uint32_t>();
  t.step = static_cast<AlertStep>(step);
  t.level = *level;
  t.source = text(object, "source");
  t.asset = text(object, "asset");
  t.rule = text(object, "rule");
  t.name = text(object, "name");
  t.evidence = {number(object.at("value")), number(object.at("limit")), text(object, "unit"),
                wall_from_ms(object.at("since").to_number<std::int64_t>()), *quality};
  t.score = number(object.at("score"));
  t.at = wall_from_ms(object.at("at").to_number<std::int64_t>());
  t.actor = text(object, "actor");
  const auto* mark = object.if_contains("maintenance");
  if (!mark) return t;
  t.maintenance = level_from(std::string_view(mark->as_string()));
  if (!t.maintenance) throw std::invalid_argument("value outside its range");
  return t;
}

}  // namespace

std::string transition_text(const AlertTransition& t) {
  json::object object{{"alert", t.alert.hex()},
                      {"version", t.version},
                      {"step", static_cast<unsigned>(t.step)},
                      {"level", to_string(t.level)},
                      {"source", t.source},
                      {"asset", t.asset},
                      {"rule", t.rule},
                      {"name", t.name},
                      {"value", number(t.evidence.value)},
                      {"limit", number(t.evidence.limit)},
                      {"unit", t.evidence.unit},
                      {"since", to_ms(t.evidence.since)},
                      {"quality", static_cast<unsigned>(t.evidence.quality)},
                      {"score", number(t.score)},
                      {"at", to_ms(t.at)},
                      {"actor", t.actor}};
  if (t.maintenance) object["maintenance"] = to_string(*t.maintenance);
  return json::serialize(object);
}

Result<AlertTransition> parse_transition(std::string_view text) {
  try {
    return read(json::parse(text).as_object());
  } catch (const std::exception& e) {
    return fail(Errc::storage_corrupt, std::string("stored alert transition does not parse: ") + e.what());
  }
}

}  // namespace anlan::collector
