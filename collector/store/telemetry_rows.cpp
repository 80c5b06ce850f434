#include "collector/store/telemetry_rows.hpp"

#include <sqlite3.h>

namespace anlan::collector {

void throw_corrupt(const std::string& what) { throw SQLite::Exception(what, SQLITE_CORRUPT); }

}  // namespace anlan::collector
