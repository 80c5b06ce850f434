// What a point's readings mean: made once from its profile, asked for every reading. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/model/sample.hpp"
#include "edge/sample/scaling.hpp"
#include "edge/sensor/profile.hpp"
#include "edge/sensor/raw_value.hpp"

namespace anlan::edge {

struct Normalized {
  double value = kNoValue;  // NaN: none
  Quality quality = Quality::good;
  bool operator==(const Normalized&) const = default;
};

/// Quality: device_fault for the profile's fault patterns, what is no number (NaN, infinities, BCD digits above 9,
/// texts) and what overflows by its scale: no value; out_of_range outside the valid range: the value is kept. How exact
/// the value is: scaling.hpp.
class Decoder {
 public:
  Decoder() : Decoder(ProfilePoint{}) {}
  explicit Decoder(const ProfilePoint& point);

  /// `registers`: as they came, at least as many as the point takes (one for a bit). REQUIRES a Modbus point.
  Normalized operator()(std::span<const std::uint16_t> registers) const;

  /// A number that needs no decoding (MQTT).
  Normalized operator()(double raw) const;

 private:
  Normalized finish(const Raw& raw) const;

  ModbusSource source_;
  Scaling scaling_;
  double valid_min_, valid_max_;  // infinite where the profile has none
  std::vector<std::uint64_t> fault_patterns_;
};

}  // namespace anlan::edge
