// Turns segments (cheap to write) into chunks per point (small, quick to read). docs/formats/collector-db.md.
#pragma once

#include <cstdint>
#include <vector>

#include "collector/store/newest_values.hpp"
#include "collector/store/segment.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

inline constexpr std::size_t kChunkSamples = 1000;

/// A run of samples of one point, without a pause longer than kRunPause between two of them, in order of key().
/// Live data and a backlog that arrives meanwhile become two runs, so that no chunk spans days.
inline constexpr Millis kRunPause = std::chrono::hours{1};
std::vector<std::vector<StoredSample>> runs_of(std::vector<StoredSample> samples);

/// In one transaction: all segments go into open chunks, full ones are closed, the newest values are saved. A segment
/// or open chunk that is damaged becomes a row of the table loss, or is left where it is: its samples are never
/// silently forgotten. `effort`: for chunks that stay open. Throws SQLite::Exception; then nothing has changed.
void compact(SQLite::Database& db, const NewestValues& newest, Effort effort);

}  // namespace anlan::collector
