#include "collector/store/column_set.hpp"

#include <algorithm>
#include <unordered_map>

#include "common/base/time.hpp"

namespace anlan::collector {

ColumnSet::ColumnSet(std::vector<RecordHead> records, std::vector<PointColumn> columns)
    : records_(std::move(records)), columns_(std::move(columns)) {
  for (const PointColumn& column : columns_) {
    samples_ += column.times.size();
    longest_ = std::max(longest_, column.times.size());
  }
}

/// Where the point's column stands, made where it is missing. Records of a group mostly hold the same points: `hint` is
/// where it stands then.
std::size_t ColumnSet::place_of(std::uint32_t point, std::size_t hint) {
  if (hint < columns_.size() && columns_[hint].point == point) return hint;
  auto at = std::ranges::lower_bound(columns_, point, {}, &PointColumn::point);
  if (at == columns_.end() || at->point != point) {
    at = columns_.insert(at, PointColumn{point, {}, {}, {}, {}});
    at->cells.reserve(expected_);
    at->times.reserve(expected_);
    at->values.reserve(expected_);
    at->qualities.reserve(expected_);
  }
  return static_cast<std::size_t>(at - columns_.begin());
}

void ColumnSet::add(const StoredRecord& record) {
  const auto number = static_cast<std::uint32_t>(records_.size());
  records_.push_back(record.head);
  const auto& samples = record.samples;
  for (std::size_t from = 0, to = 0, next = 0; from < samples.size(); from = to, ++next) {
    while (to < samples.size() && samples[to].point == samples[from].point) ++to;
    next = place_of(samples[from].point, next);
    PointColumn& into = columns_[next];
    into.cells.push_back({number, static_cast<std::uint32_t>(to - from)});
    for (std::size_t i = from; i < to; ++i) {
      into.times.push_back(to_ms(samples[i].time));
      into.values.push_back(samples[i].value);
      into.qualities.push_back(samples[i].quality);
    }
    longest_ = std::max(longest_, into.times.size());
  }
  samples_ += samples.size();
}

std::vector<StoredRecord> ColumnSet::rows() const {
  std::vector<StoredRecord> rows(records_.size());
  for (std::size_t r = 0; r < rows.size(); ++r) rows[r].head = records_[r];
  for (const PointColumn& column : columns_) {
    std::size_t i = 0;
    for (const Cell& cell : column.cells)
      for (const std::size_t end = i + cell.count; i < end; ++i) {
        Sample sample;
        sample.point = column.point;
        sample.time = wall_from_ms(column.times[i]);
        sample.value = column.values[i];
        sample.quality = column.qualities[i];
        rows[cell.record].samples.push_back(sample);
      }
  }
  return rows;
}

namespace {

/// For each time how often it came before: so the place of a sample is the same wherever its record stands, whole or
/// taken apart, and pages may rely on it.
std::vector<std::uint32_t> places_of(std::span<const std::int64_t> times) {
  std::vector<std::uint32_t> places(times.size());
  constexpr std::size_t kFew = 256;
  if (times.size() > kFew) {
    std::unordered_map<std::int64_t, std::uint32_t> seen;
    for (std::size_t i = 0; i < times.size(); ++i) places[i] = seen[times[i]]++;
    return places;
  }
  std::int64_t latest = times.empty() ? 0 : times[0];
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i] <= latest) places[i] = static_cast<std::uint32_t>(std::ranges::count(times.first(i), times[i]));
    latest = std::max(latest, times[i]);
  }
  return places;
}

}  // namespace

std::vector<StoredSample> samples_of(const PointColumn& column, std::span<const RecordHead> records) {
  std::vector<StoredSample> samples;
  samples.reserve(column.times.size());
  for (const Cell& cell : column.cells) {
    const RecordHead& head = records[cell.record];
    const auto places = places_of(std::span(column.times).subspan(samples.size(), cell.count));
    for (const std::uint32_t place : places) {
      const std::size_t i = samples.size();
      samples.push_back({column.times[i], column.values[i], column.qualities[i], head.epoch, head.sequence, place});
    }
  }
  return samples;
}

}  // namespace anlan::collector
