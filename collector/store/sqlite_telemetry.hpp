// Telemetry in one SQLite file, telemetry.db (docs/formats/collector-db.md): a write appends one segment; compaction
// files segments into compressed chunks per point.
#pragma once

#include <memory>
#include <string>

#include "collector/store/telemetry_store.hpp"

namespace anlan::collector {

/// Opens or creates `file`. Takes time by the number of points, not by the size of the file. Errors: those of
/// open_sqlite (common/io/sqlite.hpp).
Result<std::unique_ptr<TelemetryStore>> open_sqlite_telemetry(const std::string& file);

}  // namespace anlan::collector
