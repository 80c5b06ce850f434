// One [[point]] of a firmware profile; the grammar is in profile_file.hpp.
#pragma once

#include <string>

#include "common/config/section.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// Key "name"; "" after a fault. Uniqueness is the caller's.
std::string read_point_name(Section& section);

/// Reads and checks the rest of the point.
ProfilePoint read_point(Section& section, std::string name);

/// The same point as another firmware has it: where it is, how its raw number is read, whether it may be written. What
/// it is called and worth to people stays. A new type (or bits) forgets fault values and meanings, which are raw
/// numbers.
ProfilePoint read_changed_point(Section& section, ProfilePoint point);

}  // namespace anlan::edge
