#include "collector/app/restore.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <ostream>

#include <unistd.h>

#include "collector/app/backup_manifest.hpp"
#include "collector/app/stores.hpp"
#include "common/io/directory_lock.hpp"
#include "common/io/file.hpp"
#include "common/io/process_metrics.hpp"

namespace anlan::collector {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStage = "restore.new";         // the copy, being prepared
constexpr const char* kMarker = "restore.under-way";  // while files change places; names where the old ones go
constexpr const char* kBefore = "before-restore-";

using Databases = std::array<std::string, 2>;
constexpr std::array kWithItsLog{"-wal", "-shm", ""};  // the database last: where it lies says whose log is beside it

Result<void> room_for(const BackupManifest& manifest, const fs::path& data_dir) {
  double need = 0;
  for (const BackupFile& file : manifest.files) need += static_cast<double>(file.bytes);
  const auto free = free_bytes(data_dir.string());
  if (!free || *free > need * 1.1) return {};
  return fail(Errc::storage_full, data_dir.string() + " has room for " + std::to_string(*free / 1e6) + " MB, " +
                                      std::to_string(need * 1.1 / 1e6) + " MB are needed: old data stay beside");
}

/// The copy becomes a store of its own: migrated, with a new generation, closed (which empties the logs), on the disk.
Result<std::string> prepare(const RestoreWish& wish, const fs::path& stage, const Databases& databases,
                            std::map<std::string, std::string> details) {
  fs::remove_all(stage);
  fs::create_directory(stage);
  fs::permissions(stage, fs::perms::owner_all);
  for (const std::string& name : databases) {
    fs::copy_file(wish.from / name, stage / name);
    fs::permissions(stage / name, fs::perms::owner_read | fs::perms::owner_write);
  }
  std::string generation;
  {
    TelemetryConfig still = wish.telemetry;
    still.flush = Millis{0};  // a copy moves nothing to an engine
    auto stores = open_stores(stage.string(), still);
    if (!stores) return fail(std::move(stores.error()));
    const auto fresh = begin_generation(*stores, "a backup was put back: what was entered after it is not in this log",
                                        std::move(details));
    if (!fresh) return fail(fresh.error());
    generation = fresh->ref.generation.hex();
  }
  for (const std::string& name : databases)
    if (auto synced = sync_path(stage / name); !synced) return fail(synced.error());
  if (auto synced = sync_path(stage); !synced) return fail(synced.error());
  return generation;
}

/// What the log tells of the restore. An interrupted one may have moved the old data away already.
std::map<std::string, std::string> details_of(const BackupManifest& manifest, const fs::path& data_dir) {
  std::string moved_to;
  std::ifstream marker(data_dir / kMarker);
  std::getline(marker, moved_to);
  const bool moved = moved_to.starts_with(kBefore) && fs::exists(data_dir / moved_to / kRecordsFile);
  auto details = log_to_be_replaced(moved ? (data_dir / moved_to).string() : data_dir.string());
  details["backup"] = to_rfc3339(manifest.made);
  details["backup_generation"] = manifest.generation;
  details["user"] = std::to_string(::geteuid());
  return details;
}

/// The name in the marker of an interrupted restore, or a new one. Durable when it returns.
Result<fs::path> place_for_old(const fs::path& data_dir, WallTime now) {
  std::string name;
  if (std::ifstream marker(data_dir / kMarker); std::getline(marker, name) && name.starts_with(kBefore))
    return data_dir / name;
  name = kBefore + std::to_string(to_ms(now));
  if (auto written = write_durably(data_dir / kMarker, name + "\n"); !written) return fail(written.error());
  return data_dir / name;
}

/// A file that is in `before` already was moved there by an interrupted restore: what lies in its place is its copy.
bool move_old_away(const fs::path& data_dir, const fs::path& before, const Databases& databases) {
  bool moved = false;
  for (const std::string& name : databases) {
    const bool done = fs::exists(before / name);
    for (const char* beside : kWithItsLog) {
      const fs::path file = data_dir / (name + beside);
      if (!fs::exists(file)) continue;
      fs::create_directory(before);
      if (done)
        fs::remove(file);
      else
        fs::rename(file, before / file.filename());
      moved = true;
    }
  }
  return moved || fs::exists(before);
}

}  // namespace

Result<void> not_half_restored(const std::string& data_dir) {
  if (!fs::exists(fs::path(data_dir) / kMarker)) return {};
  return fail(Errc::conflict, "a restore into " + data_dir +
                                  " was interrupted: run `anlan-collector restore` with the same backup again");
}

Result<Restored> restore_backup(const RestoreWish& wish, WallTime now, std::ostream& out) try {
  const fs::path data_dir = wish.data_dir, stage = data_dir / kStage;
  fs::create_directories(data_dir);
  auto lock = DirectoryLock::take(wish.data_dir);
  if (!lock) return fail(std::move(lock.error()).within("stop the collector first (systemctl stop anlan-collector)"));
  out << "checking " << wish.from.string() << std::endl;
  const auto manifest = verified_backup(wish.from);
  if (!manifest) return fail(manifest.error());
  const Databases databases{kRecordsFile, telemetry_file(wish.telemetry)};
  for (const std::string& name : databases)
    if (std::ranges::find(manifest->files, name, &BackupFile::name) == manifest->files.end())
      return fail(Errc::invalid_argument, wish.from.string() + " holds no " + name +
                                              ": it is of another telemetry engine than the configuration's");
  if (auto room = room_for(*manifest, data_dir); !room) return fail(room.error());
  out << "preparing a copy of " << to_rfc3339(manifest->made) << std::endl;
  auto generation = prepare(wish, stage, databases, details_of(*manifest, data_dir));
  if (!generation) {
    fs::remove_all(stage);
    return fail(std::move(generation.error()));
  }
  const auto before = place_for_old(data_dir, now);
  if (!before) return fail(before.error());
  const bool moved = move_old_away(data_dir, *before, databases);
  for (const std::string& name : databases) fs::rename(stage / name, data_dir / name);
  fs::remove_all(stage);
  if (auto synced = sync_path(data_dir); !synced) return fail(synced.error());
  fs::remove(data_dir / kMarker);
  if (auto synced = sync_path(data_dir); !synced) return fail(synced.error());
  return Restored{moved ? *before : fs::path(), manifest->made, *generation};
} catch (const fs::filesystem_error& error) {
  const bool full = error.code() == std::errc::no_space_on_device;
  return fail(full ? Errc::storage_full : Errc::storage_failed, error.what());
}

}  // namespace anlan::collector
