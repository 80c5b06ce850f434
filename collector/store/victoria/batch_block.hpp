// The samples of one commit as the journal keeps them until the engine has them for good; exact to the bit. Pure.
// docs/formats/victoria-db.md has the grammar.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/victoria/held_sample.hpp"
#include "common/base/result.hpp"

namespace anlan::collector::victoria {

/// `samples` are sorted by point; of one point they keep their order.
std::string encode_batch(const std::vector<PlacedSample>& samples);

/// Gives the samples to `take`, of one point where it is given (only the pages that may hold it are unpacked). Errors:
/// storage_corrupt (checksum), unsupported (newer version). Total.
Result<void> read_batch(std::string_view batch, const std::optional<std::int64_t>& point,
                        const std::function<void(const PlacedSample&)>& take);

}  // namespace anlan::collector::victoria
