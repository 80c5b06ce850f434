// Moving what versions 1 and 2 of telemetry.db held: each point becomes a group of its own.
#include <algorithm>
#include <bit>
#include <map>

#include "collector/store/chunk_table.hpp"
#include "collector/store/newest_table.hpp"
#include "collector/store/old_blocks.hpp"
#include "collector/store/segment.hpp"
#include "collector/store/stable_order.hpp"
#include "collector/store/telemetry_rows.hpp"
#include "common/base/log.hpp"
#include "common/wire/columns.hpp"

namespace anlan::collector {
namespace {

constexpr int kRowsAtOnce = 200;

/// A point's samples as records of a group of which it is the only one.
std::vector<StoredRecord> as_records(std::vector<StoredSample> samples) {
  sort_stably(samples, &StoredSample::identity);
  std::vector<StoredRecord> records;
  for (const StoredSample& stored : samples) {
    const RecordHead head{stored.epoch, stored.sequence};
    if (records.empty() || records.back().head != head) records.push_back({head, {}});
    Sample sample;
    sample.time = wall_from_ms(stored.time);
    sample.value = stored.value;
    sample.quality = stored.quality;
    records.back().samples.push_back(sample);
  }
  return records;
}

class Mover {
 public:
  explicit Mover(SQLite::Database& db) : db_(db), chunks_(db) {}

  /// Some rows, in one transaction; how many.
  std::uint64_t move_some(const std::string& table, bool segments) {
    SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
    const std::string columns =
        segments ? "id, NULL, start_ms, end_ms, samples, data" : "id, point, start_ms, end_ms, samples, data";
    std::map<std::int64_t, std::vector<StoredSample>> points;
    std::vector<std::int64_t> done;
    {
      SQLite::Statement rows(
          db_, "SELECT " + columns + " FROM " + table + " ORDER BY id LIMIT " + std::to_string(kRowsAtOnce));
      while (rows.executeStep()) {
        done.push_back(rows.getColumn(0).getInt64());
        if (!read(rows, segments, points)) lose(rows, segments);
      }
    }
    if (segments)
      put_segment(points);
    else
      for (auto& [point, samples] : points) {
        ChunkChanges changes;
        file_records(chunks_, group_of(point), as_records(std::move(samples)), changes);
        chunks_.apply(changes);
      }
    for (const std::int64_t id : done) db_.exec("DELETE FROM " + table + " WHERE id = " + std::to_string(id));
    transaction.commit();
    return done.size();
  }

  /// All of them, in one transaction, with the table.
  void move_newest() {
    SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
    std::vector<NewestRow> moved;
    {
      SQLite::Statement rows(db_, "SELECT point, epoch, sequence, time_ms, value_bits, quality FROM old_newest");
      while (rows.executeStep()) {
        const StoredSample sample{rows.getColumn(3).getInt64(),
                                  std::bit_cast<double>(rows.getColumn(4).getInt64()),
                                  quality_from(unsigned_at(rows, 5)).value_or(Quality::stale),
                                  static_cast<std::uint32_t>(unsigned_at(rows, 1)),
                                  unsigned_at(rows, 2),
                                  0};
        const std::int64_t group = group_of(rows.getColumn(0).getInt64());
        moved.push_back(newest_row(group, {{0, sample}}));
      }
    }
    save_newest(db_, moved, 0);
    db_.exec("DROP TABLE old_newest");
    transaction.commit();
  }

 private:
  static bool read(SQLite::Statement& row, bool segment, std::map<std::int64_t, std::vector<StoredSample>>& points) {
    std::vector<std::pair<std::int64_t, std::vector<StoredSample>>> blocks;
    bool whole = true;
    const auto add = [&](std::int64_t point, std::string_view block) {
      auto samples = decode_old_block(block);
      whole = whole && samples;
      if (samples) blocks.emplace_back(point, std::move(*samples));
    };
    if (segment) {
      whole = read_old_segment(blob_at(row, 5), add) && whole;
    } else {
      const std::int64_t point = row.getColumn(1).getInt64();
      const auto block = open_old_block(blob_at(row, 5), point);
      if (!block) return false;
      add(point, *block);
    }
    if (!whole) return false;
    for (auto& [point, samples] : blocks) points[point].insert(points[point].end(), samples.begin(), samples.end());
    return true;
  }

