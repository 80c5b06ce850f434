// Forgetting telemetry that is older than it must be.
#pragma once

#include <mutex>

#include "collector/store/telemetry_store.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// As TelemetryStore::expire(). Whole chunks go, so what is forgotten may be up to a chunk's length older than asked.
/// Holds `writing` while it writes. Throws SQLite::Exception; then nothing has changed.
bool expire(SQLite::Database& db, std::mutex& writing, const TelemetryRetention& retention, WallTime now);

}  // namespace anlan::collector
