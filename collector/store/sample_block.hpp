// The encoded samples of one point, exact to the bit. Pure. docs/formats/collector-db.md has the grammar.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "collector/store/packing.hpp"
#include "common/base/result.hpp"
#include "common/model/sample.hpp"

namespace anlan::collector {

/// One sample in the files of the telemetry store.
struct StoredSample {
  std::int64_t time = 0;  // epoch milliseconds
  double value = kNoValue;
  Quality quality = Quality::good;
  std::uint32_t epoch = 0;  // row of the table epoch
  std::uint64_t sequence = 0;
  std::uint32_t index = 0;  // place in its record

  /// Its identity, in the order in which its edge wrote.
  auto identity() const { return std::tuple(epoch, sequence, index); }
};

inline constexpr std::size_t kMostInBlock = 1 << 16;

/// At most kMostInBlock samples, in any order, which is kept; smallest in the order of identity().
std::string encode_block(std::span<const StoredSample> samples, Effort effort);

/// Errors: malformed, unsupported (a newer version). Total: any bytes give samples or an error.
Result<std::vector<StoredSample>> decode_block(std::string_view block);

/// With a checksum (XXH3-64) over the block and the point it belongs to.
std::string seal_block(std::string block, std::int64_t point);

/// The block inside. Errors: storage_corrupt.
Result<std::string_view> open_block(std::string_view sealed, std::int64_t point);

}  // namespace anlan::collector