  /// Segments stay segments: the newest values are looked for there.
  void put_segment(std::map<std::int64_t, std::vector<StoredSample>>& points) {
    SegmentWriter segment;
    std::vector<Sample> all;
    for (auto& [point, samples] : points)
      for (StoredRecord& record : as_records(std::move(samples))) {
        all.insert(all.end(), record.samples.begin(), record.samples.end());
        const std::size_t count = record.samples.size();
        segment.add(group_of(point), record.head, count,
                    wire::encode_columns(std::vector{Samples{{}, std::move(record.samples)}}));
      }
    if (segment.empty()) return;
    const TimeRange range = range_of(all);
    const std::string heads = segment.heads();
    SQLite::Statement add(db_, "INSERT INTO segment (start_ms, end_ms, samples, heads, data) VALUES (?, ?, ?, ?, ?)");
    add.bind(1, range.start);
    add.bind(2, range.end);
    add.bind(3, static_cast<std::int64_t>(all.size()));
    add.bind(4, heads.data(), static_cast<int>(heads.size()));
    add.bind(5, segment.data().data(), static_cast<int>(segment.data().size()));
    add.exec();
  }

  void lose(SQLite::Statement& row, bool segment) {
    SQLite::Statement loss(db_, "INSERT INTO loss (point, start_ms, end_ms, samples) VALUES (?, ?, ?, ?)");
    if (!segment) loss.bind(1, row.getColumn(1).getInt64());
    loss.bind(2, row.getColumn(2).getInt64());
    loss.bind(3, row.getColumn(3).getInt64());
    loss.bind(4, row.getColumn(4).getInt64());
    loss.exec();
    log::error("store", "telemetry is damaged", {{"samples", row.getColumn(4).getInt64()}});
  }

  std::int64_t group_of(std::int64_t point) {
    SQLite::Statement find(db_,
                           "SELECT g.id FROM member m JOIN point_group g ON g.id = m.point_group WHERE m.point = ? AND "
                           "g.definition IS NULL");
    find.bind(1, point);
    if (find.executeStep()) return find.getColumn(0).getInt64();
    db_.exec("INSERT INTO point_group (definition) VALUES (NULL)");
    const std::int64_t group = db_.getLastInsertRowid();
    SQLite::Statement add(db_, "INSERT INTO member (point, point_group, place) VALUES (?, ?, 0)");
    add.bind(1, point);
    add.bind(2, group);
    add.exec();
    return group;
  }

  SQLite::Database& db_;
  ChunkTable chunks_;
};

}  // namespace

void move_old_blocks(SQLite::Database& db) {
  if (db.tableExists("old_newest")) Mover(db).move_newest();
  const auto there = [&](const std::string& table) { return db.tableExists(table); };
  const std::pair<const char*, bool> tables[] = {
      {"old_chunk", false}, {"old_open_chunk", false}, {"old_segment", true}};
  for (const auto& [table, segments] : tables) {
    if (!there(table)) continue;
    const auto rows = db.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt64();
    if (rows > 0) {
      log::info("store", "telemetry of an older version is moved into today's form; the start takes longer, once",
                {{"table", std::string(table)}, {"rows", rows}});
      Mover mover(db);
      std::uint64_t moved = 0;
      while (const std::uint64_t some = mover.move_some(table, segments))
        if ((moved += some) % 20'000 < some)
          log::info("store", "telemetry is being moved", {{"moved", moved}, {"of", rows}});
    }
    db.exec(std::string("DROP TABLE ") + table);
  }
}

}  // namespace anlan::collector
