// One rule ("high" or "low") of one point as a state machine: samples in, at most one change out. Pure; knows neither
// names nor ids. Every arrow is listed here and tested one by one in tests/unit/edge/score/limit_track_test.cpp.
//
//   from          condition, seen at a sample                                                         step
//   idle          highest confirmed level is l                                                        raised to l
//   l             a higher level l' is confirmed                                                      upgraded to l'
//   l below red   value beyond the deadband of l for off_delay of good samples                        downgraded to the
//                                                                       next lower configured level, or cleared
//   red           the same                                                                            latched (level
//   red) latched       red is confirmed again                                                              upgraded to
//   red latched       a person resets it (lower())                                                        downgraded or
//   cleared
//
// A limit is exceeded at the limit itself. Each level has its own delay, begun by the first sample that exceeds its
// limit and ended by the first good one that does not: a value that jumps to orange is raised as orange after on_delay,
// one that creeps up is raised in stages. Blue, yellow and orange are confirmed when the delay has passed; red by one
// good sample. After each step down the off-delay begins anew, so that a level is left one at a time.
//
// Data that is not good (DESIGN.md promise 6) is danger's witness, never safety's:
//  - no value (stale, comm-failure, device-fault, NaN): changes no level. A running on-delay keeps its beginning; the
//  time
//    from such a sample to the next good one does not count towards an off-delay.
//  - out-of-range, value beyond a limit: a gas detector over its range most likely sees gas. It counts as exceeding,
//    but one wild reading is weak evidence: red too is confirmed by on_delay only.
//  - out-of-range, value not beyond a limit: as no value.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "common/base/time.hpp"
#include "common/model/alert.hpp"
#include "common/model/definition.hpp"

namespace anlan::edge {

enum class Rule : std::uint8_t { high, low };

constexpr std::string_view to_string(Rule rule) { return rule == Rule::high ? "high" : "low"; }

/// The limits of one rule, mirrored for "low" so that larger is always worse.
/// REQUIRES finite limits that rise with the level, deadband and delays >= 0 (edge/app checks the configuration).
struct RuleLimits {
  RuleLimits(const Limits& limits, Rule rule);

  /// A value as this rule sees it.
  double toward_danger(double value) const { return sign * value; }
  const std::optional<double>& of(Level level) const { return at[static_cast<std::size_t>(level) - 1]; }
  bool exceeded(Level level, double mirrored) const { return of(level) && mirrored >= *of(level); }
  /// Not yet beyond the deadband. A level that is no longer configured is held by nothing.
  bool held(Level level, double mirrored) const { return of(level) && mirrored >= *of(level) - deadband; }
  /// The limit as people know it; NaN where the level is not configured.
  double limit(Level level) const { return of(level) ? sign * *of(level) : kNoValue; }
  bool any() const;
  /// The highest configured level below this one; none where there is none.
  Level next_below(Level level) const;
  /// The highest level that still holds this value.
  Level deserved(double mirrored) const;

  double sign = 1;
  std::array<std::optional<double>, 4> at;
  double deadband = 0;
  Millis on_delay{0}, off_delay{0};
};

/// An instant of both clocks.
struct Moment {
  MonoTime mono{};
  WallTime wall{};
  bool operator==(const Moment&) const = default;
};

/// Delays on their way.
struct Timers {
  std::array<std::optional<Moment>, 4> above;  // per level: since when its limit is exceeded
  std::optional<Moment> back;                  // since when the value is beyond the deadband of the current level
  std::optional<MonoTime> doubt;               // `back` stands still since then
  bool operator==(const Timers&) const = default;
};

/// What has to survive a restart.
struct Track {
  Timers timers;
  std::unique_ptr<AlertTransition> alert;  // newest transition; null: no alert is active

  Level level() const { return alert ? alert->level : Level::none; }
  bool latched() const { return alert && alert->step == AlertStep::latched; }
  bool idle() const { return !alert && timers == Timers{}; }
};

struct Change {
  AlertStep step;
  Level level;     // as in AlertTransition: for `cleared` the level that was left
  double limit;    // raised, upgraded: of the new level; otherwise of the level that was left
  WallTime since;  // when the condition began
};

/// True where the value may be believed: good and finite.
bool good(const Sample& sample);

/// Applies one sample to the timers. The caller puts the change, if any, into `track.alert`. Time that goes backwards
/// (a bug or a foreign clock) begins the delay concerned anew, so nothing can stay stuck.
std::optional<Change> advance(Track& track, const RuleLimits& limits, const Sample& sample);

/// The change when a person resets a latched alert at this good value: to the highest level that it holds.
/// REQUIRES a value that does not hold red.
Change lower(const RuleLimits& limits, double value, WallTime at);

}  // namespace anlan::edge
