// The checksum that every record carries from its commit on the edge to the centre's store (PROTOCOL.md rule 4): SQLite
// does not protect pages.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/model/record.hpp"

namespace anlan {

/// XXH3-64 (https://xxhash.com) over edge id, identity, kind, times, sample count and payload, each field in a fixed
/// little-endian layout. It finds damage, not forgery.
std::uint64_t checksum(std::string_view edge, const Record& record);

/// XXH3-128 of the bytes: names definitions.
DefinitionHash hash128(std::string_view bytes);

/// XXH3-64 of any bytes.
std::uint64_t hash64(std::string_view bytes);

}  // namespace anlan
