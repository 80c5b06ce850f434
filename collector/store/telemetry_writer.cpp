#include "collector/store/telemetry_writer.hpp"

#include <algorithm>

#include "collector/store/newest_table.hpp"
#include "collector/store/telemetry_rows.hpp"
#include "collector/store/time_runs.hpp"
#include "common/base/log.hpp"
#include "common/wire/columns.hpp"

namespace anlan::collector {
namespace {

constexpr std::size_t kMostDefinitions = 20'000;  // kept in memory with their point ids

bool stand_by_point(const std::vector<Sample>& samples) { return std::ranges::is_sorted(samples, {}, &Sample::point); }

}  // namespace

TelemetryWriter::TelemetryWriter(SQLite::Database db, NewestValues& newest, SegmentBacklog& backlog,
                                 std::mutex& writing)
    : db_(std::move(db)),
      newest_(newest),
      backlog_(backlog),
      writing_(writing),
      raw_(db_),
      find_group_(db_, "SELECT id FROM point_group WHERE definition = ?"),
      add_group_(db_, "INSERT INTO point_group (definition) VALUES (?)"),
      add_member_(db_, "INSERT INTO member (point, point_group, place) VALUES (?, ?, ?)"),
      find_point_(db_, "SELECT id FROM point WHERE path = ?"),
      add_point_(db_, "INSERT INTO point (path) VALUES (?)"),
      put_epoch_(db_,
                 "INSERT INTO epoch (edge, epoch, ordinal, samples) VALUES (?, ?, ?, 0) ON CONFLICT (edge, epoch) DO "
                 "UPDATE SET ordinal = max(ordinal, excluded.ordinal) RETURNING id, ordinal"),
      count_samples_(db_, "UPDATE epoch SET samples = samples + ? WHERE id = ?"),
      put_ranges_(db_, "INSERT OR REPLACE INTO received (edge, epoch, stream, ranges) VALUES (?, ?, ?, ?)"),
      add_segment_(db_, "INSERT INTO segment (start_ms, end_ms, samples, heads, data) VALUES (?, ?, ?, ?, ?)") {
  load_epochs();
  load_newest();
}

void TelemetryWriter::load_epochs() {
  SQLite::Statement rows(db_, "SELECT id, edge, epoch, ordinal FROM epoch");
  while (rows.executeStep()) {
    const auto id = static_cast<std::uint32_t>(unsigned_at(rows, 0));
    const EpochInfo info{rows.getColumn(1).getString(), id_at<Epoch>(rows, 2), unsigned_at(rows, 3)};
    epochs_[{info.edge, info.epoch}] = {id, info.ordinal};
    newest_.set_epoch(id, info);
  }
}

void TelemetryWriter::load_newest() {
  auto groups = load_groups();
  collector::load_newest(db_, [&](std::int64_t group, const Result<std::vector<PlacedValue>>& values) {
    if (!values)
      return log::error("store", "the newest values of a group of points are damaged; the next samples replace them",
                        {{"group", group}, {"reason", values.error().message}});
    std::vector<NewestValues::Offer> offers;
    const std::vector<std::int64_t>& points = groups[group].points;
    for (const auto& [place, sample] : *values)
      if (place < points.size() && points[place] != 0) offers.emplace_back(points[place], sample);
    newest_.offer(offers);
  });
  load_newest_of_segments(groups);
}

std::unordered_map<std::int64_t, TelemetryWriter::Group> TelemetryWriter::load_groups() {
  std::unordered_map<std::int64_t, Group> groups;
  SQLite::Statement members(db_, "SELECT point_group, place, point FROM member ORDER BY point_group, place");
  while (members.executeStep()) {
    auto& points = groups[members.getColumn(0).getInt64()].points;
    points.resize(unsigned_at(members, 1));  // one that is not there is no point (0)
    points.push_back(members.getColumn(2).getInt64());
  }
  return groups;
}

/// Segments are younger than the table of newest values.
void TelemetryWriter::load_newest_of_segments(std::unordered_map<std::int64_t, Group>& groups) {
  SQLite::Statement segments(db_, "SELECT samples, heads, data FROM segment ORDER BY id");
  while (segments.executeStep()) {
    ++backlog_.segments;
    backlog_.samples += unsigned_at(segments, 0);
    const auto read = read_heads(blob_at(segments, 1), [&](const SegmentEntry& entry) {
      if (const auto record = read_entry(entry, blob_at(segments, 2)))
        offer_newest(groups[entry.group], record->head, record->samples);
    });
    if (!read) log::error("store", "a segment of telemetry is damaged", {{"reason", read.error().message}});
  }
}

/// What was learnt in a transaction that did not happen is forgotten.
void TelemetryWriter::forget_cached() {
  groups_.clear();
  epochs_.clear();
  pending_ = {};
}

template <class Work>
auto TelemetryWriter::transact(Work work) -> decltype(work()) {
  const std::scoped_lock lock(writing_);
  if (groups_.size() >= kMostDefinitions) groups_.clear();
  try {
    SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
    auto done = work();
    if (!done) {
      forget_cached();
      return done;
    }
    append_segment();
    save_counts();
    transaction.commit();
    finish();
    return done;
  } catch (...) {
    forget_cached();
    throw;
  }
}

Result<void> TelemetryWriter::write(const TelemetryBatch& batch) {
  return transact([&]() -> Result<void> {
    for (const DecodedRecord& record : batch.decoded)
      if (auto added = add(record); !added) return added;
    for (const RawRecord& raw : batch.raw) {
      epoch_row(raw.edge, raw.record.id.place.epoch, 0);  // so that the accounts name it
      raw_.add(raw);
    }
    for (const ReceivedRanges& ranges : batch.ranges) save(ranges);
    return {};
  });
}

Result<std::size_t> TelemetryWriter::replace_raw(const std::vector<DecodedRecord>& decoded) {
  return transact([&]() -> Result<std::size_t> {
    std::size_t replaced = 0;
    for (const DecodedRecord& record : decoded) {
      if (!raw_.remove(record.edge, record.id)) continue;
      if (auto added = add(record); !added) return fail(std::move(added.error()));
      ++replaced;
    }
    return replaced;
  });
}

Result<void> TelemetryWriter::add(const DecodedRecord& record) {
  const Group& group = group_of(record.hash, *record.definition);
  const EpochRow& epoch = epoch_row(record.edge, record.id.place.epoch, record.ordinal);
  if (record.samples.empty()) return {};
  for (const Sample& sample : record.samples)
    if (sample.point >= group.points.size())
      return fail(Errc::invalid_argument, "record " + std::to_string(record.id.sequence) + " of " + record.edge +
                                              ": sample of point " + std::to_string(sample.point) +
                                              ", its definition has " + std::to_string(group.points.size()));
  const RecordHead head{epoch.id, record.id.sequence};
  const TimeRange range = range_of(record.samples);
  pending_.range = pending_.segment.empty() ? range
                                            : TimeRange{std::min(pending_.range.start, range.start),
                                                        std::max(pending_.range.end, range.end)};
  pending_.segment.add(group.id, head, record.samples.size(),
                       record.columns.empty() ? wire::encode_columns(std::vector{Samples{record.hash, record.samples}})
                                              : record.columns);
  pending_.samples += record.samples.size();
  pending_.counts[epoch.id] += record.samples.size();
  pending_.groups[group.id] += record.samples.size();
  pending_.added.push_back({&group, head, &record.samples});
  return {};
}

/// Of one point and record the last sample is the newest; what stands for a minute never is.
void TelemetryWriter::offer_newest(const Group& group, const RecordHead& head, const std::vector<Sample>& samples) {
  std::vector<Sample> sorted;
  if (!stand_by_point(samples)) put_in_order(sorted = samples);
  const std::vector<Sample>& by_point = sorted.empty() ? samples : sorted;
  std::vector<NewestValues::Offer> newest;
  newest.reserve(std::min(by_point.size(), group.points.size()));
  for (std::size_t from = 0, to = 0; from < by_point.size(); from = to) {
    std::optional<std::size_t> last;
    for (; to < by_point.size() && by_point[to].point == by_point[from].point; ++to)
      if (!is_thinned(by_point[to].quality)) last = to;
    if (!last || by_point[from].point >= group.points.size() || group.points[by_point[from].point] == 0) continue;
    const Sample& sample = by_point[*last];
    newest.emplace_back(group.points[sample.point],
                        StoredSample{to_ms(sample.time), sample.value, sample.quality, head.epoch, head.sequence,
                                     static_cast<std::uint32_t>(*last - from)});
  }
  newest_.offer(newest);
}

void TelemetryWriter::save(const ReceivedRanges& ranges) {
  put_ranges_.tryReset();
  put_ranges_.bind(1, ranges.edge);
  put_ranges_.bind(2, ranges.place.epoch.hex());
  put_ranges_.bind(3, static_cast<std::int64_t>(ranges.place.stream));
  put_ranges_.bind(4, ranges.data.str());
  put_ranges_.exec();
}

void TelemetryWriter::append_segment() {
  if (pending_.segment.empty()) return;
  const std::string heads = pending_.segment.heads();
  const std::string& data = pending_.segment.data();
  add_segment_.tryReset();
  add_segment_.bind(1, pending_.range.start);
  add_segment_.bind(2, pending_.range.end);
  add_segment_.bind(3, static_cast<std::int64_t>(pending_.samples));
  add_segment_.bindNoCopy(4, heads.data(), static_cast<int>(heads.size()));
  add_segment_.bindNoCopy(5, data.data(), static_cast<int>(data.size()));
  add_segment_.exec();
  add_segment_.clearBindings();
}

void TelemetryWriter::save_counts() {
  for (const auto& [epoch, samples] : pending_.counts) {
    count_samples_.tryReset();
    count_samples_.bind(1, static_cast<std::int64_t>(samples));
    count_samples_.bind(2, static_cast<std::int64_t>(epoch));
    count_samples_.exec();
  }
}

/// It is durable now.
void TelemetryWriter::finish() {
  for (const auto& [id, info] : pending_.epochs) newest_.set_epoch(id, info);
  for (const Added& added : pending_.added) offer_newest(*added.group, added.head, *added.samples);
  if (!pending_.segment.empty()) ++backlog_.segments;
  backlog_.samples += pending_.samples;
  count_groups();
  pending_ = {};
}

void TelemetryWriter::count_groups() {
  if (backlog_.filed.exchange(false)) waiting_.clear();
  std::uint64_t busiest = backlog_.busiest;
  for (const auto& [group, samples] : pending_.groups) busiest = std::max(busiest, waiting_[group] += samples);
  backlog_.busiest = busiest;
}

TelemetryWriter::EpochRow& TelemetryWriter::epoch_row(const std::string& edge, const Epoch& epoch,
                                                      std::uint64_t ordinal) {
  auto& row = epochs_[{edge, epoch}];
  if (row.id != 0 && ordinal <= row.ordinal) return row;
  put_epoch_.tryReset();
  put_epoch_.bind(1, edge);
  put_epoch_.bind(2, epoch.hex());
  put_epoch_.bind(3, as_signed(ordinal));
  put_epoch_.executeStep();
  row = {static_cast<std::uint32_t>(unsigned_at(put_epoch_, 0)), unsigned_at(put_epoch_, 1)};
  put_epoch_.tryReset();
  pending_.epochs[row.id] = {edge, epoch, row.ordinal};
  return row;
}

const TelemetryWriter::Group& TelemetryWriter::group_of(const DefinitionHash& hash, const Definition& definition) {
  const auto [at, first] = groups_.try_emplace(hash);
  Group& group = at->second;
  if (!first) return group;
  for (const PointDefinition& point : definition.points) group.points.push_back(point_id(point.path.str()));
  std::vector<std::int64_t> once = group.points;
  std::ranges::sort(once);
  if (std::ranges::adjacent_find(once) != once.end()) group.points.clear();  // two places of one point: nothing fits
  Running found(find_group_);
  find_group_.bind(1, hash.hex());
  if (found.next()) {
    group.id = find_group_.getColumn(0).getInt64();
    return group;
  }
  add_group_.tryReset();
  add_group_.bind(1, hash.hex());
  add_group_.exec();
  group.id = db_.getLastInsertRowid();
  for (std::size_t place = 0; place < group.points.size(); ++place) {
    add_member_.tryReset();
    add_member_.bind(1, group.points[place]);
    add_member_.bind(2, group.id);
    add_member_.bind(3, static_cast<std::int64_t>(place));
    add_member_.exec();
  }
  return group;
}

std::int64_t TelemetryWriter::point_id(const std::string& path) {
  return point_row(db_, find_point_, add_point_, path);
}

void TelemetryWriter::set_identity(const StoreRef& identity) {
  const std::scoped_lock lock(writing_);
  save_identity(db_, identity);
}

}  // namespace anlan::collector
