// Counters and gauges of one daemon, printed as Prometheus text. Names follow its conventions:
// anlan_edge_samples_total.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace anlan {

/// One number; set or added from any thread.
class Metric {
 public:
  void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// All metrics of a process. Constructed in app/ and handed down by reference; thread-safe.
class Metrics {
 public:
  enum class Type { counter, gauge };

  /// The metric with this name and label text (`edge="a",stream="event"` or empty); made at the first call. The
  /// reference stays good as long as the registry. `help` and `type` of the first call for a name stand.
  Metric& at(Type type, std::string_view name, std::string_view help, std::string_view labels = {});
  Metric& counter(std::string_view name, std::string_view help, std::string_view labels = {}) {
    return at(Type::counter, name, help, labels);
  }
  Metric& gauge(std::string_view name, std::string_view help, std::string_view labels = {}) {
    return at(Type::gauge, name, help, labels);
  }

  /// Prometheus text exposition format 0.0.4.
  std::string text() const;

 private:
  struct Family {
    Type type;
    std::string help;
    std::map<std::string, std::unique_ptr<Metric>, std::less<>> series;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
};

}  // namespace anlan
