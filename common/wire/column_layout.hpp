// Which record holds how many samples of which point, and the two orders of them: record by record, point by point.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/model/sample.hpp"

namespace anlan::wire {

/// The samples of one point in one record.
struct Cell {
  std::uint32_t point;
  std::uint32_t record;
  std::uint32_t at;  // place of the first in its record
  std::uint32_t count;
};

class Layout {
 public:
  /// The next record; its samples stand by point.
  void add(std::span<const Sample> samples);
  void put(std::string& out) const;

  /// Reads `records` records. Throws Bad: malformed; too_large (more than `most` samples).
  void get(ByteReader& in, std::size_t records, std::size_t most);

  std::size_t samples() const { return samples_; }
  std::size_t samples_of(std::size_t record) const;

  /// Until sort().
  std::span<const Cell> of_record(std::size_t record) const;

  /// From now on by_point(): a point's cells in the order of their records.
  void sort();
  std::span<const Cell> by_point() const { return cells_; }

 private:
  std::vector<Cell> cells_;
  std::vector<std::size_t> ends_;  // in cells_, of each record
  std::size_t samples_ = 0;
};

}  // namespace anlan::wire
