// Counters, gauges and histograms of one daemon, printed as Prometheus text. Each metric is declared once, as a
// MetricInfo beside the stage that counts it; docs/reference/metrics.md is printed from the declarations. Names and
// units follow Prometheus' conventions (https://prometheus.io/docs/practices/naming/). A label never holds a secret or
// anything that the outside can choose without bound.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anlan {

/// Bounds for things that take from half a millisecond to ten seconds.
inline constexpr std::array kSecondsBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                            0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};

struct MetricInfo {
  enum class Type { counter, gauge, histogram };
  std::string_view name;  // "anlan_edge_samples_total"
  Type type = Type::counter;
  std::string_view help;
  std::array<std::string_view, 3> labels{};  // names of its labels, in order; the rest is empty
  std::span<const double> buckets{};         // of a histogram: upper bounds, rising; +Inf is added
};

/// One number; set or added from any thread.
class Metric {
 public:
  void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// How often a value fell at or below each bound; from any thread.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);
  double count() const;

 private:
  friend class Metrics;
  std::span<const double> bounds_;
  std::vector<Metric> counts_;  // per bucket, the last above every bound
  Metric sum_;
};

/// All metrics of a process. Constructed in app/ and handed down by reference; thread-safe.
class Metrics {
 public:
  using Type = MetricInfo::Type;
  using LabelValues = std::initializer_list<std::string_view>;

  /// They are printed from now on, those without labels with the value 0: a scraper sees what there is before anything
  /// happens. What `infos` points to outlives the registry.
  void declare(std::span<const MetricInfo> infos);

  /// The series with these label values, one for each label of `info`; made at the first call. The reference stays good
  /// as long as the registry (but for metrics that are replace()d).
  Metric& at(const MetricInfo& info, LabelValues values = {});
  Histogram& histogram(const MetricInfo& info, LabelValues values = {});

  /// Sets every series of a metric anew; those that are not named are gone.
  void replace(const MetricInfo& info, const std::vector<std::pair<std::vector<std::string>, double>>& series);

  /// Called on the reader's thread before each text(): where a value is looked up rather than counted.
  void on_read(std::function<void()> refresh) { refresh_.push_back(std::move(refresh)); }

  /// Prometheus text exposition format 0.0.4.
  std::string text();

  /// The metric with this name and label text (`edge="a",stream="event"` or empty), declared by this call. `help` and
  /// type of the first call for a name stand.
  Metric& counter(std::string_view name, std::string_view help, std::string_view labels = {});
  Metric& gauge(std::string_view name, std::string_view help, std::string_view labels = {});

 private:
  struct Family {
    Type type = Type::counter;
    std::string help;
    std::map<std::string, std::unique_ptr<Metric>, std::less<>> series;
    std::map<std::string, std::unique_ptr<Histogram>, std::less<>> histograms;
  };
  Family& family(std::string_view name, Type type, std::string_view help);
  Metric& series(Family& family, std::string_view labels);

  std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
  std::vector<std::function<void()>> refresh_;
};

/// A table of the declared metrics in Markdown, by name.
std::string to_reference(std::vector<MetricInfo> infos);

}  // namespace anlan
