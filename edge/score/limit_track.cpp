#include "edge/score/limit_track.hpp"

#include <algorithm>
#include <cmath>

namespace anlan::edge {
namespace {

std::size_t index(Level level) { return static_cast<std::size_t>(level) - 1; }

Level below(Level level) { return static_cast<Level>(static_cast<int>(level) - 1); }

/// Keeps an earlier beginning; one that lies in the future cannot be right.
void begin(std::optional<Moment>& since, const Moment& now) {
  if (!since || since->mono > now.mono) since = now;
}

/// The off-delay stands still from the first sample that does not confirm it …
void pause(Timers& timers, MonoTime now) {
  if (timers.back && !timers.doubt) timers.doubt = now;
}

/// … until the next one that does: its beginning moves by the time between.
void resume(Timers& timers, MonoTime now) {
  if (timers.back && timers.doubt) timers.back->mono += std::max(now - *timers.doubt, Millis{0});
  timers.doubt.reset();
}

void stop_back(Timers& timers) {
  timers.back.reset();
  timers.doubt.reset();
}

void note_exceeded(Timers& timers, const RuleLimits& limits, double value, bool is_good, const Moment& now) {
  for (const Level level : kLevels) {
    auto& since = timers.above[index(level)];
    if (limits.exceeded(level, value))
      begin(since, now);
    else if (is_good)
      since.reset();
  }
}

Level confirmed(const Timers& timers, const RuleLimits& limits, double value, bool is_good, MonoTime now) {
  for (Level level = Level::red; level != Level::none; level = below(level)) {
    if (!limits.exceeded(level, value)) continue;
    const bool at_once = level == Level::red && is_good;
    if (at_once || now - timers.above[index(level)]->mono >= limits.on_delay) return level;
  }
  return Level::none;
}

/// Red is left by a person only.
Change step_down(Level level, const RuleLimits& limits, WallTime since) {
  if (level == Level::red) return {AlertStep::latched, Level::red, limits.limit(level), since};
  const Level next = limits.next_below(level);
  if (next == Level::none) return {AlertStep::cleared, level, limits.limit(level), since};
  return {AlertStep::downgraded, next, limits.limit(level), since};
}

std::optional<Change> fall(Track& track, const RuleLimits& limits, double value, const Moment& now) {
  Timers& timers = track.timers;
  resume(timers, now.mono);
  begin(timers.back, now);
  if (now.mono - timers.back->mono < limits.off_delay) return std::nullopt;
  const Change change = step_down(track.level(), limits, timers.back->wall);
  stop_back(timers);
  if (change.step == AlertStep::downgraded && !limits.held(change.level, value)) timers.back = now;
  return change;
}

}  // namespace

RuleLimits::RuleLimits(const Limits& limits, Rule rule)
    : sign(rule == Rule::high ? 1 : -1),
      deadband(limits.deadband),
      on_delay(limits.on_delay),
      off_delay(limits.off_delay) {
  const LevelLimits& own = rule == Rule::high ? limits.high : limits.low;
  for (const Level level : kLevels)
    if (own.of(level)) at[index(level)] = sign * *own.of(level);
}

bool RuleLimits::any() const {
  return std::ranges::any_of(at, [](const auto& limit) { return limit.has_value(); });
}

Level RuleLimits::next_below(Level level) const {
  do level = below(level);
  while (level != Level::none && !of(level));
  return level;
}

Level RuleLimits::deserved(double mirrored) const {
  Level level = Level::red;
  while (level != Level::none && !held(level, mirrored)) level = below(level);
  return level;
}

bool good(const Sample& sample) { return sample.quality == Quality::good && std::isfinite(sample.value); }

std::optional<Change> advance(Track& track, const RuleLimits& limits, const Sample& sample) {
  Timers& timers = track.timers;
  const Moment now{sample.mono, sample.time};
  const bool is_good = good(sample);
  if (!is_good && (sample.quality != Quality::out_of_range || !std::isfinite(sample.value))) {
    pause(timers, now.mono);
    return std::nullopt;
  }
  const double value = limits.toward_danger(sample.value);
  note_exceeded(timers, limits, value, is_good, now);

  const Level current = track.level();
  const Level wanted = confirmed(timers, limits, value, is_good, now.mono);
  if (wanted > current || (track.latched() && wanted == Level::red)) {
    stop_back(timers);
    const AlertStep step = current == Level::none ? AlertStep::raised : AlertStep::upgraded;
    return Change{step, wanted, limits.limit(wanted), timers.above[index(wanted)]->wall};
  }
  if (current == Level::none || track.latched()) return std::nullopt;
  if (limits.held(current, value)) {
    stop_back(timers);
    return std::nullopt;
  }
  if (!is_good) {
    pause(timers, now.mono);
    return std::nullopt;
  }
  return fall(track, limits, value, now);
}

Change lower(const RuleLimits& limits, double value, WallTime at) {
  const double left = limits.limit(Level::red);
  const Level next = limits.deserved(limits.toward_danger(value));
  if (next == Level::none) return {AlertStep::cleared, Level::red, left, at};
  return {AlertStep::downgraded, next, left, at};
}

}  // namespace anlan::edge
