// How Anlan opens a SQLite file of its own format (edge buffer, telemetry). Sole include of SQLiteCpp outside its
// users' .cpp files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "common/base/result.hpp"

namespace anlan {

/// Opens or creates `file` (mode 0600) with WAL, synchronous=FULL, foreign keys, a busy timeout of 5 s, and runs the
/// migration steps not yet applied, each in its own transaction (PRAGMA user_version counts them). Durable: a commit is
/// on the disk when it returns. Takes milliseconds whatever the size: it reads header and schema, not the pages; a page
/// that is damaged deeper shows as storage_corrupt when it is read. Errors: storage_failed (cannot open), storage_full,
/// storage_corrupt (no database, header or schema damaged, file cut short), unsupported (written by a newer version).
Result<SQLite::Database> open_sqlite(const std::string& file, const std::vector<std::string>& migrations);

/// The same file for somebody who only looks: never writes, never blocks the writer. The directory must be writable for
/// the caller where no writer has the file open (SQLite needs its -shm file). Errors: as above, and not_found.
Result<SQLite::Database> open_sqlite_read_only(const std::string& file);

/// An empty database in the memory of this process, of the newest version.
Result<SQLite::Database> open_sqlite_in_memory(const std::vector<std::string>& migrations);

/// A file of the newest version on a disk that takes nothing, as it stands: nothing may change it, its write-ahead log
/// must be empty or gone. Writing fails. Errors: as above.
Result<SQLite::Database> open_sqlite_as_it_stands(const std::string& file, const std::vector<std::string>& migrations);

/// What an SQLite exception means (sqlite_file.hpp has the categories); `doing` becomes the context of the message.
/// Call it in the catch block: it looks at errno.
Error to_error(const SQLite::Exception& exception, std::string_view doing);

}  // namespace anlan
