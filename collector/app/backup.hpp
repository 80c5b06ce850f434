// A backup of the centre while it runs: both databases as of one moment, and the configuration. Secrets are not in it.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan::collector {

struct BackupWish {
  std::string data_dir;
  std::string config_file;     // copied too
  std::filesystem::path into;  // absolute; gets a folder of its own, named by the time: 20261124T020000Z
  int keep = 0;  // so many of the newest stay in `into`, older ones go once this one is whole; 0: all stay
  std::string telemetry = "telemetry.db";  // that of the configured engine (telemetry_file)
};

/// Copies, checks the copies, writes the manifest, then gives the folder its name: a folder so named is a whole backup.
/// What an interrupted one left is removed. Tells `out` how far it is. Runs beside the daemon, by the user that owns
/// the data. Errors: not_found, storage_full, storage_corrupt (the daemon's database is damaged), storage_failed,
/// invalid_argument (another user).
Result<std::filesystem::path> make_backup(const BackupWish& wish, WallTime now, std::ostream& out);

}  // namespace anlan::collector
