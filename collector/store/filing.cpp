#include "collector/store/filing.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "collector/store/chunk.hpp"
#include "collector/store/stable_order.hpp"

namespace anlan::collector {
namespace {

constexpr auto kSamplePause = static_cast<std::uint64_t>(kRunPause.count());
constexpr std::uint64_t kRollupPause = 1000;  // in steps
constexpr std::size_t kManyBuckets = 1 << 16;
constexpr std::size_t kMostBucketsTaken = 1 << 19;  // decode_rollup() reads twice as many

TimeRange range_of_set(const ColumnSet& set) {
  TimeRange range{INT64_MAX, INT64_MIN};
  for (const PointColumn& column : set.columns())
    for (const std::int64_t time : column.times) {
      range.start = std::min(range.start, time);
      range.end = std::max(range.end, time);
    }
  return range;
}

std::size_t buckets_in(const RollupSet& set) {
  std::size_t buckets = 0;
  for (const RollupColumn& column : set) buckets += column.buckets.size();
  return buckets;
}

std::size_t most_in(const RollupSet& set) {
  std::size_t most = 0;
  for (const RollupColumn& column : set) most = std::max(most, column.buckets.size());
  return most;
}

/// To the end of the last stretch.
TimeRange range_of_set(const RollupSet& set, std::int64_t step) {
  TimeRange range{INT64_MAX, INT64_MIN};
  for (const RollupColumn& column : set) {
    range.start = std::min(range.start, column.buckets.front().start);
    range.end = std::max(range.end, column.buckets.back().start);
  }
  range.end = range.end > INT64_MAX - step ? INT64_MAX : range.end + step - 1;
  return range;
}

ColumnSet set_of(const std::vector<StoredRecord>& records) {
  ColumnSet set(records.size());
  for (const StoredRecord& record : records) set.add(record);
  return set;
}

bool full(std::size_t most, std::size_t samples, std::int64_t group) {
  return most >= full_at(group) || samples >= kFullAnyway;
}

/// What is taken adds its records.
Shelf::Use adding_to(std::vector<StoredRecord>& records, std::int64_t group) {
  return [&records, group](const ChunkRow& row) {
    const auto held = decode_chunk(row.data, group);
    if (!held) return false;
    auto rows = held->rows();
    records.insert(records.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
    return true;
  };
}

}  // namespace

RollupSet minutes_of(const ColumnSet& set) {
  RollupSet minutes;
  for (const PointColumn& column : set.columns()) {
    RollupColumn& into = minutes.emplace_back();
    into.point = column.point;
    for (std::size_t i = 0; i < column.times.size(); ++i)
      add_sample(into.buckets, kMinute, column.times[i], column.values[i], column.qualities[i]);
    settle(into.buckets);
  }
  return minutes;
}

void Filing::file(std::vector<StoredRecord> records) {
  for (TimeRun& run : runs_of(std::move(records))) {
    file_run(std::move(run));
    flush_rollups();
  }
  while (samples_.size() > 2 * kMostOpen) {
    const std::size_t before = samples_.size();
    gather();
    flush_rollups();
    if (samples_.size() >= before) break;  // they do not read
  }
}

/// Either all that stands near, where that is full, or, where there are too many, the small ones: so no sample is filed
/// more often than the logarithm of what fits into a chunk.
void Filing::file_run(TimeRun run) {
  const ColumnSet set = set_of(run.records);
  const std::size_t alone = run.records.size();
  const Shelf::Near near = samples_.near(run.range, kSamplePause);
  const std::size_t together = near.items + set.samples();
  if (full(near.most + set.longest(), together, group_))
    samples_.take(near, adding_to(run.records, group_));
  else if (near.places.size() >= kMostOpen)
    samples_.take_small(near, set.samples(), adding_to(run.records, group_));
  if (run.records.size() == alone && !full(set.longest(), set.samples(), group_)) return lay(set);
  keep(std::move(run.records));
}

/// Open chunks that stand near nothing have become many: of points that are read once in hours, or of lines that are
/// cut each night.
void Filing::gather() {
  std::vector<StoredRecord> records;
  const Shelf::Near all = samples_.all();
  if (full(all.most, all.items, group_))
    samples_.take(all, adding_to(records, group_));
  else
    samples_.take_small(all, all.items / all.places.size(), adding_to(records, group_));
  keep(std::move(records));
}

void Filing::keep(std::vector<StoredRecord> records) {
  sort_stably(records, &StoredRecord::head);
  ColumnSet set;
  for (const StoredRecord& record : records) {
    set.add(record);
    if (full(set.longest(), set.samples(), group_)) close(std::exchange(set, {}));
  }
  if (!set.empty()) lay(set);
}

/// As an open chunk.
void Filing::lay(const ColumnSet& set) {
  samples_.add(
      {0, group_, 0, true, range_of_set(set), set.samples(), set.longest(), encode_chunk(set, group_, Effort::quick)});
}

bool Filing::close(const ChunkRow& row) {
  const auto held = decode_chunk(row.data, group_);
  if (!held) return false;
  close(*held);
  flush_rollups();
  return true;
}

void Filing::close(const ColumnSet& set) {
  samples_.add(
      {0, group_, 0, false, range_of_set(set), set.samples(), set.longest(), encode_chunk(set, group_, Effort::tight)});
  RollupSet finer = minutes_of(set);
  for (std::size_t level = 0; level < kRollupSteps.size(); ++level) {
    if (level > 0)
      for (RollupColumn& column : finer) column.buckets = widened(column.buckets, kRollupSteps[level]);
    pending_buckets_ += buckets_in(finer);
    add_rollup(pending_[level], finer);
  }
  if (pending_buckets_ > kManyBuckets) flush_rollups();
}

void Filing::flush_rollups() {
  for (std::size_t level = 0; level < kRollupSteps.size(); ++level)
    if (!pending_[level].empty()) file_rollup(level, std::exchange(pending_[level], {}));
  pending_buckets_ = 0;
}

void Filing::file_rollup(std::size_t level, RollupSet set) {
  const std::int64_t step = kRollupSteps[level];
  Shelf& shelf = *rollups_[level];
  const auto is_full = [&](std::size_t most, std::size_t buckets) {
    return most >= full_at(group_) || buckets >= kManyBuckets;
  };
  const auto use = [&](const ChunkRow& row) {
    if (buckets_in(set) + row.items > kMostBucketsTaken) return false;
    const auto held = decode_rollup(row.data, group_, step);
    if (held) add_rollup(set, *held);
    return held.has_value();
  };
  const Shelf::Near near = shelf.near(range_of_set(set, step), kRollupPause * static_cast<std::uint64_t>(step));
  const std::size_t together = near.items + buckets_in(set);
  if (is_full(near.most + most_in(set), together))
    shelf.take(near, use);
  else if (near.places.size() >= kMostOpen)
    shelf.take_small(near, buckets_in(set), use);
  else if (shelf.size() > 2 * kMostOpen)
    shelf.take_small(shelf.all(), buckets_in(set), use);
  const bool closed = is_full(most_in(set), buckets_in(set));
  shelf.add({0, group_, step, !closed, range_of_set(set, step), buckets_in(set), most_in(set),
             encode_rollup(set, group_, step, closed ? Effort::tight : Effort::quick)});
}

}  // namespace anlan::collector
