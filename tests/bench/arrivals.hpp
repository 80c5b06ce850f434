// When requests arrived, kept in memory and written at the end: the measuring must not disturb what it measures.
#pragma once

#include <cstdint>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

namespace anlan::bench {

class Arrivals {
 public:
  /// Writes to `file` at its destruction: lines "endpoint unit nanoseconds" of CLOCK_MONOTONIC. No file: nothing is
  /// kept.
  explicit Arrivals(std::string file) : file_(std::move(file)) {
    if (!file_.empty()) all_.reserve(1 << 16);
  }
  ~Arrivals() {
    if (file_.empty()) return;
    std::ofstream out(file_);
    for (const Arrival& a : all_) out << a.endpoint << ' ' << a.unit << ' ' << a.at << '\n';
  }
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;

  void note(int endpoint, int unit) {
    if (!file_.empty()) all_.push_back({endpoint, unit, now()});
  }
  static std::int64_t now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
  }

 private:
  struct Arrival {
    int endpoint, unit;
    std::int64_t at;
  };
  std::string file_;
  std::vector<Arrival> all_;
};

}  // namespace anlan::bench
