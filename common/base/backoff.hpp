// How long to wait before trying again: doubling from `first` to `most`, with jitter so that a city of boxes does not
// come back in one second. Pure: seeded by its constructor, reads no clock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

#include "common/base/time.hpp"

namespace anlan {

class Backoff {
 public:
  /// REQUIRES 0 < first <= most.
  Backoff(Millis first, Millis most, std::uint64_t seed) : first_(first), most_(most), random_(seed) {}

  /// The next delay: uniform in [ceiling/2, ceiling], the ceiling doubling with each call up to `most`.
  Millis next() {
    ceiling_ = ceiling_ == Millis{0} ? first_ : std::min(ceiling_ * 2, most_);
    const auto c = ceiling_.count();
    return Millis{std::uniform_int_distribution<Millis::rep>(c - c / 2, c)(random_)};
  }

  /// After a success.
  void reset() { ceiling_ = Millis{0}; }

 private:
  Millis first_, most_, ceiling_{0};
  std::mt19937_64 random_;
};

}  // namespace anlan
