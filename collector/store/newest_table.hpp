// The table of newest values as of the last compaction: a row for each group, with the newest value of each of its
// points in the form of a chunk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "collector/store/column_set.hpp"
#include "collector/store/stored_sample.hpp"
#include "common/base/result.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// The newest value of the point at `place` of its group.
struct PlacedValue {
  std::uint32_t place = 0;
  StoredSample sample;  // without its index
};

struct NewestRow {
  std::int64_t group = 0;
  std::int64_t latest_ms = 0;  // the latest of the times
  std::string data;
};

/// `values`: one at least, by place.
NewestRow newest_row(std::int64_t group, const std::vector<PlacedValue>& values);

/// Errors: storage_corrupt, unsupported.
Result<std::vector<PlacedValue>> newest_in(std::int64_t group, std::string_view data);

/// Within the transaction of its owner. `filed`: the youngest segment that was filed with it; of two rows that have a
/// value of one point the later filed is right, whichever edge it is of now. Throws SQLite::Exception.
void save_newest(SQLite::Database& db, const std::vector<NewestRow>& rows, std::int64_t filed);

/// Calls `take` for each row, the later filed after the earlier. Throws SQLite::Exception.
void load_newest(SQLite::Database& db,
                 const std::function<void(std::int64_t group, const Result<std::vector<PlacedValue>>&)>& take);

}  // namespace anlan::collector
