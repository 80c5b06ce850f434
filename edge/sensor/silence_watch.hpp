// Which points of MQTT sensors have been silent for too long, and when that is to be said. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "common/base/time.hpp"

namespace anlan::edge {

class SilenceWatch {
 public:
  /// `stale_after[i]`: how long point i may be silent. Silence counts from `start`. A silent point is named once and
  /// then again after each `remind`. REQUIRES positive durations.
  SilenceWatch(std::vector<Millis> stale_after, Millis remind, MonoTime start);

  /// The point has said something usable.
  void heard(std::size_t point, MonoTime now);

  /// The line to the sensors is there (again): silence counts from now for all.
  void connected(MonoTime now);

  /// The points to be called silent at `now`; counts as said.
  std::vector<std::size_t> silent(MonoTime now);

  /// The line to the sensors is down, so every point is silent whatever it may.
  std::vector<std::size_t> unreachable(MonoTime now);

  /// Has it been called silent, and not been heard since?
  bool is_silent(std::size_t point) const { return points_[point].said.has_value(); }

 private:
  struct Point {
    Millis stale_after;
    MonoTime heard;
    std::optional<MonoTime> said;
  };
  bool may_say(const Point& point, MonoTime now) const { return !point.said || now - *point.said >= remind_; }

  std::vector<Point> points_;
  Millis remind_;
};

}  // namespace anlan::edge
