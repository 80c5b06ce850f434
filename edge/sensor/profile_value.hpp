// What the raw number of a [[point]] means: scale, valid range, the numbers that are no measurements; the grammar is in
// profile_file.hpp.
#pragma once

#include "common/config/section.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// scale, offset, valid_min, valid_max, fault_values and meanings over what `point` has; its source is read already.
/// Meanings and fault values must be such as the source can hold.
void read_value(Section& section, ProfilePoint& point);

}  // namespace anlan::edge
