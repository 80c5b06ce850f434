// One [[device]] of the edge's configuration.
#pragma once

#include "common/config/section.hpp"
#include "edge/app/endpoint_section.hpp"
#include "edge/app/profile_shelf.hpp"
#include "edge/sensor/device.hpp"

namespace anlan::edge {

/// Reads `poll_ms` and `raised_poll_ms`, which is poll_ms unless said.
void read_pace(Section& section, bool required, Pace& pace);

/// [….limits.POINT] over the profile's limits. Without a profile the keys are still checked.
void read_limit_overrides(Section& section, const Profile* profile, std::map<std::string, Limits>& out);

/// The device, its profile looked up and its limits overridden. Uniqueness of names is the caller's.
DeviceConfig read_device(Section& section, ProfileShelf& shelf, SerialLines& lines, const PollClasses& classes);

}  // namespace anlan::edge
