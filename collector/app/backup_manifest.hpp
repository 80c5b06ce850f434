// What a backup says of itself: backup.json in its folder (docs/formats/backup.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan::collector {

inline constexpr const char* kManifestFile = "backup.json";

struct BackupFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::string sha256;  // lower-case hex
  bool operator==(const BackupFile&) const = default;
};

struct BackupManifest {
  WallTime made{};      // the moment of which all databases are
  std::string version;  // of the program
  std::string store, generation;
  std::vector<BackupFile> files;
  bool operator==(const BackupManifest&) const = default;
};

std::string to_json(const BackupManifest& manifest);

/// Errors: malformed, unsupported (a newer format; a file name that leaves the folder).
Result<BackupManifest> manifest_from_json(const std::string& text);

/// Size and SHA-256 of FOLDER/name. Errors: those of sha256_of_file (common/io/file.hpp).
Result<BackupFile> described(const std::filesystem::path& folder, const std::string& name);

/// The manifest of a backup whose files are all there, unchanged. Errors: not_found, malformed, unsupported,
/// storage_corrupt (a file is missing or is not what it was, named).
Result<BackupManifest> verified_backup(const std::filesystem::path& folder);

}  // namespace anlan::collector
