// Raw readings to values: by type, byte order, bit, scale and offset of the firmware profile; and what the value is
// worth. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "common/model/sample.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

struct Normalized {
  double value = kNoValue;  // NaN: none
  Quality quality = Quality::good;
  bool operator==(const Normalized&) const = default;
};

/// `registers`: as they came, register_count(type) of them (one for a bit). Integers above 2^53 become the nearest
/// double. A scale of 1 with an offset of 0 changes no bit of a float64. Quality: device_fault for the profile's fault
/// values, NaN and infinities (no value); out_of_range outside the valid range (the value is kept). REQUIRES point to
/// be a Modbus point.
Normalized normalize(const ProfilePoint& point, std::span<const std::uint16_t> registers);

/// The same for a number that needs no decoding (MQTT).
Normalized normalize(const ProfilePoint& point, double raw);

}  // namespace anlan::edge
