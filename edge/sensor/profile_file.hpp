// Reads one firmware profile (firmware-profiles/<id>.toml; docs/formats/profiles.md explains it to a technician):
//
//   file   = vendor model [firmware] source point+ [modbus] [identify revision+]   id = the file's name without .toml
//   modbus = [modbus] [max_registers] [max_bits] [max_gap] [multiple] [pause_ms] forbidden*    what the device accepts
//   forbidden = [[modbus.forbidden]] table first last          addresses that no request may touch
//   point  = [[point]] name [title] [unit] place [value] [limits]
//   place  = table address type [length] [order] [bit|bits]    Modbus: table is coils, discrete, holding or input
//          | topic [pointer] | pointer                         MQTT; all points of a file are one or the other
//   value  = [scale] [offset] [valid_min] [valid_max] [fault_values] [meanings] [writable [write_function]] [every]
//   limits = edge/sensor/limits_section.hpp
//   identify = [identify] (object | table address type [length] [order]) [otherwise]   where the device says its
//   firmware revision = [[revision]] name match [without] [[revision.point]]*   match = exact | prefix | from below |
//   from | below
//              A revision's point is a new one, or one of the same name: then only what differs of place and value.
//
// `type` may be absent for coils, discrete inputs and single bits (boolean). Addresses are those of the wire, from 0.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "common/config/document.hpp"
#include "common/config/fault.hpp"
#include "common/config/section.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// A whole valid profile, or every fault of the file (one, where it cannot be read or is no TOML).
std::expected<Profile, std::vector<Fault>> load_profile(const std::string& file);

/// The same from a document at hand.
std::expected<Profile, std::vector<Fault>> read_profile(const Document& document);

/// All settings of a profile, for the reference page.
std::vector<SettingDescription> describe_profile();

}  // namespace anlan::edge
