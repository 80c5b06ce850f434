#include "collector/store/victoria/journal_writer.hpp"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include "collector/store/telemetry_rows.hpp"
#include "collector/store/victoria/batch_block.hpp"

namespace anlan::collector::victoria {
namespace {

constexpr std::size_t kMostDefinitions = 20'000, kMostNewest = 1'000'000, kMostEpochs = 100'000;  // kept in memory

/// Of one point they keep the order of their arrival.
void group_by_point(std::vector<PlacedSample>& samples) {
  std::vector<std::pair<std::int64_t, std::size_t>> order;
  order.reserve(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) order.emplace_back(samples[i].point, i);
  std::ranges::sort(order);
  std::vector<PlacedSample> grouped;
  grouped.reserve(samples.size());
  for (const auto& [point, i] : order) grouped.push_back(samples[i]);
  samples = std::move(grouped);
}

}  // namespace

JournalWriter::JournalWriter(SQLite::Database db, JournalMeter& meter, std::uint64_t most_bytes)
    : db_(std::move(db)),
      meter_(meter),
      most_bytes_(most_bytes),
      raw_(db_),
      find_point_(db_, "SELECT id FROM point WHERE path = ?"),
      add_point_(db_, "INSERT INTO point (path) VALUES (?)"),
      put_epoch_(db_,
                 "INSERT INTO epoch (edge, epoch, ordinal, samples) VALUES (?, ?, ?, 0) ON CONFLICT (edge, epoch) DO "
                 "UPDATE SET ordinal = max(ordinal, excluded.ordinal) RETURNING id, ordinal"),
      find_epoch_(db_, "SELECT edge, ordinal FROM epoch WHERE id = ?"),
      count_samples_(db_, "UPDATE epoch SET samples = samples + ? WHERE id = ?"),
      put_ranges_(db_, "INSERT OR REPLACE INTO received (edge, epoch, stream, ranges) VALUES (?, ?, ?, ?)"),
      add_batch_(db_, "INSERT INTO batch (committed_ms, start_ms, end_ms, samples, data) VALUES (?, ?, ?, ?, ?)"),
      find_newest_(db_, "SELECT epoch, sequence, item FROM newest WHERE point = ?"),
      put_newest_(db_, "INSERT OR REPLACE INTO newest VALUES (?, ?, ?, ?, ?, ?, ?)") {}

/// What was learnt in a transaction that did not happen is forgotten.
void JournalWriter::forget_cached() {
  definitions_.clear();
  epochs_.clear();
  newest_.clear();
  pending_.clear();
  pending_bytes_ = 0;
}

template <class Work>
auto JournalWriter::transact(std::int64_t now, Work work) -> decltype(work()) {
  try {
    SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
    auto done = work();
    if (!done) {
      forget_cached();
      return done;
    }
    append_batch(now);
    transaction.commit();
    meter_.waiting_bytes += std::exchange(pending_bytes_, 0);
    meter_.waiting_samples += pending_.size();
    pending_.clear();
    if (newest_.size() > kMostNewest) newest_.clear();
    if (epochs_.size() > kMostEpochs) epochs_.clear();
    return done;
  } catch (...) {
    forget_cached();
    throw;
  }
}

Result<void> JournalWriter::room() const {
  const std::uint64_t held = meter_.waiting_bytes + meter_.aside_bytes;
  if (held < most_bytes_) return {};
  return fail(Errc::storage_full, "the journal of telemetry holds " + std::to_string(held) +
                                      " bytes that the engine has not taken, at most " + std::to_string(most_bytes_));
}

Result<void> JournalWriter::write(const TelemetryBatch& batch, std::int64_t now) {
  if (auto enough = room(); !enough) return enough;
  return transact(now, [&]() -> Result<void> {
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

Result<std::size_t> JournalWriter::replace_raw(const std::vector<DecodedRecord>& decoded, std::int64_t now) {
  if (auto enough = room(); !enough) return fail(std::move(enough.error()));
  return transact(now, [&]() -> Result<std::size_t> {
    std::size_t replaced = 0;
    for (const DecodedRecord& record : decoded) {
      if (!raw_.remove(record.edge, record.id)) continue;
      if (auto added = add(record); !added) return fail(std::move(added.error()));
      ++replaced;
    }
    return replaced;
  });
}

Result<void> JournalWriter::add(const DecodedRecord& record) {
  const auto& points = points_of(record.hash, *record.definition);
  const std::uint32_t epoch = epoch_row(record.edge, record.id.place.epoch, record.ordinal).id;
  std::uint32_t index = 0;
  for (const Sample& sample : record.samples) {
    if (sample.point >= points.size())
      return fail(Errc::invalid_argument, "record " + std::to_string(record.id.sequence) + " of " + record.edge +
                                              ": sample of point " + std::to_string(sample.point) +
                                              ", its definition has " + std::to_string(points.size()));
    pending_.push_back(
        {points[sample.point], {to_ms(sample.time), sample.value, sample.quality, epoch, record.id.sequence, index++}});
  }
  count_samples_.reset();
  count_samples_.bind(1, static_cast<std::int64_t>(record.samples.size()));
  count_samples_.bind(2, static_cast<std::int64_t>(epoch));
  count_samples_.exec();
  return {};
}

void JournalWriter::save(const ReceivedRanges& ranges) {
  put_ranges_.reset();
  put_ranges_.bind(1, ranges.edge);
  put_ranges_.bind(2, ranges.place.epoch.hex());
  put_ranges_.bind(3, static_cast<std::int64_t>(ranges.place.stream));
  put_ranges_.bind(4, ranges.data.str());
  put_ranges_.exec();
}

void JournalWriter::append_batch(std::int64_t now) {
  if (pending_.empty()) return;
  group_by_point(pending_);
  save_newest();
  const auto [first, last] = std::ranges::minmax(pending_, {}, [](const PlacedSample& p) { return p.sample.time; });
  const std::string data = encode_batch(pending_);
  pending_bytes_ = data.size();
  add_batch_.reset();
  add_batch_.bind(1, now);
  add_batch_.bind(2, first.sample.time);
  add_batch_.bind(3, last.sample.time);
  add_batch_.bind(4, static_cast<std::int64_t>(pending_.size()));
  add_batch_.bindNoCopy(5, data.data(), static_cast<int>(data.size()));
  add_batch_.exec();
  add_batch_.clearBindings();
}

/// Rule 13 of PROTOCOL.md; of each point the one that wins is written once.
void JournalWriter::save_newest() {
  for (std::size_t i = 0; i < pending_.size();) {
    const std::int64_t point = pending_[i].point;
    auto held = newest_of(point);
    const HeldSample* winner = nullptr;
    for (; i < pending_.size() && pending_[i].point == point; ++i) {
      const HeldSample& next = pending_[i].sample;
      if (is_thinned(next.quality) || (held && !takes_over(*held, next))) continue;
      held = Newest{next.epoch, next.sequence, next.index};
      winner = &next;
    }
    if (winner == nullptr) continue;
    newest_[point] = *held;
    put_newest_.reset();
    put_newest_.bind(1, point);
    put_newest_.bind(2, static_cast<std::int64_t>(winner->epoch));
    put_newest_.bind(3, as_signed(winner->sequence));
    put_newest_.bind(4, static_cast<std::int64_t>(winner->index));
    put_newest_.bind(5, winner->time);
    put_newest_.bind(6, std::bit_cast<std::int64_t>(winner->value));
    put_newest_.bind(7, static_cast<std::int64_t>(winner->quality));
    put_newest_.exec();
  }
}

bool JournalWriter::takes_over(const Newest& held, const HeldSample& next) {
  if (held.epoch == next.epoch) return std::tie(held.sequence, held.index) <= std::tie(next.sequence, next.index);
  const EpochRow before = epoch_row(held.epoch);
  const EpochRow& after = epoch_row(next.epoch);
  if (before.edge != after.edge) return true;  // their ordinals have nothing to do with each other
  return before.ordinal <= after.ordinal;
}

std::optional<JournalWriter::Newest> JournalWriter::newest_of(std::int64_t point) {
  if (const auto known = newest_.find(point); known != newest_.end()) return known->second;
  find_newest_.reset();
  find_newest_.bind(1, point);
  std::optional<Newest> found;
  if (find_newest_.executeStep())
    found = Newest{static_cast<std::uint32_t>(unsigned_at(find_newest_, 0)), unsigned_at(find_newest_, 1),
                   static_cast<std::uint32_t>(unsigned_at(find_newest_, 2))};
  find_newest_.reset();
  return found;
}

const JournalWriter::EpochRow& JournalWriter::epoch_row(const std::string& edge, const Epoch& epoch,
                                                        std::uint64_t ordinal) {
  put_epoch_.reset();
  put_epoch_.bind(1, edge);
  put_epoch_.bind(2, epoch.hex());
  put_epoch_.bind(3, as_signed(ordinal));
  put_epoch_.executeStep();
  const auto id = static_cast<std::uint32_t>(unsigned_at(put_epoch_, 0));
  EpochRow& row = epochs_[id];
  row = {id, edge, unsigned_at(put_epoch_, 1)};
  put_epoch_.reset();
  return row;
}

const JournalWriter::EpochRow& JournalWriter::epoch_row(std::uint32_t id) {
  if (const auto known = epochs_.find(id); known != epochs_.end()) return known->second;
  find_epoch_.reset();
  find_epoch_.bind(1, static_cast<std::int64_t>(id));
  if (!find_epoch_.executeStep()) throw_corrupt("a newest value is of an epoch that is not there");
  EpochRow& row = epochs_[id];
  row = {id, find_epoch_.getColumn(0).getString(), unsigned_at(find_epoch_, 1)};
  find_epoch_.reset();
  return row;
}

const std::vector<std::int64_t>& JournalWriter::points_of(const DefinitionHash& hash, const Definition& definition) {
  if (definitions_.size() >= kMostDefinitions) definitions_.clear();
  const auto [at, first] = definitions_.try_emplace(hash);
  if (first)
    for (const PointDefinition& point : definition.points) at->second.push_back(point_id(point.path.str()));
  return at->second;
}

std::int64_t JournalWriter::point_id(const std::string& path) { return point_row(db_, find_point_, add_point_, path); }

}  // namespace anlan::collector::victoria
