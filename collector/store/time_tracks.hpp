// Points that are read together share their times: a track is one such list of times, and which records they are of.
// A column then says only where it differs. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "collector/store/column_set.hpp"

namespace anlan::collector {

struct TimeTrack {
  std::vector<Cell> cells;
  std::vector<std::int64_t> times;
};

struct SharedTimes {
  std::vector<TimeTrack> tracks;
  std::vector<std::size_t> track_of;  // of each column
};

/// Columns share a track where their cells are the same and at most one time in eight differs.
SharedTimes share_times(std::span<const PointColumn> columns);

}  // namespace anlan::collector
