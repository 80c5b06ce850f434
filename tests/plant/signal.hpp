// How one simulated value moves in time. Pure: the same signal at the same time is the same value, whoever reads it and
// how often, so a scenario can be repeated.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "common/base/time.hpp"

namespace anlan::plant {

struct Constant {
  double value = 0;
};

/// From `from` at `start` to `to` one `duration` later, straight; then it stays.
struct Ramp {
  double from = 0, to = 0;
  MonoTime start = {};
  Millis duration{1};  // > 0
};

/// mean + amplitude · sin(2π · (t − start) / period).
struct Sine {
  double mean = 0, amplitude = 0;
  MonoTime start = {};
  Millis period{1};  // > 0
};

/// Each value for `each`, in order, for ever again.
struct Steps {
  std::vector<double> values = {};  // not empty
  MonoTime start = {};
  Millis each{1};  // > 0
};

using Shape = std::variant<Constant, Ramp, Sine, Steps>;

struct Signal {
  Shape shape;
  double noise = 0;        // half width of uniform noise on top, drawn anew every 100 ms
  std::uint64_t seed = 1;  // the noise depends on this and the time since `origin` alone
  MonoTime origin = {};

  /// `now` may lie before the start: the value is then that of the start.
  double at(MonoTime now) const;
};

}  // namespace anlan::plant
