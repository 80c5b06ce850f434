// [identify] and [[revision]] of a firmware profile; the grammar is in profile_file.hpp.
#pragma once

#include "common/config/section.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// Reads both into `profile`, whose points are those of the base so far: points that revisions add come after them.
void read_revisions(Section& root, Profile& profile);

}  // namespace anlan::edge
