// Traces as text, for tests of the scoring: "0=41 10=? 20=95!" is 41 at 0 s, no answer at 10 s, and 95 out of range
// at 20 s. What came out is text too: "20 raised red".
#pragma once

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "edge/score/scorer.hpp"

namespace anlan::edge {

inline constexpr std::int64_t kWallStart = 1'800'000'000'000;

inline Sample sample_at(double seconds, double value, Quality quality = Quality::good, std::uint32_t point = 0) {
  const auto ms = static_cast<std::int64_t>(seconds * 1000);
  return {point, value, quality, wall_from_ms(kWallStart + ms), mono_from_ms(ms)};
}

inline Instant instant_at(double seconds, BootId boot = {1, 1}) {
  const auto ms = static_cast<std::int64_t>(seconds * 1000);
  return {wall_from_ms(kWallStart + ms), mono_from_ms(ms), boot};
}

inline Sample parse_sample(const std::string& token) {
  const auto equals = token.find('=');
  const double seconds = std::strtod(token.c_str(), nullptr);
  const std::string what = token.substr(equals + 1);
  if (what == "?") return sample_at(seconds, kNoValue, Quality::comm_failure);
  if (what == "fault") return sample_at(seconds, kNoValue, Quality::device_fault);
  if (what == "nan") return sample_at(seconds, kNoValue, Quality::good);
  const double value = std::strtod(what.c_str(), nullptr);
  if (what.ends_with('~')) return sample_at(seconds, value, Quality::stale);
  return sample_at(seconds, value, what.ends_with('!') ? Quality::out_of_range : Quality::good);
}

inline std::vector<Sample> parse_trace(const std::string& text) {
  std::vector<Sample> trace;
  std::istringstream tokens(text);
  for (std::string token; tokens >> token;) trace.push_back(parse_sample(token));
  return trace;
}

inline std::string describe(const AlertTransition& t) {
  std::ostringstream out;
  out << static_cast<double>(to_ms(t.at) - kWallStart) / 1000 << ' ' << to_string(t.step) << ' ' << to_string(t.level);
  return out.str();
}

inline std::string describe(const std::vector<AlertTransition>& transitions) {
  std::string text;
  for (const AlertTransition& t : transitions) text += (text.empty() ? "" : ", ") + describe(t);
  return text;
}

template <class Engine>
std::string play(Engine& engine, const std::string& trace) {
  std::vector<AlertTransition> all;
  for (const Sample& sample : parse_trace(trace))
    for (auto& transition : engine.apply(sample)) all.push_back(std::move(transition));
  return describe(all);
}

/// Ids 1, 2, 3, …
inline NewAlertId counting_ids() {
  return [n = std::uint64_t{0}]() mutable { return AlertId{0, ++n}; };
}

/// Blue 40, yellow 60, orange 75, red 90 (DOMAIN.md), deadband 2, on-delay 10 s, off-delay 20 s.
inline Limits usual_limits() {
  Limits limits;
  limits.high.at = {40, 60, 75, 90};
  limits.deadband = 2;
  limits.on_delay = Millis{10'000};
  limits.off_delay = Millis{20'000};
  return limits;
}

inline PointDefinition point_named(const std::string& path, Limits limits = usual_limits()) {
  PointDefinition point;
  point.path = *PointPath::parse(path);
  point.name = "3号罐温度";
  point.unit = "Cel";
  point.limits = limits;
  return point;
}

inline Definition one_point(Limits limits = usual_limits()) {
  return {{point_named("site-a/tank-3/temperature", limits)}};
}

}  // namespace anlan::edge
