// The samples of many records of one group as bytes, exact to the bit, each point's apart so that one is read without
// the others. Pure. docs/formats/collector-db.md has the grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/store/column_set.hpp"
#include "collector/store/packing.hpp"
#include "common/base/result.hpp"

namespace anlan::collector {

inline constexpr std::size_t kMostChunkSamples = 1 << 18;  // none holds more; one is never bound to be so large

/// The records in any order, which is kept; smallest in the order of their heads. `group`: row of the table
/// point_group, which the checksums are over too.
std::string encode_chunk(const ColumnSet& set, std::int64_t group, Effort effort);

/// Errors: storage_corrupt (a checksum, or it does not decode), unsupported (a newer version). Total: any bytes give
/// samples or an error.
Result<ColumnSet> decode_chunk(std::string_view chunk, std::int64_t group);

/// The samples of one point, in the order of the records; empty where the chunk holds none.
struct PointSamples {
  std::vector<StoredSample> samples;
  std::optional<std::uint64_t> damaged;  // so many were there and do not read; then `samples` is empty
};

/// Errors: as above, of the head: then nobody can tell what the chunk holds of this point.
Result<PointSamples> decode_point(std::string_view chunk, std::int64_t group, std::uint32_t point);

/// How many samples of each epoch it holds, by row of the table epoch. Errors: as above.
Result<std::vector<std::pair<std::uint32_t, std::uint64_t>>> count_by_epoch(std::string_view chunk, std::int64_t group);

}  // namespace anlan::collector
