// The values of columns as whole numbers: decimals with as few digits as all of a column need, or the bits of a float
// or a double. Of each column the first value, and the steps to the others.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"

namespace anlan::wire {

class ValueWriter {
 public:
  /// At most `most` values will come.
  ValueWriter(std::string& out, std::size_t most) : out_(out) {
    firsts_.reserve(most);
    steps_.reserve(most);
  }
  void add(double value) { values_.push_back(value); }
  void end_column();
  void end();

 private:
  std::string& out_;
  std::vector<double> values_;  // of the present column
  std::vector<std::int64_t> numbers_, firsts_, steps_;
  int form_ = -1;  // of the column before
  std::size_t run_ = 0;
};

/// `columns`: how many values each column has, none of them 0, `count` in all. Sets the reader's fault where they are
/// not there.
std::vector<double> read_values(ByteReader& in, std::span<const std::size_t> columns, std::size_t count);

}  // namespace anlan::wire
