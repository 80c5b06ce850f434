// What a look through the collector's databases finds wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace anlan::collector {

struct StoreFault {
  std::string where;  // "telemetry.db chunk 17 (tj-bh-017/tank-3/level, 2026-11-24T08:15:00Z to …)"
  std::string what;   // "does not fit its checksum"
};

/// All are counted, the first are kept.
class StoreFaults {
 public:
  explicit StoreFaults(std::size_t most) : most_(most) {}
  void add(std::string where, std::string what) {
    if (++count_ <= most_) first_.push_back({std::move(where), std::move(what)});
  }
  std::uint64_t count() const { return count_; }
  const std::vector<StoreFault>& first() const { return first_; }

 private:
  std::size_t most_;
  std::uint64_t count_ = 0;
  std::vector<StoreFault> first_;
};

/// How far a long look has come: rows read, of all.
using LookProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

}  // namespace anlan::collector
