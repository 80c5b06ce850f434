// One [[device]] of the edge's configuration, and the addresses of devices and annunciators.
#pragma once

#include <optional>

#include "common/config/section.hpp"
#include "edge/app/profile_shelf.hpp"
#include "edge/sensor/device.hpp"

namespace anlan::edge {

/// Reads `connect`: modbus+tcp://HOST[:502], or mqtt://HOST[:1883][/TOPIC] to this machine.
std::optional<Endpoint> read_endpoint(Section& section);

/// Faults for keys that the endpoint's scheme makes meaningless.
void refuse_keys(Section& section, std::initializer_list<std::string_view> keys, const Endpoint& endpoint);

/// The device, its profile looked up and its limits overridden. Uniqueness of names is the caller's.
DeviceConfig read_device(Section& section, ProfileShelf& shelf);

}  // namespace anlan::edge
