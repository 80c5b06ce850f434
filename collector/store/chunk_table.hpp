// The table of chunks, as those use it who file into it.
#pragma once

#include <string>
#include <vector>

#include "collector/store/shelf.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// Within the transaction of its owner. Throws SQLite::Exception.
class ChunkTable {
 public:
  explicit ChunkTable(SQLite::Database& db);

  /// The open chunks of a group, without their data.
  std::vector<ChunkRow> open(std::int64_t group, std::int64_t step);
  /// Empty where a page of it cannot be read.
  std::string data(std::int64_t id);

  void apply(const ChunkChanges& changes);

 private:
  void add(const ChunkRow& row);

  SQLite::Statement open_, data_, remove_, insert_, stretch_;
};

/// Closes an open chunk of samples as it is: it leaves its place and comes back closed, with its rollups. False where
/// it cannot be read. The changes are to be applied.
bool close_chunk(ChunkTable& table, ChunkRow row, ChunkChanges& changes);

/// Files records of one group; the changes are to be applied.
void file_records(ChunkTable& table, std::int64_t group, std::vector<StoredRecord> records, ChunkChanges& changes);

}  // namespace anlan::collector
