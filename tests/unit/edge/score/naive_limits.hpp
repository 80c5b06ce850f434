// What the limits of one direction of one point should decide, as plainly as it can be said: it keeps the whole
// history and looks back through it at every sample. Shares no code with edge/score; far too slow for anything but
// being compared with it.
#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include "common/model/alert.hpp"
#include "common/model/definition.hpp"

namespace anlan::edge {

class NaiveLimits {
 public:
  NaiveLimits(const Limits& limits, bool high)
      : limits_(limits), levels_(high ? limits.high : limits.low), high_(high) {}

  struct Decision {
    AlertStep step;
    Level level;
    double limit;
    WallTime since;
  };

  std::optional<Decision> see(const Sample& sample) {
    history_.push_back(sample);
    const int now = int(history_.size()) - 1;
    if (!witness(now)) return std::nullopt;
    for (const Level level : {Level::red, Level::orange, Level::yellow, Level::blue}) {
      const bool news = level > level_ || (level == Level::red && latched_);
      if (!news || !beyond(now, level)) continue;
      const int start = exceeded_since(now, level);
      if (!(level == Level::red && good(now)) && time(now) - time(start) < limits_.on_delay) continue;
      const AlertStep step = level_ == Level::none ? AlertStep::raised : AlertStep::upgraded;
      return settle(now, step, level, level, history_[start].time);
    }
    if (level_ == Level::none || latched_ || !good(now) || holds(now, level_)) return std::nullopt;
    const int start = back_since(now);
    if (good_time(start, now) < limits_.off_delay) return std::nullopt;
    const WallTime since = history_[start].time;
    if (level_ == Level::red) return settle(now, AlertStep::latched, Level::red, level_, since);
    const Level next = lower(level_);
    return settle(now, next == Level::none ? AlertStep::cleared : AlertStep::downgraded, next, level_, since);
  }

  /// nullopt where a reset is refused. The newest sample is recent.
  std::optional<Decision> reset(WallTime at) {
    const int now = int(history_.size()) - 1;
    if (!latched_ || !good(now) || holds(now, Level::red)) return std::nullopt;
    Level next = Level::orange;
    while (next != Level::none && !holds(now, next)) next = Level(int(next) - 1);
    return settle(now, next == Level::none ? AlertStep::cleared : AlertStep::downgraded, next, Level::red, at);
  }

 private:
  bool good(int i) const { return history_[i].quality == Quality::good && !std::isnan(history_[i].value); }
  bool witness(int i) const {
    return good(i) || (history_[i].quality == Quality::out_of_range && !std::isnan(history_[i].value));
  }
  MonoTime time(int i) const { return history_[i].mono; }

  bool beyond(int i, Level level) const {
    const auto limit = levels_.of(level);
    if (!limit) return false;
    return high_ ? history_[i].value >= *limit : history_[i].value <= *limit;
  }
  bool holds(int i, Level level) const {
    const auto limit = levels_.of(level);
    if (!limit) return false;
    return high_ ? history_[i].value >= *limit - limits_.deadband : history_[i].value <= *limit + limits_.deadband;
  }
  Level lower(Level level) const {
    for (int l = int(level) - 1; l > 0; --l)
      if (levels_.of(Level(l))) return Level(l);
    return Level::none;
  }

  /// First sample beyond the limit after the newest good one that was not.
  int exceeded_since(int now, Level level) const {
    int start = now;
    for (int i = now; i >= 0; --i) {
      if (good(i) && !beyond(i, level)) break;
      if (witness(i) && beyond(i, level)) start = i;
    }
    return start;
  }

  /// First good sample that does not hold the level, after the newest that did and after the last step.
  int back_since(int now) const {
    int start = now;
    for (int i = now; i >= changed_; --i) {
      if (witness(i) && holds(i, level_)) break;
      if (good(i)) start = i;
    }
    return start;
  }

  /// Time that followed good samples only.
  Millis good_time(int from, int to) const {
    Millis sum{0};
    for (int i = from; i < to; ++i)
      if (good(i)) sum += time(i + 1) - time(i);
    return sum;
  }

  Decision settle(int now, AlertStep step, Level level, Level judged, WallTime since) {
    const Level left = level_;
    level_ = level;
    latched_ = step == AlertStep::latched;
    changed_ = now;
    const auto limit = levels_.of(judged);
    return {step, step == AlertStep::cleared ? left : level, limit ? *limit : std::nan(""), since};
  }

  Limits limits_;
  LevelLimits levels_;
  bool high_;
  std::vector<Sample> history_;
  Level level_ = Level::none;
  bool latched_ = false;
  int changed_ = 0;
};

}  // namespace anlan::edge
