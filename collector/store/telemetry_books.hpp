// The books that every telemetry database of ours keeps in the same tables, whatever holds the samples: whose it is,
// what has been received, the accounts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/store/telemetry_store.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

// Within the transaction of their caller, or alone. They throw SQLite::Exception; otherwise as in TelemetryStore.

std::optional<StoreRef> read_identity(SQLite::Database& db);
void save_identity(SQLite::Database& db, const StoreRef& identity);
RangesByPlace read_ranges(SQLite::Database& db, const std::string& edge);
std::vector<TelemetryAccount> read_accounts(SQLite::Database& db, const std::string& edge);

/// The row of a point, made where there is none. `find`: SELECT id FROM point WHERE path = ?; `add`: INSERT INTO point
/// (path) VALUES (?).
std::int64_t point_row(SQLite::Database& db, SQLite::Statement& find, SQLite::Statement& add, const std::string& path);

}  // namespace anlan::collector
