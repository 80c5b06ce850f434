#include "collector/store/telemetry_reader.hpp"

#include <algorithm>
#include <limits>

#include "collector/store/segment.hpp"
#include "collector/store/telemetry_rows.hpp"

namespace anlan::collector {
namespace {

/// A statement under way holds its snapshot: it is reset however the scope is left.
class Running {
 public:
  explicit Running(SQLite::Statement& statement) : statement_(statement) { statement_.reset(); }
  ~Running() { statement_.tryReset(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  bool next() { return statement_.executeStep(); }

 private:
  SQLite::Statement& statement_;
};

}  // namespace

TelemetryReader::TelemetryReader(SQLite::Database db, const NewestValues& newest)
    : db_(std::move(db)),
      newest_(newest),
      point_(db_, "SELECT id, longest_ms FROM point WHERE path = ?"),
      ordinal_(db_, "SELECT ordinal FROM epoch WHERE id = ?"),
      losses_(db_, "SELECT start_ms, end_ms, samples FROM loss WHERE point IS NULL OR point = ?"),
      segments_(db_, "SELECT start_ms, end_ms, data FROM segment WHERE end_ms >= ? AND start_ms < ?"),
      open_chunks_(
          db_,
          "SELECT start_ms, end_ms, samples, data FROM open_chunk WHERE point = ? AND end_ms >= ? AND start_ms < ?"),
      chunks_(db_,
              "SELECT start_ms, end_ms, samples, data FROM chunk WHERE point = ? AND start_ms >= ? AND start_ms < ? "
              "AND end_ms >= ? ORDER BY start_ms") {}

Result<TelemetryPage> TelemetryReader::query(const TelemetryQuery& query) {
  SQLite::Transaction snapshot(db_);
  std::unordered_map<std::uint32_t, std::uint64_t> ordinals;
  auto page = PageSelection::start(query, [&](std::uint32_t epoch) { return ordinal_of(epoch, ordinals); });
  if (!page) return fail(std::move(page.error()));
  const auto point = find_point(query.point);
  if (!point) return fail(Errc::not_found, "point " + query.point + ": no telemetry of it was ever stored");
  if (query.from < query.to) {
    add_losses(*page, point->id);
    add_segments(*page, point->id);
    add_open_chunks(*page, point->id);
    add_chunks(*page, *point);
  }
  return std::move(*page).finish();
}

void TelemetryReader::add_losses(PageSelection& page, std::int64_t point) {
  Running rows(losses_);
  losses_.bind(1, point);
  while (rows.next()) {
    std::optional<std::uint64_t> count;
    if (!losses_.isColumnNull(2)) count = unsigned_at(losses_, 2);
    page.add_loss(losses_.getColumn(0).getInt64(), losses_.getColumn(1).getInt64(), count);
  }
}

void TelemetryReader::add_segments(PageSelection& page, std::int64_t point) {
  Running rows(segments_);
  segments_.bind(1, page.earliest());
  segments_.bind(2, page.end());
  while (rows.next()) {
    bool whole = true;
    const auto read = read_segment(blob_at(segments_, 2), [&](std::int64_t of, std::string_view block) {
      if (of != point) return;
      const auto samples = decode_block(block);
      whole = whole && samples;
      if (samples) page.add(*samples);
    });
    if (!read || !whole)
      page.add_loss(segments_.getColumn(0).getInt64(), segments_.getColumn(1).getInt64(), std::nullopt);
  }
}

void TelemetryReader::add_chunk(PageSelection& page, std::int64_t point, SQLite::Statement& row) {
  const auto block = open_block(blob_at(row, 3), point);
  const auto samples = block ? decode_block(*block) : fail(block.error());
  if (samples && samples->size() == unsigned_at(row, 2))
    page.add(*samples);
  else
    page.add_loss(row.getColumn(0).getInt64(), row.getColumn(1).getInt64(), unsigned_at(row, 2));
}

void TelemetryReader::add_open_chunks(PageSelection& page, std::int64_t point) {
  Running rows(open_chunks_);
  open_chunks_.bind(1, point);
  open_chunks_.bind(2, page.earliest());
  open_chunks_.bind(3, page.end());
  while (rows.next()) add_chunk(page, point, open_chunks_);
}

void TelemetryReader::add_chunks(PageSelection& page, const Point& point) {
  // No chunk of this point is longer than longest_ms: none that begins earlier can reach into the page.
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  const std::int64_t earliest = page.earliest();
  const std::int64_t from = earliest < least + point.longest_ms ? least : earliest - point.longest_ms;
  Running rows(chunks_);
  chunks_.bind(1, point.id);
  chunks_.bind(2, from);
  chunks_.bind(3, page.end());
  chunks_.bind(4, earliest);
  while (rows.next() && !page.complete_before(chunks_.getColumn(0).getInt64())) add_chunk(page, point.id, chunks_);
}

std::vector<std::optional<NewestValue>> TelemetryReader::newest(const std::vector<std::string>& points) {
  SQLite::Transaction snapshot(db_);
  std::vector<std::optional<NewestValue>> found;
  found.reserve(points.size());
  for (const std::string& path : points) {
    const auto point = find_point(path);
    found.push_back(point ? newest_.find(point->id) : std::nullopt);
  }
  return found;
}

std::vector<TelemetryAccount> TelemetryReader::accounts(const std::string& edge) {
  SQLite::Transaction snapshot(db_);
  SQLite::Statement rows(
      db_,
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

std::optional<TelemetryReader::Point> TelemetryReader::find_point(const std::string& path) {
  Running rows(point_);
  point_.bind(1, path);
  if (!rows.next()) return std::nullopt;
  return Point{point_.getColumn(0).getInt64(), point_.getColumn(1).getInt64()};
}

std::uint64_t TelemetryReader::ordinal_of(std::uint32_t epoch,
                                          std::unordered_map<std::uint32_t, std::uint64_t>& known) {
  if (const auto at = known.find(epoch); at != known.end()) return at->second;
  Running rows(ordinal_);
  ordinal_.bind(1, static_cast<std::int64_t>(epoch));
  return known[epoch] = rows.next() ? unsigned_at(ordinal_, 0) : 0;
}

}  // namespace anlan::collector
