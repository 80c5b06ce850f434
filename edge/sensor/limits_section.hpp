// A point's limits as profiles and configurations write them:
//
//   high = { blue = 45, yellow = 55, orange = 65, red = 75 }    or   high.red = 75   … low the same
//   deadband = 1      on_delay_ms = 2000      off_delay_ms = 5000
#pragma once

#include <optional>

#include "common/config/section.hpp"
#include "common/model/definition.hpp"

namespace anlan::edge {

/// The range in which a point's values count as good, where the profile says one.
struct ValidRange {
  std::optional<double> min, max;
};

/// Reads what is given over `limits` (defaults of a profile; a limit given as "none" is taken away) and checks the
/// outcome: high limits rise from blue to red, low limits fall, high lies above low, each lies inside `range` (a value
/// beyond it is never good and could raise nothing), and the deadband leaves room between low and high.
void read_limits(Section& section, const ValidRange& range, Limits& limits);

}  // namespace anlan::edge
