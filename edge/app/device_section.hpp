// One [[device]] of the edge's configuration.
#pragma once

#include "common/config/section.hpp"
#include "edge/app/endpoint_section.hpp"
#include "edge/app/profile_shelf.hpp"
#include "edge/sensor/device.hpp"

namespace anlan::edge {

/// The device, its profile looked up and its limits overridden. Uniqueness of names is the caller's.
DeviceConfig read_device(Section& section, ProfileShelf& shelf, SerialLines& lines);

}  // namespace anlan::edge
