// The samples of many records of one group, turned round: column by column, one for each point. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "collector/store/stored_sample.hpp"

namespace anlan::collector {

/// The samples of one point in one record.
struct Cell {
  std::uint32_t record = 0, count = 0;
  bool operator==(const Cell&) const = default;
};

struct PointColumn {
  std::uint32_t point = 0;          // place in the group
  std::vector<Cell> cells;          // records rise; none is empty
  std::vector<std::int64_t> times;  // epoch milliseconds; one of each for every sample, as many as the cells say
  std::vector<double> values;
  std::vector<Quality> qualities;
};

class ColumnSet {
 public:
  ColumnSet() = default;
  /// For so many records, which it takes quickest where each has one sample of a point.
  explicit ColumnSet(std::size_t records) : expected_(records) {}
  /// What a chunk held. The columns rise by point.
  ColumnSet(std::vector<RecordHead> records, std::vector<PointColumn> columns);

  void add(const StoredRecord& record);

  std::size_t samples() const { return samples_; }
  /// Of the point that has the most.
  std::size_t longest() const { return longest_; }
  bool empty() const { return samples_ == 0; }
  std::span<const RecordHead> records() const { return records_; }
  /// By point.
  std::span<const PointColumn> columns() const { return columns_; }

  /// The records again, as they were added.
  std::vector<StoredRecord> rows() const;

 private:
  std::size_t place_of(std::uint32_t point, std::size_t hint);

  std::vector<RecordHead> records_;
  std::vector<PointColumn> columns_;
  std::size_t samples_ = 0, longest_ = 0, expected_ = 0;
};

/// The samples of a column, with the records they are of.
std::vector<StoredSample> samples_of(const PointColumn& column, std::span<const RecordHead> records);

}  // namespace anlan::collector
