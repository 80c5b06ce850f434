// Files that must survive a power cut, and what proves that one is what it was.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan {

/// fsync(2) of a file or directory. Errors: storage_failed, storage_full, not_found.
Result<void> sync_path(const std::filesystem::path& path);

/// Writes `text` to a new file beside `path`, syncs it, puts it in place and syncs the directory: whoever opens `path`
/// finds the old content or the new, never a part. Mode 0600. Errors: as above.
Result<void> write_durably(const std::filesystem::path& path, std::string_view text);

/// Adds `text` at the end of `path`, which is made where it is not there (mode 0640); synced when this returns. Errors:
/// as above.
Result<void> append_durably(const std::filesystem::path& path, std::string_view text);

/// SHA-256 of a file's bytes, in lower-case hex. Errors: not_found, storage_failed.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace anlan
