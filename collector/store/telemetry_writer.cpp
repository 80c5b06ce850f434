#include "collector/store/telemetry_writer.hpp"

#include <algorithm>
#include <bit>

#include "collector/store/compaction.hpp"
#include "collector/store/telemetry_rows.hpp"
#include "common/base/log.hpp"

namespace anlan::collector {
namespace {

constexpr std::uint64_t kMostSegments = 256;            // a query looks into each
constexpr std::uint64_t kMostSegmentSamples = 500'000;  // what compaction holds in memory, 56 bytes each
constexpr std::size_t kMostDefinitions = 20'000;        // kept in memory with their point ids

}  // namespace

TelemetryWriter::TelemetryWriter(SQLite::Database db, NewestValues& newest)
    : db_(std::move(db)),
      newest_(newest),
      raw_(db_),
      find_point_(db_, "SELECT id FROM point WHERE path = ?"),
      add_point_(db_, "INSERT INTO point (path) VALUES (?)"),
      put_epoch_(db_,
                 "INSERT INTO epoch (edge, epoch, ordinal, samples) VALUES (?, ?, ?, 0) ON CONFLICT (edge, epoch) DO "
                 "UPDATE SET ordinal = max(ordinal, excluded.ordinal) RETURNING id, ordinal"),
      count_samples_(db_, "UPDATE epoch SET samples = samples + ? WHERE id = ?"),
      put_ranges_(db_, "INSERT OR REPLACE INTO received (edge, epoch, stream, ranges) VALUES (?, ?, ?, ?)"),
      add_segment_(db_, "INSERT INTO segment (start_ms, end_ms, samples, data) VALUES (?, ?, ?, ?)") {
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
  SQLite::Statement rows(db_, "SELECT point, epoch, sequence, item, time_ms, value_bits, quality FROM newest");
  while (rows.executeStep())
    newest_.offer(
        rows.getColumn(0).getInt64(),
        {rows.getColumn(4).getInt64(), std::bit_cast<double>(rows.getColumn(5).getInt64()),
         quality_from(unsigned_at(rows, 6)).value_or(Quality::stale), static_cast<std::uint32_t>(unsigned_at(rows, 1)),
         unsigned_at(rows, 2), static_cast<std::uint32_t>(unsigned_at(rows, 3))});
  SQLite::Statement segments(db_, "SELECT data, samples FROM segment ORDER BY id");
  while (segments.executeStep()) {
    ++segments_;
    segment_samples_ += unsigned_at(segments, 1);
    const auto read = read_segment(blob_at(segments, 0), [&](std::int64_t point, std::string_view block) {
      if (const auto samples = decode_block(block))
        for (const StoredSample& sample : *samples) newest_.offer(point, sample);
    });
    if (!read) log::error("store", "a segment of telemetry is damaged", {{"reason", read.error().message}});
  }
}

/// What was learnt in a transaction that did not happen is forgotten.
void TelemetryWriter::forget_cached() {
  definitions_.clear();
  epochs_.clear();
  pending_.clear();
  pending_epochs_.clear();
}

template <class Work>
auto TelemetryWriter::transact(Work work) -> decltype(work()) {
  try {
    SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
    auto done = work();
    if (!done) {
      forget_cached();
      return done;
    }
    append_segment();
    transaction.commit();
    take_in_newest();
    return done;
  } catch (...) {
    forget_cached();
    throw;
  }
}

Result<void> TelemetryWriter::write(const TelemetryBatch& batch) {
  std::size_t samples = 0;
  for (const DecodedRecord& record : batch.decoded) samples += record.samples.size();
  return transact([&]() -> Result<void> {
    pending_.reserve(samples);  // once: reserving for each record would move all that is there each time
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
  const PointIds& points = points_of(record.hash, *record.definition);
  const EpochRow& epoch = epoch_row(record.edge, record.id.place.epoch, record.ordinal);
  std::uint32_t index = 0;
  for (const Sample& sample : record.samples) {
    if (sample.point >= points.size())
      return fail(Errc::invalid_argument, "record " + std::to_string(record.id.sequence) + " of " + record.edge +
                                              ": sample of point " + std::to_string(sample.point) +
                                              ", its definition has " + std::to_string(points.size()));
    pending_.push_back({points[sample.point],
                        {to_ms(sample.time), sample.value, sample.quality, epoch.id, record.id.sequence, index++}});
  }
  count_samples_.reset();
  count_samples_.bind(1, static_cast<std::int64_t>(record.samples.size()));
  count_samples_.bind(2, static_cast<std::int64_t>(epoch.id));
  count_samples_.exec();
  return {};
}

void TelemetryWriter::save(const ReceivedRanges& ranges) {
  put_ranges_.reset();
  put_ranges_.bind(1, ranges.edge);
  put_ranges_.bind(2, ranges.place.epoch.hex());
  put_ranges_.bind(3, static_cast<std::int64_t>(ranges.place.stream));
  put_ranges_.bind(4, ranges.data.str());
  put_ranges_.exec();
}

void TelemetryWriter::append_segment() {
  if (pending_.empty()) return;
  group_by_point(pending_);
  const auto [first, last] = std::ranges::minmax(pending_, {}, [](const PointSample& p) { return p.sample.time; });
  const std::string data = encode_segment(pending_);
  add_segment_.reset();
  add_segment_.bind(1, first.sample.time);
  add_segment_.bind(2, last.sample.time);
  add_segment_.bind(3, static_cast<std::int64_t>(pending_.size()));
  add_segment_.bindNoCopy(4, data.data(), static_cast<int>(data.size()));
  add_segment_.exec();
  add_segment_.clearBindings();
}

void TelemetryWriter::take_in_newest() {
  for (const auto& [id, info] : pending_epochs_) newest_.set_epoch(id, info);
  for (std::size_t i = 0; i < pending_.size();) {  // of one point and epoch the last is the newest of them all
    const PointSample* newest = &pending_[i];
    for (++i;
         i < pending_.size() && pending_[i].point == newest->point && pending_[i].sample.epoch == newest->sample.epoch;
         ++i)
      if (is_thinned(newest->sample.quality) ||
          (!is_thinned(pending_[i].sample.quality) && newest->sample.identity() <= pending_[i].sample.identity()))
        newest = &pending_[i];
    newest_.offer(newest->point, newest->sample);
  }
  if (!pending_.empty()) ++segments_;
  segment_samples_ += pending_.size();
  pending_.clear();
  pending_epochs_.clear();
}

TelemetryWriter::EpochRow& TelemetryWriter::epoch_row(const std::string& edge, const Epoch& epoch,
                                                      std::uint64_t ordinal) {
  auto& row = epochs_[{edge, epoch}];
  if (row.id != 0 && ordinal <= row.ordinal) return row;
  put_epoch_.reset();
  put_epoch_.bind(1, edge);
  put_epoch_.bind(2, epoch.hex());
  put_epoch_.bind(3, as_signed(ordinal));
  put_epoch_.executeStep();
  row = {static_cast<std::uint32_t>(unsigned_at(put_epoch_, 0)), unsigned_at(put_epoch_, 1)};
  put_epoch_.reset();
  pending_epochs_[row.id] = {edge, epoch, row.ordinal};
  return row;
}

const TelemetryWriter::PointIds& TelemetryWriter::points_of(const DefinitionHash& hash, const Definition& definition) {
  if (definitions_.size() >= kMostDefinitions) definitions_.clear();
  const auto [at, first] = definitions_.try_emplace(hash);
  if (first)
    for (const PointDefinition& point : definition.points) at->second.push_back(point_id(point.path.str()));
  return at->second;
}

std::int64_t TelemetryWriter::point_id(const std::string& path) {
  find_point_.reset();
  find_point_.bind(1, path);
  if (find_point_.executeStep()) {
    const std::int64_t id = find_point_.getColumn(0).getInt64();
    find_point_.reset();
    return id;
  }
  add_point_.reset();
  add_point_.bind(1, path);
  add_point_.exec();
  return db_.getLastInsertRowid();
}

void TelemetryWriter::compact() {
  segments_ = segment_samples_ = 0;
  collector::compact(db_, newest_);
}

void TelemetryWriter::compact_where_due() {
  if (segments_ < kMostSegments && segment_samples_ < kMostSegmentSamples) return;
  segments_ = segment_samples_ = 0;
  try {
    collector::compact(db_, newest_);
  } catch (const SQLite::Exception& e) {
    log::error("store", "compaction of telemetry failed; nothing is lost, it is tried again", {{"reason", e.what()}});
  }
}

std::optional<StoreRef> TelemetryWriter::identity() {
  SQLite::Statement rows(db_, "SELECT store, generation FROM identity");
  if (!rows.executeStep()) return std::nullopt;
  return StoreRef{id_at<StoreId>(rows, 0), id_at<Generation>(rows, 1)};
}

void TelemetryWriter::set_identity(const StoreRef& identity) {
  SQLite::Statement put(db_, "INSERT OR REPLACE INTO identity (one, store, generation) VALUES (1, ?, ?)");
  put.bind(1, identity.id.hex());
  put.bind(2, identity.generation.hex());
  put.exec();
}

RangesByPlace TelemetryWriter::load_ranges(const std::string& edge) {
  SQLite::Statement rows(db_, "SELECT epoch, stream, ranges FROM received WHERE edge = ?");
  rows.bind(1, edge);
  RangesByPlace loaded;
  while (rows.executeStep()) {
    auto ranges = RangeSet::parse(rows.getColumn(2).getString());
    if (!ranges) throw_corrupt("received ranges of " + edge + ": " + ranges.error().message);
    loaded[{id_at<Epoch>(rows, 0), static_cast<Stream>(unsigned_at(rows, 1))}] = std::move(*ranges);
  }
  return loaded;
}

}  // namespace anlan::collector
