#include "collector/ingest/ledger_table.hpp"

#include <set>
#include <tuple>

#include "common/base/hex.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"

namespace anlan::collector {
namespace {

[[noreturn]] void damaged(const std::string& what) {
  throw DatabaseError(Errc::storage_corrupt, "records.db: " + what);
}

template <class AnyId>
AnyId id_from(const std::string& text) {
  if (const auto id = AnyId::from_hex(text)) return *id;
  damaged("'" + text.substr(0, 40) + "' is no id");
}

RangeSet ranges_from(const std::string& text) {
  auto ranges = RangeSet::parse(text);
  if (!ranges) damaged(ranges.error().message);
  return std::move(*ranges);
}

std::string bytes_from(const std::string& text) {
  if (auto bytes = from_hex(text)) return std::move(*bytes);
  damaged("'" + text.substr(0, 40) + "' is no hexadecimal text");
}

std::int64_t i64(std::uint64_t v) { return static_cast<std::int64_t>(v); }
std::uint64_t u64(std::int64_t v) { return static_cast<std::uint64_t>(v); }

template <class T, class F>
SqlValue nullable(const std::optional<T>& value, F convert) {
  if (!value) return nullptr;
  return convert(*value);
}

std::string text_at(const RangesByPlace& ranges, const Place& place) {
  const auto found = ranges.find(place);
  return found == ranges.end() ? "" : found->second.str();
}

void load_places(Database& database, const std::string& edge, EdgeLedger& ledger) {
  for (const SqlRow& row :
       database.query("SELECT epoch, stream, data, voided, lost, reach FROM place WHERE edge = :p1", {edge})) {
    const Place place{id_from<Epoch>(row.text(0)), static_cast<Stream>(row.integer(1))};
    const auto put = [&](RangesByPlace& to, std::size_t column) {
      if (!row.text(column).empty()) to[place] = ranges_from(row.text(column));
    };
    put(ledger.data, 2);
    put(ledger.voided, 3);
    put(ledger.lost, 4);
    if (row.integer(5) > 0) ledger.ends[place] = u64(row.integer(5));
  }
}

void load_processes(Database& database, const std::string& edge, EdgeLedger& ledger) {
  const char* sql = "SELECT incarnation, counter, token, number, issued, suspicion FROM edge_process WHERE edge = :p1";
  for (const SqlRow& row : database.query(sql, {edge})) {
    const auto incarnation = id_from<Incarnation>(row.text(0));
    ledger.greeted[incarnation] = {u64(row.integer(1)), id_from<Token>(row.text(2)), u64(row.integer(3))};
    if (row.null(4)) continue;
    auto& issued = ledger.issued[incarnation];
    issued.token = id_from<Token>(row.text(4));
    if (!row.null(5)) issued.suspicion = wall_from_ms(row.integer(5));
  }
}

void save_places(Database& database, const std::string& edge, const EdgeLedger& before, const EdgeLedger& after) {
  std::set<Place> places;
  for (const auto* ranges : {&after.data, &after.voided, &after.lost})
    for (const auto& [place, set] : *ranges) places.insert(place);
  for (const auto& [place, end] : after.ends) places.insert(place);
  for (const Place& place : places) {
    // Telemetry's data stands with the telemetry.
    const auto row = [&](const EdgeLedger& ledger) {
      const auto end = ledger.ends.find(place);
      return std::tuple(place.stream == Stream::event ? text_at(ledger.data, place) : "", text_at(ledger.voided, place),
                        text_at(ledger.lost, place), end == ledger.ends.end() ? 0 : end->second);
    };
    const auto [data, voided, lost, end] = row(after);
    if (row(before) == row(after)) continue;
    database.exec(
        "INSERT INTO place(edge, epoch, stream, data, voided, lost, reach) VALUES(:p1, :p2, :p3, :p4, :p5, :p6, :p7) "
        "ON CONFLICT(edge, epoch, stream) DO UPDATE SET data = excluded.data, voided = excluded.voided, "
        "lost = excluded.lost, reach = excluded.reach",
        {edge, place.epoch.hex(), std::int64_t{static_cast<int>(place.stream)}, data, voided, lost, i64(end)});
  }
}

void save_processes(Database& database, const std::string& edge, const EdgeLedger& before, const EdgeLedger& after) {
  if (before.greeted == after.greeted && before.issued == after.issued) return;
  database.exec("DELETE FROM edge_process WHERE edge = :p1", {edge});
  for (const auto& [incarnation, greeted] : after.greeted) {
    const auto issued = after.issued.find(incarnation);
    const bool outstanding = issued != after.issued.end();
    database.exec(
        "INSERT INTO edge_process(edge, incarnation, counter, token, number, issued, suspicion) "
        "VALUES(:p1, :p2, :p3, :p4, :p5, :p6, :p7)",
        {edge, incarnation.hex(), i64(greeted.counter), greeted.token.hex(), i64(greeted.order),
         outstanding ? SqlValue(issued->second.token.hex()) : SqlValue(nullptr),
         outstanding ? nullable(issued->second.suspicion, [](WallTime t) { return SqlValue(to_ms(t)); })
                     : SqlValue(nullptr)});
  }
}

}  // namespace

const std::vector<std::string>& ingest_schema() {
  static const std::vector<std::string> steps{
      "CREATE TABLE store(key TEXT PRIMARY KEY, value TEXT NOT NULL)",
      // What is known of an edge beside its ledger stands here too (registry.hpp).
      "CREATE TABLE edge(id TEXT PRIMARY KEY, site TEXT NOT NULL, version TEXT NOT NULL DEFAULT '', first_heard BIGINT "
      "NOT NULL, "
      "last_heard BIGINT NOT NULL, clock BIGINT NOT NULL DEFAULT 0, confirmed TEXT, unknown_until BIGINT)",
      "CREATE TABLE edge_process(edge TEXT NOT NULL REFERENCES edge(id), incarnation TEXT NOT NULL, counter BIGINT NOT "
      "NULL, "
      "token TEXT NOT NULL, number BIGINT NOT NULL, issued TEXT, suspicion BIGINT, PRIMARY KEY(edge, incarnation))",
      "CREATE TABLE epoch(edge TEXT NOT NULL REFERENCES edge(id), epoch TEXT NOT NULL, ordinal BIGINT NOT NULL, "
      "PRIMARY KEY(edge, epoch))",
      "CREATE TABLE place(edge TEXT NOT NULL REFERENCES edge(id), epoch TEXT NOT NULL, stream BIGINT NOT NULL, data "
      "TEXT NOT NULL, "
      "voided TEXT NOT NULL, lost TEXT NOT NULL, reach BIGINT NOT NULL, PRIMARY KEY(edge, epoch, stream))",
      "CREATE TABLE event_record(edge TEXT NOT NULL REFERENCES edge(id), epoch TEXT NOT NULL, sequence BIGINT NOT "
      "NULL, "
      "kind BIGINT NOT NULL, wall BIGINT NOT NULL, mono BIGINT NOT NULL, clock BIGINT NOT NULL, samples BIGINT NOT "
      "NULL, "
      "payload TEXT NOT NULL, checksum BIGINT NOT NULL, arrived BIGINT NOT NULL, quarantined BIGINT NOT NULL, "
      "PRIMARY KEY(edge, epoch, sequence))",
      "CREATE INDEX event_record_quarantined ON event_record(edge) WHERE quarantined = 1",
      "CREATE TABLE definition(hash TEXT PRIMARY KEY, payload TEXT NOT NULL, edge TEXT NOT NULL, arrived BIGINT NOT "
      "NULL)",
      "CREATE TABLE point(path TEXT PRIMARY KEY, site TEXT NOT NULL, device TEXT NOT NULL, edge TEXT NOT NULL "
      "REFERENCES edge(id), "
      "name TEXT NOT NULL, unit TEXT NOT NULL, asset TEXT NOT NULL, period BIGINT NOT NULL, limits TEXT NOT NULL, "
      "definition TEXT NOT NULL, present BIGINT NOT NULL)",
      "CREATE INDEX point_edge ON point(edge)",
      "CREATE INDEX point_site ON point(site, device)",
      // Of the definition that the edge's points are from: definitions may arrive in any order.
      "ALTER TABLE edge ADD COLUMN defined_ordinal BIGINT NOT NULL DEFAULT -1",
      "ALTER TABLE edge ADD COLUMN defined_sequence BIGINT NOT NULL DEFAULT -1",
      // What edges say that they could not keep (loss_log.hpp).
      "CREATE TABLE loss(number BIGINT PRIMARY KEY, edge TEXT NOT NULL REFERENCES edge(id), site TEXT NOT NULL, "
      "point TEXT NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, count BIGINT, reason BIGINT NOT NULL, "
      "records BIGINT, "
      "heard_at BIGINT NOT NULL)",
      "CREATE INDEX loss_by_site ON loss(site, number)",
      "CREATE INDEX loss_by_point ON loss(point, number)",
      // What an edge said last to wait for a receipt (registry.hpp: note_waiting).
      "CREATE TABLE edge_waiting(edge TEXT PRIMARY KEY REFERENCES edge(id), heard_at BIGINT NOT NULL, said_at BIGINT "
      "NOT NULL, oldest BIGINT, lag BIGINT NOT NULL, urgent_records BIGINT NOT NULL, urgent_samples BIGINT NOT NULL, "
      "urgent_bytes BIGINT NOT NULL, live_records BIGINT NOT NULL, live_samples BIGINT NOT NULL, live_bytes BIGINT NOT "
      "NULL, backlog_records BIGINT NOT NULL, backlog_samples BIGINT NOT NULL, backlog_bytes BIGINT NOT NULL)",
  };
  return steps;
}

StoreIdentity load_store_identity(Database& database, const std::function<StoreRef()>& draw) {
  std::map<std::string, std::string> values;
  for (const SqlRow& row : database.query("SELECT key, value FROM store")) values[row.text(0)] = row.text(1);
  if (values.empty()) {
    const StoreIdentity fresh{draw(), true, true};
    save_store_identity(database, fresh);
    return fresh;
  }
  return {{id_from<StoreId>(values["id"]), id_from<Generation>(values["generation"])}, values["first"] == "1"};
}

StoreIdentity joined_identity(const StoreIdentity& records, const std::optional<StoreRef>& telemetry,
                              const Generation& fresh) {
  if (telemetry == records.ref || (records.drawn && !telemetry)) return records;
  return {{records.drawn ? telemetry->id : records.ref.id, fresh}, false, records.drawn};
}

void save_store_identity(Database& database, const StoreIdentity& identity) {
  for (const auto& [key, value] : {std::pair<std::string, std::string>{"id", identity.ref.id.hex()},
                                   {"generation", identity.ref.generation.hex()},
                                   {"first", identity.first ? "1" : "0"}})
    database.exec(
        "INSERT INTO store(key, value) VALUES(:p1, :p2) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
        {key, value});
}

EdgeLedger load_ledger(Database& database, const std::string& edge) {
  EdgeLedger ledger;
  for (const SqlRow& row : database.query("SELECT confirmed, unknown_until FROM edge WHERE id = :p1", {edge})) {
    if (!row.null(0)) ledger.confirmed = id_from<Token>(row.text(0));
    if (!row.null(1)) ledger.unknown_until = wall_from_ms(row.integer(1));
  }
  load_places(database, edge, ledger);
  load_processes(database, edge, ledger);
  for (const SqlRow& row : database.query("SELECT epoch, ordinal FROM epoch WHERE edge = :p1", {edge}))
    ledger.ordinals[id_from<Epoch>(row.text(0))] = u64(row.integer(1));
  return ledger;
}

void save_ledger(Database& database, const std::string& edge, const EdgeLedger& before, const EdgeLedger& after) {
  save_places(database, edge, before, after);
  save_processes(database, edge, before, after);
  for (const auto& [epoch, ordinal] : after.ordinals)
    if (const auto known = before.ordinals.find(epoch); known == before.ordinals.end() || known->second != ordinal)
      database.exec(
          "INSERT INTO epoch(edge, epoch, ordinal) VALUES(:p1, :p2, :p3) ON CONFLICT(edge, epoch) DO UPDATE SET "
          "ordinal = excluded.ordinal",
          {edge, epoch.hex(), i64(ordinal)});
  if (before.confirmed == after.confirmed && before.unknown_until == after.unknown_until) return;
  database.exec("UPDATE edge SET confirmed = :p1, unknown_until = :p2 WHERE id = :p3",
                {nullable(after.confirmed, [](const Token& t) { return SqlValue(t.hex()); }),
                 nullable(after.unknown_until, [](WallTime t) { return SqlValue(to_ms(t)); }), edge});
}

void save_event(Database& database, const std::string& edge, const Record& record, bool quarantined, WallTime now) {
  database.exec(
      "INSERT INTO event_record(edge, epoch, sequence, kind, wall, mono, clock, samples, payload, checksum, arrived, "
      "quarantined) "
      "VALUES(:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9, :p10, :p11, :p12)",
      {edge, record.id.place.epoch.hex(), i64(record.id.sequence),
       std::int64_t{static_cast<std::uint32_t>(record.kind)}, to_ms(record.wall), to_ms(record.mono),
       std::int64_t{static_cast<int>(record.clock)}, std::int64_t{record.samples}, to_hex(record.payload),
       i64(record.checksum), to_ms(now), std::int64_t{quarantined}});
}

bool has_quarantined(Database& database, const std::string& edge) {
  return !database.query("SELECT 1 FROM event_record WHERE edge = :p1 AND quarantined = 1 LIMIT 1", {edge}).empty();
}

std::vector<QuarantinedEvent> load_quarantined(Database& database) {
  std::vector<QuarantinedEvent> events;
  for (const SqlRow& row : database.query(
           "SELECT edge, site, epoch, sequence, kind, wall, mono, event_record.clock, samples, payload, checksum "
           "FROM event_record JOIN edge ON edge.id = edge WHERE quarantined = 1 ORDER BY arrived, sequence"))
    events.push_back({row.text(0),
                      row.text(1),
                      {{{id_from<Epoch>(row.text(2)), Stream::event}, u64(row.integer(3))},
                       static_cast<Kind>(row.integer(4)),
                       wall_from_ms(row.integer(5)),
                       mono_from_ms(row.integer(6)),
                       static_cast<ClockState>(row.integer(7)),
                       static_cast<std::uint32_t>(row.integer(8)),
                       bytes_from(row.text(9)),
                       u64(row.integer(10))}});
  return events;
}

void mark_understood(Database& database, const std::string& edge, const RecordId& id) {
  database.exec("UPDATE event_record SET quarantined = 0 WHERE edge = :p1 AND epoch = :p2 AND sequence = :p3",
                {edge, id.place.epoch.hex(), i64(id.sequence)});
}

void save_definition(Database& database, const std::string& edge, const std::string& payload, WallTime now) {
  database.exec(
      "INSERT INTO definition(hash, payload, edge, arrived) VALUES(:p1, :p2, :p3, :p4) ON CONFLICT(hash) DO NOTHING",
      {hash128(payload).hex(), to_hex(payload), edge, to_ms(now)});
}

std::optional<Definition> load_definition(Database& database, const DefinitionHash& hash) {
  const auto rows = database.query("SELECT payload FROM definition WHERE hash = :p1", {hash.hex()});
  if (rows.empty()) return std::nullopt;
  auto definition = decode_definition(bytes_from(rows.front().text(0)));
  if (!definition) damaged("definition " + hash.hex() + ": " + definition.error().message);
  return std::move(*definition);
}

}  // namespace anlan::collector
