#include "collector/app/backup.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <vector>

#include "collector/app/backup_manifest.hpp"
#include "collector/app/stores.hpp"
#include "common/io/directory_lock.hpp"
#include "common/io/file.hpp"
#include "common/io/process_metrics.hpp"
#include "common/io/sqlite_copy.hpp"

namespace anlan::collector {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigCopy = "collector.toml";
constexpr const char* kPartial = ".partial";

/// "20261124T020000Z": sorts by time, and is a file name everywhere.
std::string folder_name(WallTime now) {
  std::string name;
  for (const char c : to_rfc3339(now).substr(0, 19))
    if (c != '-' && c != ':') name += c;
  return name + "Z";
}

bool is_backup(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name.size() == 16 && name[8] == 'T' && name.back() == 'Z' && fs::exists(folder / kManifestFile);
}

std::array<std::string, 2> databases(const BackupWish& wish) { return {kRecordsFile, wish.telemetry}; }

Result<void> room_for(const BackupWish& wish) {
  double need = 0;
  for (const std::string& name : databases(wish))
    for (const char* more : {"", "-wal"}) need += file_bytes(wish.data_dir + "/" + name + more);
  const auto free = free_bytes(wish.into.string());
  if (!free || *free > need) return {};
  return fail(Errc::storage_full, wish.into.string() + " has room for " + std::to_string(*free / 1e6) +
                                      " MB, the backup may need " + std::to_string(need / 1e6) + " MB");
}

class Progress {
 public:
  explicit Progress(std::ostream& out) : out_(out) {}
  void operator()(std::uint64_t done, std::uint64_t all) {
    const int percent = all == 0 ? 100 : static_cast<int>(done * 100 / all);
    if (percent / 10 == said_ / 10 && said_ >= 0) return;
    said_ = percent;
    out_ << "copied " << percent << " % of " << (all + 999'999) / 1'000'000 << " MB" << std::endl;
  }

 private:
  std::ostream& out_;
  int said_ = -1;
};

Result<BackupManifest> fill(const BackupWish& wish, const fs::path& folder, WallTime now, std::ostream& out) {
  std::vector<DatabaseCopy> copies;
  for (const std::string& name : databases(wish))
    copies.push_back({wish.data_dir + "/" + name, (folder / name).string()});
  if (auto copied = copy_as_of_one_moment(copies, Progress(out)); !copied) return fail(copied.error());
  fs::copy_file(wish.config_file, folder / kConfigCopy);
  if (auto synced = sync_path(folder / kConfigCopy); !synced) return fail(synced.error());
  out << "checking the copies" << std::endl;
  BackupManifest manifest{.made = now, .version = ANLAN_VERSION, .store = {}, .generation = {}, .files = {}};
  for (const std::string& name : databases(wish))
    if (auto whole = check_integrity((folder / name).string()); !whole)
      return fail(std::move(whole.error()).within("the database itself is damaged"));
  const auto identity = identity_of(folder.string());
  if (!identity) return fail(identity.error());
  manifest.store = identity->id.hex();
  manifest.generation = identity->generation.hex();
  for (const std::string& name : {std::string(kRecordsFile), wish.telemetry, std::string(kConfigCopy)}) {
    auto file = described(folder, name);
    if (!file) return fail(file.error());
    manifest.files.push_back(std::move(*file));
  }
  return manifest;
}

void keep_newest(const BackupWish& wish, std::ostream& out) {
  std::vector<fs::path> whole;
  for (const auto& entry : fs::directory_iterator(wish.into))
    if (is_backup(entry.path())) whole.push_back(entry.path());
  std::sort(whole.rbegin(), whole.rend());
  for (std::size_t i = static_cast<std::size_t>(wish.keep); i < whole.size(); ++i) {
    fs::remove_all(whole[i]);
    out << "removed the older backup " << whole[i].string() << std::endl;
  }
}

void remove_interrupted(const fs::path& into) {
  for (const auto& entry : fs::directory_iterator(into))
    if (entry.path().extension() == kPartial) fs::remove_all(entry.path());
}

}  // namespace

Result<fs::path> make_backup(const BackupWish& wish, WallTime now, std::ostream& out) try {
  for (const std::string& name : databases(wish))
    if (auto own = owned_by_this_user(wish.data_dir + "/" + name); !own) return fail(own.error());
  fs::create_directories(wish.into);
  auto lock = DirectoryLock::take(wish.into.string());
  if (!lock) return fail(std::move(lock.error()).within("another backup is being made"));
  remove_interrupted(wish.into);
  if (auto room = room_for(wish); !room) return fail(room.error());
  const fs::path folder = wish.into / folder_name(now), partial = folder.string() + kPartial;
  if (fs::exists(folder)) return fail(Errc::conflict, folder.string() + " exists already");
  fs::create_directory(partial);
  fs::permissions(partial, fs::perms::owner_all);
  const auto manifest = fill(wish, partial, now, out);
  if (!manifest) {
    fs::remove_all(partial);
    return fail(manifest.error());
  }
  if (auto written = write_durably(partial / kManifestFile, to_json(*manifest)); !written) return fail(written.error());
  fs::rename(partial, folder);
  if (auto synced = sync_path(wish.into); !synced) return fail(synced.error());
  if (wish.keep > 0) keep_newest(wish, out);
  return folder;
} catch (const fs::filesystem_error& error) {
  const bool full = error.code() == std::errc::no_space_on_device;
  return fail(full ? Errc::storage_full : Errc::storage_failed, error.what());
}

}  // namespace anlan::collector
