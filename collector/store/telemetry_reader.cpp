#include "collector/store/telemetry_reader.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "collector/store/chunk.hpp"
#include "collector/store/segment.hpp"
#include "collector/store/telemetry_books.hpp"
#include "collector/store/telemetry_rows.hpp"

namespace anlan::collector {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

/// The samples of one point in a record.
std::vector<StoredSample> of_point(const StoredRecord& record, std::uint32_t place) {
  StoredRecord own{record.head, {}};
  std::ranges::copy_if(record.samples, std::back_inserter(own.samples),
                       [&](const Sample& sample) { return sample.point == place; });
  if (own.samples.empty()) return {};
  put_in_order(own.samples);
  ColumnSet set;
  set.add(own);
  return samples_of(set.columns().front(), set.records());
}

}  // namespace

TelemetryReader::TelemetryReader(SQLite::Database db, const NewestValues& newest)
    : db_(std::move(db)),
      newest_(newest),
      point_(db_, "SELECT id FROM point WHERE path = ?"),
      members_(db_, "SELECT point_group, place FROM member WHERE point = ?"),
      ordinal_(db_, "SELECT ordinal FROM epoch WHERE id = ?"),
      expired_(db_, "SELECT before_ms FROM expired WHERE step_ms = ?"),
      losses_(db_,
              "SELECT start_ms, end_ms, point, samples FROM loss WHERE end_ms >= ?2 AND start_ms < ?3 AND (point = ?1 "
              "OR (point IS NULL AND (point_group IS NULL OR point_group IN (SELECT point_group FROM member m WHERE "
              "m.point = ?1))))"),
      segments_(db_, "SELECT id, start_ms, end_ms, heads FROM segment WHERE end_ms >= ? AND start_ms < ?"),
      segment_data_(db_, "SELECT data FROM segment WHERE id = ?"),
      longest_(db_, "SELECT ms FROM longest WHERE point_group = ? AND step_ms = ?"),
      chunks_(
          db_,
          "SELECT start_ms, end_ms, data FROM chunk WHERE point_group = ? AND step_ms = ? AND open = ? AND start_ms "
          ">= ? AND start_ms < ? AND end_ms >= ? ORDER BY start_ms") {}

Result<TelemetryPage> TelemetryReader::query(const TelemetryQuery& query) {
  SQLite::Transaction snapshot(db_);
  std::unordered_map<std::uint32_t, std::uint64_t> ordinals;
  auto page = PageSelection::start(query, [&](std::uint32_t epoch) { return ordinal_of(epoch, ordinals); });
  if (!page) return fail(std::move(page.error()));
  const auto point = find_point(query.point);
  if (!point) return fail(Errc::not_found, "point " + query.point + ": no telemetry of it was ever stored");
  if (query.from >= query.to) return std::move(*page).finish();
  const Take take{[&](const auto& samples) { page->add(samples); },
                  [&](const TimeRange& range, auto count) { page->add_loss(range.start, range.end, count); },
                  [&](std::int64_t start) { return page->complete_before(start); }};
  const TimeRange wanted{page->earliest(), page->end()};
  read_losses(*point, wanted, take);
  read_segments(*point, wanted, take);
  for (const bool open : {true, false})
    for (const Member& member : point->members) read_samples(member, open, wanted, take);
  return std::move(*page).finish();
}

void TelemetryReader::read_losses(const Point& point, const TimeRange& wanted, const Take& take) {
  Running rows(losses_);
  losses_.bind(1, point.id);
  losses_.bind(2, wanted.start);
  losses_.bind(3, wanted.end);
  while (rows.next()) {
    std::optional<std::uint64_t> count;
    if (!losses_.isColumnNull(2) && !losses_.isColumnNull(3)) count = unsigned_at(losses_, 3);
    take.loss({losses_.getColumn(0).getInt64(), losses_.getColumn(1).getInt64()}, count);
  }
}

