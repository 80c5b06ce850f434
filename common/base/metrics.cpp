#include "common/base/metrics.hpp"

#include <cstdio>

namespace anlan {

Metric& Metrics::at(Type type, std::string_view name, std::string_view help, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  auto family = families_.find(name);
  if (family == families_.end())
    family = families_.emplace(std::string(name), Family{type, std::string(help), {}}).first;
  auto& series = family->second.series;
  auto metric = series.find(labels);
  if (metric == series.end()) metric = series.emplace(std::string(labels), std::make_unique<Metric>()).first;
  return *metric->second;
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + family.help + "\n";
    out += "# TYPE " + name + (family.type == Type::counter ? " counter\n" : " gauge\n");
    for (const auto& [labels, metric] : family.series) {
      char value[40];
      std::snprintf(value, sizeof value, " %.17g\n", metric->value());
      out += name + (labels.empty() ? "" : "{" + labels + "}") + value;
    }
  }
  return out;
}

}  // namespace anlan
