// A copy of SQLite databases while others write to them: all as of one moment.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.hpp"

namespace anlan {

struct DatabaseCopy {
  std::string from;
  std::string to;  // must not exist yet
};

/// Bytes copied of all bytes; called after each piece of some MiB.
using CopyProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

/// No commit lies between the copies: for a moment (milliseconds) nobody else may write, then each is read from its own
/// snapshot while writers go on; their write-ahead logs grow until the copy is done. Copies are single files without a
/// log of their own, durable when this returns. Errors: those of open_sqlite (common/io/sqlite.hpp), storage_full.
Result<void> copy_as_of_one_moment(const std::vector<DatabaseCopy>& copies, const CopyProgress& progress);

/// SQLite's own check of every page and index. Errors: storage_corrupt (its first complaint), those of open_sqlite.
Result<void> check_integrity(const std::string& file);

}  // namespace anlan
