// One reading of one point, with the time at which it was taken and how far it can be trusted.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "common/base/time.hpp"

namespace anlan {

/// Numbers are the wire's. Only `good` may clear an alert; nothing else ever counts as safe.
enum class Quality : std::uint8_t {
  good = 0,
  stale = 1,         // the sensor has been silent for longer than it may
  out_of_range = 2,  // outside the profile's valid range: the value is kept
  comm_failure = 3,  // no valid answer: no value
  device_fault = 4,  // the device answered that it cannot tell: no value
  // What is left of the good samples of one minute where the edge had no room for all of them (PROTOCOL.md rule 9):
  minute_min = 5,   // the lowest of them, as it was
  minute_mean = 6,  // their mean, at the time of the first
  minute_max = 7,   // the highest of them, as it was
};

/// One of the three that stand for a minute: history, never the newest value, never good enough for an alert.
constexpr bool is_thinned(Quality quality) { return quality >= Quality::minute_min; }

constexpr std::string_view to_string(Quality quality) {
  constexpr std::string_view names[] = {"good",         "stale",      "out-of-range", "comm-failure",
                                        "device-fault", "minute-min", "minute-mean",  "minute-max"};
  return names[static_cast<std::size_t>(quality)];
}

constexpr std::optional<Quality> quality_from(std::uint64_t number) {
  if (number > 7) return std::nullopt;
  return static_cast<Quality>(number);
}

inline constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

struct Sample {
  std::uint32_t point = 0;  // index into the definition's points
  double value = kNoValue;  // in the point's unit; NaN where the quality says there is no value
  Quality quality = Quality::good;
  WallTime time{};  // when it was read; never changed afterwards
  MonoTime mono{};  // the same instant for delays; valid in this boot only, not stored per sample
};

}  // namespace anlan
