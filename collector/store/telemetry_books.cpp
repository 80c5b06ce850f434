#include "collector/store/telemetry_books.hpp"

#include "collector/store/telemetry_rows.hpp"

namespace anlan::collector {

std::optional<StoreRef> read_identity(SQLite::Database& db) {
  SQLite::Statement rows(db, "SELECT store, generation FROM identity");
  if (!rows.executeStep()) return std::nullopt;
  return StoreRef{id_at<StoreId>(rows, 0), id_at<Generation>(rows, 1)};
}

void save_identity(SQLite::Database& db, const StoreRef& identity) {
  SQLite::Statement put(db, "INSERT OR REPLACE INTO identity (one, store, generation) VALUES (1, ?, ?)");
  put.bind(1, identity.id.hex());
  put.bind(2, identity.generation.hex());
  put.exec();
}

RangesByPlace read_ranges(SQLite::Database& db, const std::string& edge) {
  SQLite::Statement rows(db, "SELECT epoch, stream, ranges FROM received WHERE edge = ?");
  rows.bind(1, edge);
  RangesByPlace loaded;
  while (rows.executeStep()) {
    auto ranges = RangeSet::parse(rows.getColumn(2).getString());
    if (!ranges) throw_corrupt("received ranges of " + edge + ": " + ranges.error().message);
    loaded[{id_at<Epoch>(rows, 0), static_cast<Stream>(unsigned_at(rows, 1))}] = std::move(*ranges);
  }
  return loaded;
}

std::vector<TelemetryAccount> read_accounts(SQLite::Database& db, const std::string& edge) {
  SQLite::Statement rows(
      db,
      "SELECT edge, epoch, ordinal, samples, (SELECT count(*) FROM raw r WHERE r.edge = e.edge AND "
      "r.epoch = e.epoch), (SELECT total(samples) FROM raw r WHERE r.edge = e.edge AND r.epoch = e.epoch), "
      "(SELECT ranges FROM received r WHERE r.edge = e.edge AND r.epoch = e.epoch AND r.stream = ?2) "
      "FROM epoch e WHERE ?1 = '' OR edge = ?1 ORDER BY edge, ordinal, epoch");
  rows.bind(1, edge);
  rows.bind(2, static_cast<std::int64_t>(Stream::telemetry));
  std::vector<TelemetryAccount> accounts;
  while (rows.executeStep()) {
    auto received = RangeSet::parse(rows.getColumn(6).getString());
    if (!received) throw_corrupt("received ranges: " + received.error().message);
    accounts.push_back({rows.getColumn(0).getString(), id_at<Epoch>(rows, 1), unsigned_at(rows, 2),
                        unsigned_at(rows, 3), unsigned_at(rows, 4),
                        static_cast<std::uint64_t>(rows.getColumn(5).getDouble()), std::move(*received)});
  }
  return accounts;
}

std::int64_t point_row(SQLite::Database& db, SQLite::Statement& find, SQLite::Statement& add, const std::string& path) {
  {
    Running rows(find);
    find.bind(1, path);
    if (rows.next()) return find.getColumn(0).getInt64();
  }
  add.tryReset();
  add.bind(1, path);
  add.exec();
  return db.getLastInsertRowid();
}

}  // namespace anlan::collector
