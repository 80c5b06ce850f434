// The edge ledgers in records.db, and what was received as it came: event records and definitions. Telemetry's ranges
// stand with the telemetry (one transaction of one database, PROTOCOL.md rule 7), not here. Tables:
// docs/formats/records-db.md. Every function runs inside a transaction of the caller and throws DatabaseError.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "collector/ingest/edge_ledger.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

/// Migration steps of all tables of this stage (also those of registry.hpp).
const std::vector<std::string>& ingest_schema();

/// The store's identity; drawn at the first start. `first`: it was never restored (rule 6).
struct StoreIdentity {
  StoreRef ref;
  bool first = true;
  bool drawn = false;  // by this start: the records were empty
  bool operator==(const StoreIdentity&) const = default;
};
StoreIdentity load_store_identity(Database& database, const std::function<StoreRef()>& draw);
void save_store_identity(Database& database, const StoreIdentity& identity);

/// Rule 7: what the store is when the records say `records` and the telemetry store says `telemetry`. Where one of the
/// two was lost or replaced alone, this is the restore of a store: its id stays, the generation is a new one.
StoreIdentity joined_identity(const StoreIdentity& records, const std::optional<StoreRef>& telemetry,
                              const Generation& fresh);

/// Everything but telemetry's `data`; an edge that is not known yet has an empty ledger. Throws DatabaseError
/// (storage_corrupt) where a stored value does not read back.
EdgeLedger load_ledger(Database& database, const std::string& edge);

/// Writes what differs. The edge has a row (registry.hpp: note_edge).
void save_ledger(Database& database, const std::string& edge, const EdgeLedger& before, const EdgeLedger& after);

/// An event record as it came. `quarantined`: it could not be decoded here (rule 3).
void save_event(Database& database, const std::string& edge, const Record& record, bool quarantined, WallTime now);

/// True where this edge has quarantined event records: one of them may be a clearing (rule 11).
bool has_quarantined(Database& database, const std::string& edge);

/// The quarantined event records of all edges, and noting that one is understood after all (after an upgrade).
struct QuarantinedEvent {
  std::string edge, site;
  Record record;
};
std::vector<QuarantinedEvent> load_quarantined(Database& database);
void mark_understood(Database& database, const std::string& edge, const RecordId& id);

/// Definitions by hash, for good.
void save_definition(Database& database, const std::string& edge, const std::string& payload, WallTime now);
std::optional<Definition> load_definition(Database& database, const DefinitionHash& hash);

}  // namespace anlan::collector
