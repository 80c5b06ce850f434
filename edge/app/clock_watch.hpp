// Notices that the wall clock was set: the difference between wall and monotonic time jumped. Pure.
#pragma once

#include <optional>

#include "common/base/time.hpp"

namespace anlan::edge {

class ClockWatch {
 public:
  ClockWatch(WallTime wall, MonoTime mono) : offset_(to_ms(wall) - to_ms(mono)) {}

  /// How far it was set since the last look, where that is more than slewing can explain (a second).
  std::optional<Millis> look(WallTime wall, MonoTime mono) {
    const Millis step{to_ms(wall) - to_ms(mono) - offset_};
    offset_ += step.count();
    if (step < Millis{1'000} && step > Millis{-1'000}) return std::nullopt;
    return step;
  }

 private:
  Millis::rep offset_;
};

}  // namespace anlan::edge
