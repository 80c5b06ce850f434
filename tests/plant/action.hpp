// What a plant can be told while it runs: one line of text is one action (docs/formats/plant.md has the grammar). The
// same lines come from a scenario's steps, from standard input and from the control socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/result.hpp"
#include "tests/plant/signal.hpp"

namespace anlan::plant {

/// How a device or a whole endpoint misbehaves.
struct Misbehaviour {
  enum class Kind { none, hang, late, exception, wrong_unit, gone } kind = Kind::none;
  Millis late{0};              // of Kind::late
  std::uint8_t exception = 0;  // of Kind::exception: the Modbus exception code, 1 to 255

  std::string str() const;
};

struct Move {
  std::string point;  // device/point
  Shape shape;        // times and a ramp's beginning are filled in when it is applied
};
struct MakeNoise {
  std::string point;
  double half_width = 0;
};
struct Misbehave {
  std::string target;  // a device or an endpoint
  Misbehaviour how;
};
struct Show {
  std::string what;  // a device, device/point, or empty: all
};
struct Quit {};

using Action = std::variant<Move, MakeNoise, Misbehave, Show, Quit>;

/// Errors: invalid_argument, with the right form of the line.
Result<Action> parse_action(std::string_view line);

}  // namespace anlan::plant
