#include "collector/api/point_json.hpp"

#include <charconv>
#include <cmath>

#include <boost/json/object.hpp>

namespace anlan::collector::api {
namespace {

namespace json = boost::json;

json::value number(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

json::object limits_json(const LevelLimits& limits) {
  json::object out;
  for (const Level level : kLevels)
    if (const auto& limit = limits.of(level)) out[to_string(level)] = *limit;
  return out;
}

}  // namespace

std::string_view stale_because(const PointRow& point, const std::optional<NewestValue>& newest, bool edge_silent,
                               WallTime now) {
  if (!newest) return "never";
  if (edge_silent) return "edge-silent";
  if (!point.present) return "absent";
  if (newest->sample.quality != Quality::good) return "quality";
  return now - newest->sample.time > 3 * point.period + kGrace ? "old" : "";
}

json::object point_json(const PointRow& point, const std::optional<NewestValue>& newest, bool edge_silent,
                        WallTime now) {
  const std::string_view stale = stale_because(point, newest, edge_silent, now);
  json::object body{{"path", point.path.str()},
                    {"site", point.path.site},
                    {"device", point.path.device},
                    {"point", point.path.point},
                    {"edge", point.edge},
                    {"name", point.name},
                    {"unit", point.unit},
                    {"asset", point.asset},
                    {"period_ms", point.period.count()},
                    {"present", point.present},
                    {"limits", json::object{{"high", limits_json(point.limits.high)},
                                            {"low", limits_json(point.limits.low)},
                                            {"deadband", point.limits.deadband},
                                            {"on_delay_ms", point.limits.on_delay.count()},
                                            {"off_delay_ms", point.limits.off_delay.count()}}},
                    {"stale", !stale.empty()},
                    {"stale_because", stale.empty() ? json::value(nullptr) : json::value(stale)},
                    {"newest", nullptr}};
  if (newest)
    body["newest"] = json::object{{"time", to_rfc3339(newest->sample.time)},
                                  {"value", number(newest->sample.value)},
                                  {"quality", to_string(newest->sample.quality)}};
  return body;
}

json::object sample_json(const TelemetrySample& sample) {
  return {{"time", to_ms(sample.time)}, {"value", number(sample.value)}, {"quality", to_string(sample.quality)}};
}

json::object trend_point_json(const TrendPoint& point) {
  return {{"time", to_ms(point.from)},  {"count", point.count},     {"min", number(point.min)},
          {"mean", number(point.mean)}, {"max", number(point.max)}, {"quality", to_string(point.worst)}};
}

std::string sample_csv(std::string_view point, const TelemetrySample& sample) {
  std::string line = to_rfc3339(sample.time) + ',' + std::string(point) + ',';
  if (std::isfinite(sample.value)) {
    char text[40];
    line.append(text, std::to_chars(text, text + sizeof text, sample.value).ptr);
  }
  return line + ',' + std::string(to_string(sample.quality)) + '\n';
}

}  // namespace anlan::collector::api
