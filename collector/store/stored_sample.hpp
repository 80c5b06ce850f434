// Samples and records as the telemetry store holds them.
#pragma once

#include <compare>
#include <cstdint>
#include <tuple>
#include <vector>

#include "common/model/sample.hpp"

namespace anlan::collector {

/// Which record: a row of the table epoch, and its sequence there. In one epoch the order is that of writing.
struct RecordHead {
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;
  auto operator<=>(const RecordHead&) const = default;
};

/// A record, or those of its samples that belong together by their times.
struct StoredRecord {
  RecordHead head;
  std::vector<Sample> samples;  // `point`: place in the group; by point; without `mono`
};

/// One sample of a point that is known.
struct StoredSample {
  std::int64_t time = 0;  // epoch milliseconds
  double value = kNoValue;
  Quality quality = Quality::good;
  std::uint32_t epoch = 0;  // row of the table epoch
  std::uint64_t sequence = 0;
  std::uint32_t index = 0;  // place among the samples of its point, record and time

  /// Its identity, in the order in which its edge wrote.
  auto identity() const { return std::tuple(epoch, sequence, index); }
};

}  // namespace anlan::collector
