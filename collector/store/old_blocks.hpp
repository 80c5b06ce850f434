// What versions 1 and 2 of telemetry.db held: segments and chunks of one point each. They are read here and moved into
// today's form, once.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "collector/store/stored_sample.hpp"
#include "common/base/result.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// Errors: malformed, unsupported. Total: any bytes give samples or an error.
Result<std::vector<StoredSample>> decode_old_block(std::string_view block);

/// The block in an old chunk. Errors: storage_corrupt.
Result<std::string_view> open_old_block(std::string_view sealed, std::int64_t point);

/// Calls `take` for each block of an old segment. Errors: storage_corrupt, before anything was taken; unsupported.
Result<void> read_old_segment(std::string_view segment,
                              const std::function<void(std::int64_t point, std::string_view block)>& take);

/// Moves everything of the tables old_* and drops them; goes on where it was interrupted. Takes about a second for a
/// million samples, and says how far it is. What is damaged becomes a row of the table loss. Throws SQLite::Exception.
void move_old_blocks(SQLite::Database& db);

}  // namespace anlan::collector
