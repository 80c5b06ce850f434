#include "collector/store/telemetry_rows.hpp"

#include <sqlite3.h>

namespace anlan::collector {

void throw_corrupt(const std::string& what) { throw SQLite::Exception(what, SQLITE_CORRUPT); }

void throw_unsupported(const std::string& what) { throw SQLite::Exception(what, SQLITE_MISMATCH); }

bool is_corrupt(const SQLite::Exception& exception) { return exception.getErrorCode() == SQLITE_CORRUPT; }

}  // namespace anlan::collector
