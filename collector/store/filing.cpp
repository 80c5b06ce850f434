#include "collector/store/filing.hpp"

#include <algorithm>
#include <utility>

#include "collector/store/chunk.hpp"
#include "collector/store/stable_order.hpp"

namespace anlan::collector {
namespace {

constexpr auto kSamplePause = static_cast<std::uint64_t>(kRunPause.count());
constexpr std::uint64_t kRollupPause = 1000;  // in steps
constexpr std::size_t kManyBuckets = 1 << 16;
constexpr std::size_t kSmall = 8;  // a chunk below this part of a full one is small: no sample is filed a fourth time

std::size_t samples_in(const std::vector<StoredRecord>& records) {
  std::size_t samples = 0;
  for (const StoredRecord& record : records) samples += record.samples.size();
  return samples;
}

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

bool full(const ColumnSet& set, std::int64_t group) {
  return set.longest() >= full_at(group) || set.samples() >= kFullAnyway;
}

bool full(std::size_t buckets, std::size_t points, std::int64_t group) {
  return buckets >= std::min(kManyBuckets, points * full_at(group));
}

}  // namespace

RollupSet minutes_of(const ColumnSet& set) {
  RollupSet minutes;
  for (const PointColumn& column : set.columns()) {
    RollupColumn& into = minutes.emplace_back();
    into.point = column.point;
    for (std::size_t i = 0; i < column.times.size(); ++i)
      add_sample(into.buckets, kMinute, column.times[i], column.values[i], column.qualities[i]);
  }
  return minutes;
}

void Filing::file(std::vector<StoredRecord> records) {
  for (TimeRun& run : runs_of(std::move(records))) {
    file_run(std::move(run));
    flush_rollups();
  }
}

void Filing::file_run(TimeRun run) {
  const auto standing = samples_.count_near(run.range, kSamplePause);
  // The number of points is not known before the samples are; of most groups every record holds all.
  std::size_t points = 0;
  for (const StoredRecord& record : run.records) {
    std::size_t held = record.samples.empty() ? 0 : 1;
    for (std::size_t i = 1; i < record.samples.size(); ++i)
      held += record.samples[i].point != record.samples[i - 1].point ? 1 : 0;
    points = std::max(points, held);
  }
  const std::size_t wanted = std::min(kFullAnyway, points * full_at(group_));
  const bool enough = samples_in(run.records) + standing.items >= wanted;
  if (enough || standing.chunks + 1 >= kMostOpen) {
    samples_.take_near(run.range, kSamplePause, [&](const ChunkRow& row) {
      if (!enough && row.items > wanted / kSmall) return false;  // the small ones become one of those
      const auto held = decode_chunk(row.data, group_);
      if (!held) return false;
      auto rows = held->rows();
      run.records.insert(run.records.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
      return true;
    });
    sort_stably(run.records, &StoredRecord::head);
  }
  ColumnSet set;
  for (const StoredRecord& record : run.records) {
    set.add(record);
    if (full(set, group_)) close(std::exchange(set, {}));
  }
  if (!set.empty())
    samples_.add({0, group_, 0, true, range_of_set(set), set.samples(), encode_chunk(set, group_, Effort::quick)});
}

void Filing::close(const ColumnSet& set) {
  samples_.add({0, group_, 0, false, range_of_set(set), set.samples(), encode_chunk(set, group_, Effort::tight)});
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
  const std::uint64_t pause = kRollupPause * static_cast<std::uint64_t>(step);
  Shelf& shelf = *rollups_[level];
  TimeRange range = range_of_set(set, step);
  std::size_t buckets = buckets_in(set);
  const auto standing = shelf.count_near(range, pause);
  if (!full(buckets, set.size(), group_) &&
      (full(buckets + standing.items, set.size(), group_) || standing.chunks + 1 >= kMostOpen)) {
    shelf.take_near(range, pause, [&](const ChunkRow& row) {
      const auto held = decode_rollup(row.data, group_, step);
      if (held) add_rollup(set, *held);
      return held.has_value();
    });
    range = range_of_set(set, step);
    buckets = buckets_in(set);
  }
  const bool closed = full(buckets, set.size(), group_);
  shelf.add({0, group_, step, !closed, range, buckets,
             encode_rollup(set, group_, step, closed ? Effort::tight : Effort::quick)});
}

}  // namespace anlan::collector
