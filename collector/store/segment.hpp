// The samples of one write, of all its points, as one row: appending it is the cheapest thing that is durable. Segments
// are few and young; compaction turns them into chunks per point.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/sample_block.hpp"

namespace anlan::collector {

struct PointSample {
  std::int64_t point = 0;  // row of the table point
  StoredSample sample;
};

/// Brings those of each point together; their order within a point is kept.
void group_by_point(std::vector<PointSample>& samples);

/// `samples` stand by point; the order within a point is kept. Sealed with a checksum.
std::string encode_segment(std::span<const PointSample> samples);

/// Calls `take` for each block, by point (a long one has several). Errors: storage_corrupt, before anything was taken;
/// unsupported.
Result<void> read_segment(std::string_view segment,
                          const std::function<void(std::int64_t point, std::string_view block)>& take);

}  // namespace anlan::collector
