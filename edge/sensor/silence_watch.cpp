#include "edge/sensor/silence_watch.hpp"

namespace anlan::edge {

SilenceWatch::SilenceWatch(std::vector<Millis> stale_after, Millis remind, MonoTime start) : remind_(remind) {
  for (const Millis after : stale_after) points_.push_back({after, start, std::nullopt});
}

void SilenceWatch::heard(std::size_t point, MonoTime now) {
  points_[point].heard = now;
  points_[point].said.reset();
}

void SilenceWatch::connected(MonoTime now) {
  for (Point& point : points_) point.heard = now;
}

std::vector<std::size_t> SilenceWatch::silent(MonoTime now) {
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    Point& point = points_[i];
    if (now - point.heard < point.stale_after || !may_say(point, now)) continue;
    point.said = now;
    which.push_back(i);
  }
  return which;
}

std::vector<std::size_t> SilenceWatch::unreachable(MonoTime now) {
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (!may_say(points_[i], now)) continue;
    points_[i].said = now;
    which.push_back(i);
  }
  return which;
}

}  // namespace anlan::edge
