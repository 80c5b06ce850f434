// Durations as people write them.
#pragma once

#include <string_view>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan {

/// Reads "250ms", "20s", "1m30s", "2h": whole numbers with h, m, s, ms, added up. Errors: malformed.
Result<Millis> parse_duration(std::string_view text);

}  // namespace anlan
