// Putting a backup back: the copy begins a new generation, so that every edge sends again what the copy lacks
// (PROTOCOL.md rules 5 and 8).
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include "collector/app/telemetry_config.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan::collector {

struct RestoreWish {
  std::string data_dir;
  std::filesystem::path from;      // absolute; a folder made by make_backup()
  TelemetryConfig telemetry = {};  // the backup must be of this engine
};

/// Where what was there before has been moved: nothing is deleted.
struct Restored {
  std::filesystem::path before;  // empty: there was nothing
  WallTime made{};               // of which moment the data are now
  std::string generation;
};

/// Checks the backup whole, prepares the copy (migrations, new generation) beside the present data, then changes
/// places. Interrupted before that, nothing has happened; in the middle of it, the daemon refuses to start until this
/// has run again. Errors: conflict (the daemon runs), not_found, malformed, unsupported, storage_corrupt, storage_full,
/// storage_failed.
Result<Restored> restore_backup(const RestoreWish& wish, WallTime now, std::ostream& out);

/// Error (conflict) where a restore was interrupted while it changed places.
Result<void> not_half_restored(const std::string& data_dir);

}  // namespace anlan::collector
