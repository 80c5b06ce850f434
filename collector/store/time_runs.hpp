// Records put together by their times, so that no chunk spans days: live data, and a backlog that arrives meanwhile,
// are two runs; a sample of a clock that lies is a run of its own. Pure.
#pragma once

#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "collector/store/stored_sample.hpp"

namespace anlan::collector {

/// No pause in the times of a run is longer.
inline constexpr Millis kRunPause = std::chrono::hours{1};

struct TimeRange {
  std::int64_t start = 0, end = 0;  // epoch milliseconds, both within
};

TimeRange range_of(std::span<const Sample> samples);

/// By point, those of a point in the order of the record.
void put_in_order(std::vector<Sample>& samples);

/// True where what lies between the two is no longer than `pause`, or they overlap.
bool near(const TimeRange& a, const TimeRange& b, std::uint64_t pause_ms);

struct TimeRun {
  TimeRange range;
  std::vector<StoredRecord> records;  // in the order of their heads
};

/// By time. A record whose samples are of several runs is taken apart.
std::vector<TimeRun> runs_of(std::vector<StoredRecord> records);

}  // namespace anlan::collector
