#include "collector/store/victoria/journal_reader.hpp"

#include <bit>

#include "collector/store/telemetry_books.hpp"
#include "collector/store/telemetry_rows.hpp"
#include "collector/store/victoria/batch_block.hpp"

namespace anlan::collector::victoria {
JournalReader::JournalReader(SQLite::Database db)
    : db_(std::move(db)),
      point_(db_, "SELECT id, first_ms, last_ms, moved FROM point WHERE path = ?"),
      epoch_(db_, "SELECT id FROM epoch WHERE edge = ? AND epoch = ?"),
      ordinal_(db_, "SELECT ordinal FROM epoch WHERE id = ?"),
      batches_(db_, "SELECT data FROM batch WHERE end_ms >= ? AND start_ms < ?"),
      aside_(db_, "SELECT data FROM aside WHERE point = ? AND end_ms >= ? AND start_ms < ?"),
      newest_(db_,
              "SELECT e.edge, n.time_ms, n.value_bits, n.quality, e.ordinal, n.sequence FROM point p JOIN newest n ON "
              "n.point = p.id JOIN epoch e ON e.id = n.epoch WHERE p.path = ?") {}

std::optional<JournalReader::Point> JournalReader::find_point(const std::string& path) {
  Running rows(point_);
  point_.bind(1, path);
  if (!rows.next()) return std::nullopt;
  Point point{point_.getColumn(0).getInt64(), std::nullopt};
  if (!point_.isColumnNull(1))
    point.moved = {point_.getColumn(1).getInt64(), point_.getColumn(2).getInt64(), unsigned_at(point_, 3)};
  return point;
}

Result<void> JournalReader::samples(std::int64_t point, std::int64_t from, std::int64_t to,
                                    const std::function<void(const HeldSample&)>& take) {
  SQLite::Transaction snapshot(db_);
  const auto in_time = [&](const PlacedSample& one) {
    if (one.sample.time >= from && one.sample.time < to) take(one.sample);
  };
  Running waiting(batches_);
  batches_.bind(1, from);
  batches_.bind(2, to);
  while (waiting.next())
    if (auto read = read_batch(blob_at(batches_, 0), point, in_time); !read) return read;
  Running aside(aside_);
  aside_.bind(1, point);
  aside_.bind(2, from);
  aside_.bind(3, to);
  while (aside.next())
    if (auto read = read_batch(blob_at(aside_, 0), point, in_time); !read) return read;
  return {};
}

std::optional<std::uint32_t> JournalReader::epoch(const std::string& edge, const Epoch& epoch) {
  Running rows(epoch_);
  epoch_.bind(1, edge);
  epoch_.bind(2, epoch.hex());
  if (!rows.next()) return std::nullopt;
  return static_cast<std::uint32_t>(unsigned_at(epoch_, 0));
}

std::uint64_t JournalReader::ordinal_of(std::uint32_t epoch) {
  Running rows(ordinal_);
  ordinal_.bind(1, static_cast<std::int64_t>(epoch));
  return rows.next() ? unsigned_at(ordinal_, 0) : 0;
}

std::vector<std::optional<NewestValue>> JournalReader::newest(const std::vector<std::string>& points) {
  SQLite::Transaction snapshot(db_);
  std::vector<std::optional<NewestValue>> found;
  found.reserve(points.size());
  for (const std::string& path : points) {
    Running rows(newest_);
    newest_.bind(1, path);
    if (!rows.next()) {
      found.emplace_back();
      continue;
    }
    const auto quality = quality_from(unsigned_at(newest_, 3));
    if (!quality) throw_corrupt("the newest value of " + path + " has a quality that does not exist");
    found.push_back(NewestValue{
        newest_.getColumn(0).getString(),
        {wall_from_ms(newest_.getColumn(1).getInt64()), std::bit_cast<double>(newest_.getColumn(2).getInt64()),
         *quality, unsigned_at(newest_, 4), unsigned_at(newest_, 5)}});
  }
  return found;
}

std::vector<TelemetryAccount> JournalReader::accounts(const std::string& edge) {
  SQLite::Transaction snapshot(db_);
  return read_accounts(db_, edge);
}

}  // namespace anlan::collector::victoria
