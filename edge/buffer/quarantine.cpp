#include "edge/buffer/quarantine.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "common/io/sqlite_file.hpp"

namespace anlan::edge {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKept = 3;
constexpr const char* kInfix = ".damaged-";
constexpr const char* kFile = "/buffer.db";
constexpr const char* kTakenOver = "/taken-over";

std::string folder_name(const std::string& file, WallTime now) {
  std::string time = to_rfc3339(now);
  std::erase_if(time, [](char c) { return c == ':' || c == '-'; });
  const std::string name = file + kInfix + time.substr(0, time.find('.')) + "Z";
  std::string free = name;
  for (int i = 2; fs::exists(free); ++i) free = name + "-" + std::to_string(i);
  return free;
}

/// There are rows in it that were not taken over.
bool waits(const std::string& folder) {
  std::error_code none;
  return fs::file_size(folder + kFile, none) > 0 && !none && !fs::exists(folder + kTakenOver, none);
}

}  // namespace

std::vector<std::string> put_aside_before(const std::string& file) {
  std::vector<std::string> folders;
  std::error_code none;
  const fs::path path(file);
  const std::string prefix = path.filename().string() + kInfix;
  for (const auto& entry : fs::directory_iterator(path.parent_path().empty() ? "." : path.parent_path(), none))
    if (entry.path().filename().string().starts_with(prefix)) folders.push_back(entry.path().string());
  std::ranges::sort(folders);
  return folders;
}

std::optional<std::string> not_taken_over(const std::string& file) {
  const auto folders = put_aside_before(file);
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder)
    if (waits(*folder)) return *folder;
  return std::nullopt;
}

void mark_taken_over(const std::string& folder) { std::ofstream(folder + kTakenOver) << "\n"; }

Result<void> put_aside(const std::string& file, WallTime now) {
  std::error_code error;
  auto before = put_aside_before(file);
  std::erase_if(before, waits);  // those stay whatever it costs
  for (std::size_t i = 0; i + kKept <= before.size(); ++i) fs::remove_all(before[i], error);
  const std::string folder = folder_name(file, now);
  fs::create_directory(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (!error) fs::rename(file, folder + kFile, error);
  if (error)
    return fail(error == std::errc::no_space_on_device ? Errc::storage_full : Errc::storage_failed,
                "putting the damaged " + file + " aside: " + error.message());
  finish_move(file);
  return sync_directory_of(file);
}

void finish_move(const std::string& file) {
  std::error_code ignored;
  if (fs::exists(file)) return;
  if (const auto folder = not_taken_over(file); folder && fs::exists(file + "-wal"))
    fs::rename(file + "-wal", *folder + kFile + "-wal", ignored);
  fs::remove(file + "-wal", ignored);
  fs::remove(file + "-shm", ignored);
}

}  // namespace anlan::edge
