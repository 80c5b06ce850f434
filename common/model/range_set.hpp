// A set of sequence numbers as sorted half-open ranges: what has been received, what is void. An open end ("from here
// without end", PROTOCOL.md rule 10) is kEnd.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace anlan {

class RangeSet {
 public:
  static constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();
  struct Range {
    std::uint64_t first = 0, last = 0;  // [first, last)
    bool operator==(const Range&) const = default;
  };

  RangeSet() = default;
  RangeSet(std::uint64_t first, std::uint64_t last) { add(first, last); }

  void add(std::uint64_t value) { add(value, value + 1); }
  void add(std::uint64_t first, std::uint64_t last);  // [first, last); empty where last <= first
  void add(const RangeSet& other);
  void remove(std::uint64_t first, std::uint64_t last);
  void remove(const RangeSet& other);
  RangeSet intersection(const RangeSet& other) const;

  bool contains(std::uint64_t value) const;
  bool covers(std::uint64_t first, std::uint64_t last) const;  // all of [first, last)
  bool empty() const { return ranges_.empty(); }
  /// First value >= from that is not in the set.
  std::uint64_t first_missing(std::uint64_t from = 0) const;
  /// Number of values; kEnd where it is open-ended.
  std::uint64_t count() const;
  const std::vector<Range>& ranges() const { return ranges_; }

  /// "0-9,12,20-" (inclusive, as people write ranges); "" is the empty set. The databases hold this text.
  std::string str() const;
  /// Errors: malformed (also for ranges out of order or touching).
  static Result<RangeSet> parse(std::string_view text);

  bool operator==(const RangeSet&) const = default;

 private:
  std::vector<Range> ranges_;  // sorted, never touching
};

}  // namespace anlan
