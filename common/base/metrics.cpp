#include "common/base/metrics.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace anlan {
namespace {

std::string_view word(MetricInfo::Type type) {
  constexpr std::string_view words[] = {"counter", "gauge", "histogram"};
  return words[static_cast<std::size_t>(type)];
}

std::string number(double value, const char* format = "%.17g") {
  char text[40];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string{c};
  }
  return out;
}

std::size_t label_count(const MetricInfo& info) {
  return static_cast<std::size_t>(std::ranges::count_if(info.labels, [](auto name) { return !name.empty(); }));
}

/// `lane="live",fate="fresh"`
template <class Values>
std::string label_text(const MetricInfo& info, const Values& values) {
  if (values.size() != label_count(info))
    throw std::logic_error(std::string(info.name) + " has " + std::to_string(label_count(info)) + " labels");
  std::string text;
  std::size_t i = 0;
  for (const auto& value : values)
    text += (i == 0 ? "" : ",") + std::string(info.labels[i]) + "=\"" + escaped(value) + '"', ++i;
  return text;
}

std::string line(std::string_view name, const std::string& labels, double value) {
  return std::string(name) + (labels.empty() ? "" : "{" + labels + "}") + " " + number(value) + "\n";
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}

void Histogram::observe(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].add();
  sum_.add(value);
}

double Histogram::count() const {
  double all = 0;
  for (const Metric& bucket : counts_) all += bucket.value();
  return all;
}

Metrics::Family& Metrics::family(std::string_view name, Type type, std::string_view help) {
  auto found = families_.find(name);
  if (found == families_.end())
    found = families_.emplace(std::string(name), Family{type, std::string(help), {}, {}}).first;
  if (found->second.type != type) throw std::logic_error(std::string(name) + " is declared as two types");
  return found->second;
}

Metric& Metrics::series(Family& family, std::string_view labels) {
  auto metric = family.series.find(labels);
  if (metric == family.series.end())
    metric = family.series.emplace(std::string(labels), std::make_unique<Metric>()).first;
  return *metric->second;
}

void Metrics::declare(std::span<const MetricInfo> infos) {
  for (const MetricInfo& info : infos)
    if (label_count(info) > 0) {
      const std::lock_guard lock(mutex_);
      family(info.name, info.type, info.help);
    } else if (info.type == Type::histogram) {
      histogram(info);
    } else {
      at(info);
    }
}

Metric& Metrics::at(const MetricInfo& info, LabelValues values) {
  const std::string labels = label_text(info, values);
  const std::lock_guard lock(mutex_);
  return series(family(info.name, info.type, info.help), labels);
}

Histogram& Metrics::histogram(const MetricInfo& info, LabelValues values) {
  const std::string labels = label_text(info, values);
  const std::lock_guard lock(mutex_);
  auto& known = family(info.name, info.type, info.help).histograms;
  auto found = known.find(labels);
  if (found == known.end()) found = known.emplace(labels, std::make_unique<Histogram>(info.buckets)).first;
  return *found->second;
}

void Metrics::replace(const MetricInfo& info, const std::vector<std::pair<std::vector<std::string>, double>>& all) {
  const std::lock_guard lock(mutex_);
  Family& known = family(info.name, info.type, info.help);
  known.series.clear();
  for (const auto& [values, value] : all) series(known, label_text(info, values)).set(value);
}

Metric& Metrics::counter(std::string_view name, std::string_view help, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  return series(family(name, Type::counter, help), labels);
}

Metric& Metrics::gauge(std::string_view name, std::string_view help, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  return series(family(name, Type::gauge, help), labels);
}

std::string Metrics::text() {
  for (const auto& refresh : refresh_) refresh();
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + std::string(word(family.type)) + "\n";
    for (const auto& [labels, metric] : family.series) out += line(name, labels, metric->value());
    for (const auto& [labels, histogram] : family.histograms) {
      double below = 0;
      const std::string before = labels.empty() ? "" : labels + ",";
      for (std::size_t i = 0; i < histogram->counts_.size(); ++i) {
        below += histogram->counts_[i].value();
        const bool last = i == histogram->bounds_.size();
        const std::string bound = last ? "+Inf" : number(histogram->bounds_[i], "%g");
        out += line(name + "_bucket", before + "le=\"" + bound + "\"", below);
      }
      out += line(name + "_sum", labels, histogram->sum_.value()) + line(name + "_count", labels, below);
    }
  }
  return out;
}

std::string to_reference(std::vector<MetricInfo> infos) {
  std::ranges::sort(infos, {}, &MetricInfo::name);
  std::string text = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
  for (const MetricInfo& info : infos) {
    std::string labels;
    for (const auto label : info.labels)
      if (!label.empty()) labels += (labels.empty() ? "`" : ", `") + std::string(label) + "`";
    text += "| `" + std::string(info.name) + "` | " + std::string(word(info.type)) + " | " + labels + " | " +
            std::string(info.help) + " |\n";
  }
  return text;
}

}  // namespace anlan
