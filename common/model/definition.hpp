// What an edge's samples mean: the points in order, with unit and limits. Frames name a definition by its hash
// (PROTOCOL.md rule 3); a changed configuration makes a new definition, old ones are kept for ever.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "common/model/ids.hpp"
#include "common/model/level.hpp"

namespace anlan {

/// One direction of limits; index 0 is blue … 3 is red. Any may be absent. In the point's unit.
struct LevelLimits {
  std::array<std::optional<double>, 4> at;

  const std::optional<double>& of(Level level) const { return at[static_cast<std::size_t>(level) - 1]; }
  std::optional<double>& of(Level level) { return at[static_cast<std::size_t>(level) - 1]; }
  bool any() const { return at[0] || at[1] || at[2] || at[3]; }
  bool operator==(const LevelLimits&) const = default;
};

/// ISA-18.2 attributes of a point's alerts. High limits rise from blue to red, low limits fall.
struct Limits {
  LevelLimits high, low;
  double deadband = 0;  // in the point's unit: a level is left only beyond limit -/+ deadband
  Millis on_delay{0};   // how long a limit must be exceeded before blue, yellow, orange; red needs one sample
  Millis off_delay{0};  // how long a value must be back before a level is left
  bool operator==(const Limits&) const = default;
};

struct PointDefinition {
  PointPath path;
  std::string name;   // display name (中文); may be empty
  std::string unit;   // UCUM or the unit as printed on the instrument; "1" where there is none
  std::string asset;  // what is in danger: the device unless configured
  Limits limits;
  Millis period{1000};  // how often a sample is expected
  bool operator==(const PointDefinition&) const = default;
};

struct Definition {
  std::vector<PointDefinition> points;  // a sample's `point` is an index into this
  bool operator==(const Definition&) const = default;
};

}  // namespace anlan
