// How often points are read: poll classes by name (docs/formats/profiles.md), and what a device's configuration says.
#pragma once

#include <algorithm>
#include <compare>
#include <map>
#include <string>

#include "common/base/time.hpp"

namespace anlan::edge {

struct Pace {
  Millis period{1000};
  Millis raised{1000};  // while the risk of one of the class's points is raised; not longer than `period`
  auto operator<=>(const Pace&) const = default;

  /// At each n-th poll only.
  Pace times(int n) const { return {period * n, raised * n}; }
};

using PollClasses = std::map<std::string, Pace, std::less<>>;

/// Those that every configuration has: hazardous chemicals once a minute, structures once an hour.
inline PollClasses known_poll_classes() {
  return {{"hazchem", {Millis{60'000}, Millis{5'000}}}, {"structure", {Millis{3'600'000}, Millis{60'000}}}};
}

}  // namespace anlan::edge
