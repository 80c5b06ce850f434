// Turns segments (cheap to write) into chunks per point (small, quick to read). docs/formats/collector-db.md.
#pragma once

#include <cstdint>
#include <vector>

#include "collector/store/newest_values.hpp"
#include "collector/store/segment.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// A chunk of this point is closed at so many samples, 1,000 to 1,900: closing is costly, and points that are written
/// together must not all close together.
constexpr std::size_t chunk_samples(std::int64_t point) {
  return 1000 + 100 * (static_cast<std::uint64_t>(point) % 10);
}

/// An open chunk is in so many pieces at most.
inline constexpr std::size_t kMostPieces = 32;

/// A run of samples of one point: no pause in their times is longer than kRunPause. In order of identity(), in which
/// values and sequences pack best. Live data and a backlog that arrives meanwhile become two runs, so that no chunk
/// spans days.
inline constexpr Millis kRunPause = std::chrono::hours{1};
std::vector<std::vector<StoredSample>> runs_of(std::vector<StoredSample> samples);

/// In one transaction: the samples of all segments become pieces of open chunks, full chunks are closed, the newest
/// values are saved. What is found damaged on the way becomes a row of the table loss: it is never silently forgotten.
/// Throws SQLite::Exception; then nothing has changed.
void compact(SQLite::Database& db, const NewestValues& newest);

}  // namespace anlan::collector
