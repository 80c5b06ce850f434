// Scenarios of the edge's scoring and local alarm that an operator can read and write: docs/formats/scenarios.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/model/definition.hpp"
#include "common/model/sample.hpp"

namespace anlan::scenario {

struct Reading {
  std::string point;  // device/point
  double value = kNoValue;
  Quality quality = Quality::good;
};
struct Reset {
  std::string point, rule, by;
};
struct Silence {
  std::string by;
};
struct Maintain {
  std::string device, by;
  std::optional<Millis> time;  // nullopt: it ends
};
struct Restart {};  // of the daemon: from what was saved
struct Reboot {     // of the machine: monotonic time begins anew
  Millis down{};
  bool has_clock = true;  // otherwise the wall clock begins in 1970
};
struct SetClock {            // somebody sets the wall clock; nothing else changes
  std::optional<Millis> by;  // nullopt: to the true time
};
struct Configure {
  Definition definition;
};
using Action = std::variant<Reading, Reset, Silence, Maintain, Restart, Reboot, SetClock, Configure>;

struct Event {
  Millis at{};
  int line = 0;
  Action action;
};

struct Scenario {
  std::string title;
  Definition definition;
  std::optional<Level> horn;  // lowest level that sounds
  std::vector<Event> events;
  std::vector<std::string> expected;  // "20s tank-3/temperature high raised blue", in order
};

/// Errors: malformed, "line 7: …".
Result<Scenario> parse(std::string_view text);

/// Plays it through the real scoring and annunciator cores. Everything that happened, in the words of `expected`.
std::vector<std::string> play(const Scenario& scenario);

/// "1m30s", "250ms", "0s".
std::string to_text(Millis time);
std::optional<Millis> time_from(std::string_view text);

}  // namespace anlan::scenario
