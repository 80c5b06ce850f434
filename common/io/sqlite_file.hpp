// What every SQLite file of Anlan has in common, whichever library opens it: how it comes into being, how it is set up,
// and what its result codes mean.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan {

/// Creates `file` empty with mode 0600 where it does not exist, and makes its directory entry durable. SQLite gives
/// -wal and -shm the same mode. An existing file is left alone. Errors: storage_failed, storage_full.
Result<void> create_sqlite_file(const std::string& file);

/// Replaces the content of a small file (mode 0600) where it lies, synced when it returns; a new one's directory entry
/// too. A crash may leave it torn: the caller keeps a second copy. Errors: storage_failed, storage_full.
Result<void> write_synced(const std::string& file, std::string_view content);

/// Makes directory entries durable: what was renamed, made or removed in the directory of `file`.
Result<void> sync_directory_of(const std::string& file);

/// Run on each new connection that writes. FULL: a commit in WAL mode is on the disk when it returns. The WAL is cut
/// back to 64 MiB after a long reader has held it; WAL mode itself is asked for apart, because it answers.
inline constexpr const char* kSqliteSetup =
    "PRAGMA busy_timeout=5000; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=67108864";

/// The category of a SQLite result code (plain or extended); `system` is errno of the failed call, 0 where unknown.
Errc sqlite_errc(int code, int system);

}  // namespace anlan
