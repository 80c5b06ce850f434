// How often somebody may ask: a bucket of tokens per key, filled at an even rate. Pure; the number of keys is bounded.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "common/base/time.hpp"

namespace anlan::collector {

struct Rate {
  double per_second = 1;  // above 0
  double burst = 1;       // at least 1: so many at once
};

class RateLimit {
 public:
  explicit RateLimit(std::size_t keys = 50'000) : keys_(keys) {}

  /// Takes one token of `key`. nullopt: there was one. Otherwise when the next is there.
  std::optional<Millis> take(const std::string& key, Rate rate, MonoTime now);

  std::size_t keys() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens = 0;
    MonoTime at{}, full{};  // `full`: nothing is lost by forgetting it from then on
  };
  void make_room(MonoTime now);

  std::size_t keys_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace anlan::collector
