// Byte streams of the telemetry files, packed by zstd or run length where that is shorter.
// docs/formats/collector-db.md has the grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/bytes.hpp"

namespace anlan::collector {

enum class Effort {
  none,   // for small parts of something that is packed as a whole
  quick,  // for what is rewritten soon
  tight,  // for what stays
};

/// Appends `bytes` so that unpack() finds them again.
void pack(std::string& out, std::string_view bytes, Effort effort);

/// Takes a packed stream of at most `most` bytes off the reader; sets its fault where there is none.
std::string unpack(ByteReader& in, std::uint64_t most);

}  // namespace anlan::collector
