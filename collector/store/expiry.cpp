#include "collector/store/expiry.hpp"

#include <map>

#include "collector/store/chunk.hpp"
#include "collector/store/rollup.hpp"
#include "collector/store/telemetry_rows.hpp"

namespace anlan::collector {
namespace {

constexpr std::size_t kPiece = 500;  // chunks in one transaction

/// One transaction's worth of one step.
class Piece {
 public:
  Piece(SQLite::Database& db, std::int64_t step, std::int64_t before) : db_(db), step_(step), before_(before) {}

  /// True where there may be more.
  bool run() {
    const auto old = find();
    for (const Old& chunk : old) forget(chunk);
    if (!old.empty()) say_before();
    for (const auto& [epoch, samples] : samples_) {
      SQLite::Statement count(db_, "UPDATE epoch SET expired = expired + ? WHERE id = ?");
      count.bind(1, static_cast<std::int64_t>(samples));
      count.bind(2, static_cast<std::int64_t>(epoch));
      count.exec();
    }
    return old.size() == kPiece;
  }

 private:
  struct Old {
    std::int64_t id, group, start, end, items;
  };

  std::vector<Old> find() {
    SQLite::Statement rows(db_,
                           "SELECT c.id, c.point_group, c.start_ms, c.end_ms, c.items FROM point_group g JOIN chunk c "
                           "ON c.point_group = g.id AND c.step_ms = ?1 AND c.open IN (0, 1) AND c.start_ms < ?2 "
                           "WHERE c.end_ms < ?2 LIMIT ?3");
    rows.bind(1, step_);
    rows.bind(2, before_);
    rows.bind(3, static_cast<std::int64_t>(kPiece));
    std::vector<Old> found;
    while (rows.executeStep())
      found.push_back({rows.getColumn(0).getInt64(), rows.getColumn(1).getInt64(), rows.getColumn(2).getInt64(),
                       rows.getColumn(3).getInt64(), rows.getColumn(4).getInt64()});
    return found;
  }

  void forget(const Old& chunk) {
    if (step_ == 0) count_samples(chunk);
    SQLite::Statement remove(db_, "DELETE FROM chunk WHERE id = ?");
    remove.bind(1, chunk.id);
    remove.exec();
  }

  /// Accounts go on counting what was stored, and a look at the store holds them against what is there.
  void count_samples(const Old& chunk) {
    SQLite::Statement row(db_, "SELECT data FROM chunk WHERE id = ?");
    row.bind(1, chunk.id);
    row.executeStep();
    if (const auto counts = count_by_epoch(blob_at(row, 0), chunk.group)) {
      for (const auto& [epoch, samples] : *counts) samples_[epoch] += samples;
      return;
    }
    SQLite::Statement loss(db_, "INSERT INTO loss (point_group, start_ms, end_ms, samples) VALUES (?, ?, ?, ?)");
    loss.bind(1, chunk.group);
    loss.bind(2, chunk.start);
    loss.bind(3, chunk.end);
    loss.bind(4, chunk.items);
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
  std::int64_t step_, before_;
  std::map<std::uint32_t, std::uint64_t> samples_;  // forgotten, by epoch
};

}  // namespace

bool expire(SQLite::Database& db, std::mutex& writing, const TelemetryRetention& retention, WallTime now) {
  const std::pair<std::int64_t, std::optional<Millis>> kept[] = {
      {0, retention.samples}, {kMinute, retention.minutes}, {kHour, retention.hours}, {kDay, retention.days}};
  bool more = false;
  for (const auto& [step, age] : kept) {
    if (!age) continue;
    const std::scoped_lock lock(writing);
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    more = Piece(db, step, to_ms(now) - age->count()).run() || more;
    transaction.commit();
  }
  return more;
}

}  // namespace anlan::collector
