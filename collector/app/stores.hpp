// The collector's two databases, opened together: records.db and that of telemetry in one data directory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collector/app/telemetry_config.hpp"
#include "collector/ingest/ledger_table.hpp"
#include "collector/people/people_journal.hpp"
#include "collector/store/records.hpp"
#include "collector/store/telemetry_store.hpp"
#include "collector/store/victoria/victoria_telemetry.hpp"

namespace anlan::collector {

inline constexpr const char* kRecordsFile = "records.db";
inline constexpr const char* kTelemetryFile = "telemetry.db";

struct Stores {
  std::unique_ptr<Records> records;
  std::unique_ptr<TelemetryStore> telemetry;
  const VictoriaTelemetry* victoria = nullptr;  // `telemetry`, where VictoriaMetrics is its engine
  StoreIdentity identity;
};

/// Opens or creates both, runs the migrations of every stage and agrees on the store's identity: where the two do not
/// belong together, one was lost or replaced alone, and a new generation begins (PROTOCOL.md rule 7). Errors: those of
/// Records::open, open_sqlite_telemetry, open_victoria_telemetry and read_secret.
Result<Stores> open_stores(const std::string& data_dir, const TelemetryConfig& telemetry = {});

/// The telemetry engine is lost, with all that it held: the next start begins a new generation, in which only what the
/// journal still has counts as received (PROTOCOL.md rule 7). The collector must be stopped. Errors: conflict (it
/// runs), invalid_argument (no such engine is configured), those of forget_victoria_engine.
Result<void> give_up_engine(const std::string& data_dir, const TelemetryConfig& telemetry);

/// The stages whose tables are in records.db.
std::vector<StageSchema> record_schemas();

/// Each act of people management is an entry of the log, in the act's transaction, and a line for who watches.
PeopleJournal people_journal();

/// SQLite keeps files beside a database that is open; made by another user, the daemon could not open its own. Errors:
/// not_found, invalid_argument.
Result<void> owned_by_this_user(const std::string& file);

/// Of closed databases or a copy, read only. Errors: those of Database::open.
Result<StoreRef> identity_of(const std::string& data_dir);

/// Begins a new generation of the store, in both databases and in the log, which tells `why` in words and what else is
/// to be known of it: what a restored copy does before it is used. Durable when it returns.
Result<StoreIdentity> begin_generation(Stores& stores, const std::string& why,
                                       std::map<std::string, std::string> details);

/// What the log of the data in `data_dir` had come to, for the entry of the restore that replaces them:
/// replaced_generation, replaced_size, replaced_root. Empty where there are none or they cannot be read.
std::map<std::string, std::string> log_to_be_replaced(const std::string& data_dir);

}  // namespace anlan::collector