void TelemetryReader::read_segments(const Point& point, const TimeRange& wanted, const Take& take) {
  Running rows(segments_);
  segments_.bind(1, wanted.start);
  segments_.bind(2, wanted.end);
  while (rows.next()) {
    std::vector<std::pair<SegmentEntry, std::uint32_t>> entries;
    bool whole = read_heads(blob_at(segments_, 3), [&](const SegmentEntry& entry) {
                   for (const Member& member : point.members)
                     if (member.group == entry.group) entries.emplace_back(entry, member.place);
                 }).has_value();
    if (!entries.empty()) {
      Running row(segment_data_);
      segment_data_.bind(1, segments_.getColumn(0).getInt64());
      const std::string_view data = row.next() ? blob_at(segment_data_, 0) : std::string_view();
      for (const auto& [entry, place] : entries)
        if (const auto record = read_entry(entry, data))
          take.samples(of_point(*record, place));
        else
          whole = false;
    }
    if (!whole) take.loss({segments_.getColumn(1).getInt64(), segments_.getColumn(2).getInt64()}, std::nullopt);
  }
}

void TelemetryReader::read_chunks(const Member& member, std::int64_t step, bool open, const TimeRange& wanted,
                                  const Take& take,
                                  const std::function<void(std::string_view data, const TimeRange& range)>& use) {
  std::int64_t longest = 0;
  if (!open) {  // none is longer: none that begins earlier can reach into what is wanted
    Running row(longest_);
    longest_.bind(1, member.group);
    longest_.bind(2, step);
    if (!row.next()) return;
    longest = longest_.getColumn(0).getInt64();
  }
  Running rows(chunks_);
  chunks_.bind(1, member.group);
  chunks_.bind(2, step);
  chunks_.bind(3, open ? 1 : 0);
  chunks_.bind(4, open || longest < 0 || wanted.start < kLeast + longest ? kLeast : wanted.start - longest);
  chunks_.bind(5, wanted.end);
  chunks_.bind(6, wanted.start);
  while (rows.next()) {
    const TimeRange range{chunks_.getColumn(0).getInt64(), chunks_.getColumn(1).getInt64()};
    if (take.done && take.done(range.start)) return;
    use(blob_at(chunks_, 2), range);
  }
}

void TelemetryReader::read_samples(const Member& member, bool open, const TimeRange& wanted, const Take& take) {
  read_chunks(member, 0, open, wanted, take, [&](std::string_view data, const TimeRange& range) {
    const auto found = decode_point(data, member.group, member.place);
    if (!found)
      take.loss(range, std::nullopt);
    else if (found->damaged)
      take.loss(range, found->damaged);
    else
      take.samples(found->samples);
  });
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
  return read_accounts(db_, edge);
}

std::optional<TelemetryReader::Point> TelemetryReader::find_point(const std::string& path) {
  Point point;
  {
    Running rows(point_);
    point_.bind(1, path);
    if (!rows.next()) return std::nullopt;
    point.id = point_.getColumn(0).getInt64();
  }
  Running rows(members_);
  members_.bind(1, point.id);
  while (rows.next())
    point.members.push_back({members_.getColumn(0).getInt64(), static_cast<std::uint32_t>(unsigned_at(members_, 1))});
  return point;
}

std::int64_t TelemetryReader::expired_before(std::int64_t step) {
  Running rows(expired_);
  expired_.bind(1, step);
  return rows.next() ? expired_.getColumn(0).getInt64() : std::numeric_limits<std::int64_t>::min();
}

std::uint64_t TelemetryReader::ordinal_of(std::uint32_t epoch,
                                          std::unordered_map<std::uint32_t, std::uint64_t>& known) {
  if (const auto at = known.find(epoch); at != known.end()) return at->second;
  Running rows(ordinal_);
  ordinal_.bind(1, static_cast<std::int64_t>(epoch));
  return known[epoch] = rows.next() ? unsigned_at(ordinal_, 0) : 0;
}

}  // namespace anlan::collector
