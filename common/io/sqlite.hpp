// How Anlan opens a SQLite file of its own format (edge buffer, telemetry). Sole include of SQLiteCpp outside its users'
// .cpp files.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

#include "common/base/result.hpp"

namespace anlan {

/// Opens or creates `file` (mode 0600) with WAL, synchronous=FULL, a busy timeout, and runs the migration steps not yet
/// applied (PRAGMA user_version). Durable: a commit is on the disk when it returns. Errors: storage_failed (cannot open),
/// storage_corrupt (not a database, or its quick check fails), unsupported (written by a newer version).
Result<SQLite::Database> open_sqlite(const std::string& file, const std::vector<std::string>& migrations);

/// The same file for a second process that only looks: never writes, never blocks the writer.
Result<SQLite::Database> open_sqlite_read_only(const std::string& file);

/// What an SQLite exception means: full, corrupt, or any other failure.
Error to_error(const SQLite::Exception& exception, std::string_view doing);

}  // namespace anlan
