#include "collector/store/expiry.hpp"

#include <algorithm>
#include <map>

#include "collector/store/chunk.hpp"
#include "collector/store/chunk_table.hpp"
#include "collector/store/rollup.hpp"
#include "collector/store/telemetry_rows.hpp"

namespace anlan::collector {
namespace {

constexpr std::size_t kPiece = 500;  // chunks in one transaction

/// One transaction's worth of one step.
class Piece {
 public:
  Piece(SQLite::Database& db, std::int64_t step, std::int64_t before)
      : db_(db), chunks_(db), step_(step), before_(before) {}

  /// True where there may be more.
  bool run() {
    const auto old = find();
    for (const ChunkRow& chunk : old)
      if (step_ == 0 && chunk.open)
        close(chunk);
      else
        forget(chunk);
    chunks_.apply(changes_);
    if (!old.empty()) say_before();
    for (const auto& [epoch, samples] : samples_) {
      SQLite::Statement count(db_, "UPDATE epoch SET expired = expired + ? WHERE id = ?");
      count.bind(1, static_cast<std::int64_t>(samples));
      count.bind(2, static_cast<std::int64_t>(epoch));
      count.exec();
    }
    return old.size() == kPiece || closed_;
  }

 private:
  std::vector<ChunkRow> find() {
    SQLite::Statement rows(
        db_,
        "SELECT c.id, c.point_group, c.open, c.start_ms, c.end_ms, c.items FROM point_group g JOIN "
        "chunk c ON c.point_group = g.id AND c.step_ms = ?1 AND c.open IN (0, 1) AND c.start_ms < ?2 "
        "WHERE c.end_ms < ?2 LIMIT ?3");
    rows.bind(1, step_);
    rows.bind(2, before_);
    rows.bind(3, static_cast<std::int64_t>(kPiece));
    std::vector<ChunkRow> found;
    while (rows.executeStep()) {
      ChunkRow row;
      row.id = rows.getColumn(0).getInt64();
      row.group = rows.getColumn(1).getInt64();
      row.step = step_;
      row.open = rows.getColumn(2).getInt() == 1;
      row.range = {rows.getColumn(3).getInt64(), rows.getColumn(4).getInt64()};
      row.items = unsigned_at(rows, 5);
      found.push_back(std::move(row));
    }
    return found;
  }

  /// What it held in minutes, hours and days stays; its samples go with the next piece.
  void close(const ChunkRow& chunk) {
    ChunkChanges changes;  // of one chunk at a time: the next one of its group finds its rollups
    const bool closed = close_chunk(chunks_, chunk, changes);
    if (closed) {
      chunks_.apply(changes);
      closed_ = true;
    } else {
      forget(chunk);
    }
  }

  void forget(const ChunkRow& chunk) {
    if (step_ == 0) count_samples(chunk);
    changes_.removed.push_back(chunk.id);
  }

  /// Accounts go on counting what was stored, and a look at the store holds them against what is there.
  void count_samples(const ChunkRow& chunk) {
    const std::string data = chunks_.data(chunk.id);
    if (const auto counts = count_by_epoch(data, chunk.group)) {
      for (const auto& [epoch, samples] : *counts) samples_[epoch] += samples;
      return;
    }
    SQLite::Statement loss(db_, "INSERT INTO loss (point_group, start_ms, end_ms, samples) VALUES (?, ?, ?, ?)");
    loss.bind(1, chunk.group);
    loss.bind(2, chunk.range.start);
    loss.bind(3, chunk.range.end);
    loss.bind(4, static_cast<std::int64_t>(chunk.items));
    loss.exec();
  }

  void say_before() {
    SQLite::Statement put(db_,
                          "INSERT INTO expired (step_ms, before_ms) VALUES (?, ?) ON CONFLICT (step_ms) DO UPDATE SET "
                          "before_ms = max(before_ms, excluded.before_ms)");
    put.bind(1, step_);
    put.bind(2, before_);
    put.exec();
  }

  SQLite::Database& db_;
  ChunkTable chunks_;
  ChunkChanges changes_;
  bool closed_ = false;
  std::int64_t step_, before_;
  std::map<std::uint32_t, std::uint64_t> samples_;  // forgotten, by epoch
};

}  // namespace

namespace {

/// Not far beyond the newest values: a clock that lies forgets nothing.
std::int64_t believed(SQLite::Database& db, WallTime now) {
  constexpr std::int64_t kAhead = 7 * kDay;
  const auto newest = db.execAndGet("SELECT max(latest_ms) FROM newest");
  if (newest.isNull()) return to_ms(now);
  return std::min(to_ms(now), std::max(newest.getInt64(), std::int64_t{0}) + kAhead);
}

}  // namespace

bool expire(SQLite::Database& db, std::mutex& writing, const TelemetryRetention& retention, WallTime now) {
  const std::pair<std::int64_t, std::optional<Millis>> kept[] = {
      {0, retention.samples}, {kMinute, retention.minutes}, {kHour, retention.hours}, {kDay, retention.days}};
  bool more = false;
  for (const auto& [step, age] : kept) {
    if (!age) continue;
    const std::scoped_lock lock(writing);
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    more = Piece(db, step, believed(db, now) - age->count()).run() || more;
    transaction.commit();
  }
  return more;
}

}  // namespace anlan::collector
