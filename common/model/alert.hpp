// An alert's transitions as an edge decides them. The collector adds what needs people (collector/alert).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/model/ids.hpp"
#include "common/model/level.hpp"
#include "common/model/sample.hpp"

namespace anlan {

/// Numbers are the wire's.
enum class AlertStep : std::uint8_t {
  raised = 1,
  upgraded = 2,
  downgraded = 3,
  latched = 4,  // red, the value is back, a person has not reset it yet (ISA-18.2 latched)
  cleared = 5,  // over: by itself, or by a reset (then `actor` is set)
};

constexpr std::string_view to_string(AlertStep step) {
  constexpr std::string_view names[] = {"", "raised", "upgraded", "downgraded", "latched", "cleared"};
  return names[static_cast<std::size_t>(step)];
}

/// Why the level is what it is.
struct Evidence {
  double value = kNoValue;  // of the sample that decided, in the point's unit
  double limit = kNoValue;  // that it was held against; NaN for rules without a limit
  std::string unit;
  WallTime since{};  // when the condition began (before the delay)
  Quality quality = Quality::good;
  bool operator==(const Evidence&) const = default;
};

/// One change of one alert. Versions count from 1 within (alert, epoch chain); an alert is over after `cleared`.
struct AlertTransition {
  AlertId alert;
  std::uint32_t version = 0;
  AlertStep step = AlertStep::raised;
  Level level = Level::none;  // after this step; for `cleared` the level that was left
  std::string source;         // site/device/point, or site/device for a rule about a whole device
  std::string asset;          // site/device that is in danger
  std::string rule;           // "high", "low", "comm", …
  std::string name;           // display name of the source
  Evidence evidence;
  double score = 0;   // 0 to 100
  WallTime at{};      // when the edge decided
  std::string actor;  // who reset it; empty: the engine
  /// Set where the alert stands under maintenance (docs/decisions/0029-maintenance.md): the level that it had reached
  /// without, none where it was raised under maintenance. What rings and opens hazards goes by live_level().
  std::optional<Level> maintenance{};
  bool operator==(const AlertTransition&) const = default;

  bool active() const { return step != AlertStep::cleared; }
  Level live_level() const { return maintenance.value_or(level); }
};

}  // namespace anlan
