// Checksums of what the telemetry store keeps: SQLite does not protect pages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan::collector {

/// `bytes` with a checksum (XXH3-64) over them and the two numbers that say where they belong: what stands in another
/// row or another point's place is damaged too.
std::string seal(std::string bytes, std::int64_t row, std::int64_t part);

/// The bytes inside. Errors: storage_corrupt.
Result<std::string_view> unseal(std::string_view sealed, std::int64_t row, std::int64_t part);

}  // namespace anlan::collector
