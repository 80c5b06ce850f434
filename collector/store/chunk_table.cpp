#include "collector/store/chunk_table.hpp"

#include <algorithm>

#include "collector/store/filing.hpp"
#include "collector/store/telemetry_rows.hpp"

namespace anlan::collector {

ChunkTable::ChunkTable(SQLite::Database& db)
    : open_(db,
            "SELECT id, start_ms, end_ms, items, most FROM chunk WHERE point_group = ? AND step_ms = ? AND open = 1"),
      data_(db, "SELECT data FROM chunk WHERE id = ?"),
      remove_(db, "DELETE FROM chunk WHERE id = ?"),
      insert_(db,
              "INSERT INTO chunk (point_group, step_ms, open, start_ms, end_ms, items, most, data) VALUES (?, ?, ?, ?, "
              "?, ?, ?, ?)"),
      stretch_(db,
               "INSERT INTO longest (point_group, step_ms, ms) VALUES (?, ?, ?) ON CONFLICT (point_group, step_ms) DO "
               "UPDATE SET ms = excluded.ms WHERE excluded.ms > longest.ms") {}

std::vector<ChunkRow> ChunkTable::open(std::int64_t group, std::int64_t step) {
  Running rows(open_);
  open_.bind(1, group);
  open_.bind(2, step);
  std::vector<ChunkRow> open;
  while (rows.next())
    open.push_back({open_.getColumn(0).getInt64(),
                    group,
                    step,
                    true,
                    {open_.getColumn(1).getInt64(), open_.getColumn(2).getInt64()},
                    unsigned_at(open_, 3),
                    unsigned_at(open_, 4),
                    ""});
  return open;
}

std::string ChunkTable::data(std::int64_t id) {
  try {
    Running row(data_);
    data_.bind(1, id);
    return row.next() ? std::string(blob_at(data_, 0)) : "";
  } catch (const SQLite::Exception& e) {  // a page that SQLite cannot read: the chunk is damaged, the others go on
    if (!is_corrupt(e)) throw;
    return "";
  }
}

void ChunkTable::apply(const ChunkChanges& changes) {
  for (const std::int64_t id : changes.removed) {
    remove_.tryReset();
    remove_.bind(1, id);
    remove_.exec();
  }
  for (const ChunkRow& row : changes.added) add(row);
}

/// No closed chunk of a group and step is longer than the table longest says: a query by time need not look further
/// back.
void ChunkTable::add(const ChunkRow& row) {
  insert_.tryReset();
  insert_.bind(1, row.group);
  insert_.bind(2, row.step);
  insert_.bind(3, row.open ? 1 : 0);
  insert_.bind(4, row.range.start);
  insert_.bind(5, row.range.end);
  insert_.bind(6, static_cast<std::int64_t>(row.items));
  insert_.bind(7, static_cast<std::int64_t>(row.most));
  insert_.bindNoCopy(8, row.data.data(), static_cast<int>(row.data.size()));
  insert_.exec();
  insert_.clearBindings();
  if (row.open) return;
  const auto length = static_cast<std::uint64_t>(row.range.end) - static_cast<std::uint64_t>(row.range.start);
  stretch_.tryReset();
  stretch_.bind(1, row.group);
  stretch_.bind(2, row.step);
  stretch_.bind(3, static_cast<std::int64_t>(std::min<std::uint64_t>(length, INT64_MAX)));
  stretch_.exec();
}

namespace {

/// A group's shelves and who files there.
struct Desk {
  Desk(ChunkTable& table, std::int64_t group, std::vector<ChunkRow> open, ChunkChanges& changes)
      : samples(std::move(open), load(table), changes),
        minutes(table.open(group, kMinute), load(table), changes),
        hours(table.open(group, kHour), load(table), changes),
        days(table.open(group, kDay), load(table), changes),
        filing(group, samples, {&minutes, &hours, &days}) {}

  static Shelf::Load load(ChunkTable& table) {
    return [&table](std::int64_t id) { return table.data(id); };
  }
  Shelf samples, minutes, hours, days;
  Filing filing;
};

}  // namespace

void file_records(ChunkTable& table, std::int64_t group, std::vector<StoredRecord> records, ChunkChanges& changes) {
  Desk(table, group, table.open(group, 0), changes).filing.file(std::move(records));
}

bool close_chunk(ChunkTable& table, ChunkRow row, ChunkChanges& changes) {
  row.data = table.data(row.id);
  if (!Desk(table, row.group, {}, changes).filing.close(row)) return false;
  changes.removed.push_back(row.id);
  return true;
}

}  // namespace anlan::collector
