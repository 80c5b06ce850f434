// A value to the registers that mean it: the way back through decoder.hpp, for points that are written. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// The words to write, in order of address; of a coil one, 0 or 1. Nothing is rounded or clamped: reading these words
/// gives `value` back with good quality (a float or double: the nearest that the type has). Errors: invalid_argument
/// where no raw number means the value, where it is outside the valid range or none of the point's meanings, or where
/// the device says by it that it cannot tell. REQUIRES point to be a Modbus point without bits and no text.
Result<std::vector<std::uint16_t>> encode(const ProfilePoint& point, double value);

}  // namespace anlan::edge
