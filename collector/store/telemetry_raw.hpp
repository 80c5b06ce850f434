// The table of raw records in telemetry.db: those that cannot be decoded yet (PROTOCOL.md rule 3).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/store/telemetry_store.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// Works within the transaction of its owner, on the writing connection. Throws SQLite::Exception.
class RawRecords {
 public:
  explicit RawRecords(SQLite::Database& db);

  void add(const RawRecord& raw);
  /// False where it was not there.
  bool remove(const std::string& edge, const RecordId& id);

  /// As in TelemetryStore.
  std::vector<RawRecord> list(const std::string& edge, const std::optional<DefinitionHash>& wanted,
                              const std::optional<RecordId>& after, std::size_t limit);
  std::vector<DefinitionHash> wanted(const std::string& edge);

 private:
  SQLite::Statement add_, remove_, list_, wanted_;
};

}  // namespace anlan::collector
