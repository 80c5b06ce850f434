#include "edge/buffer/sqlite_tables.hpp"

#include <algorithm>
#include <array>

#include <sqlite3.h>

#include "common/wire/codec.hpp"
#include "edge/buffer/buffer_schema.hpp"

namespace anlan::edge {
namespace {

/// Every name that our statements use.
constexpr std::array kNames{
    "SELECT key, value, checksum, encrypted_by FROM meta",
    "SELECT number, id, ordinal, checksum FROM epoch",
    "SELECT epoch, stream, next, received, held, bytes, samples, checksum FROM place",
    "SELECT epoch, stream, sequence, kind, wall, mono, clock, samples, checksum, payload, encrypted_by FROM record",
    "SELECT alert, transition, checksum, encrypted_by FROM active",
    "SELECT hash, payload, encrypted_by FROM definition"};

bool schema_fits(SQLite::Database& db) {
  try {
    for (const char* names : kNames) SQLite::Statement(db, names);
    return true;
  } catch (const SQLite::Exception&) {
    return false;
  }
}

}  // namespace

bool file_is_to_blame(SQLite::Database& db, const SQLite::Exception& exception) {
  switch (exception.getErrorCode()) {
    case SQLITE_ERROR:
      return !schema_fits(db);
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return true;
    default:
      return false;
  }
}

/// Rows of version 1 are given their checksums, once, in the transaction that forgets that they had none.
void SqliteTables::seal() {
  if (db.execAndGet("SELECT count(*) FROM meta WHERE key = 'unsealed'").getInt() == 0) return;
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  SQLite::Statement unsealed(db, "DELETE FROM meta WHERE key = 'unsealed'");
  if (unsealed.exec() == 0) return;
  const auto give = [&](const char* select, const char* update, auto sum_of) {
    SQLite::Statement rows(db, select);
    std::vector<std::pair<std::string, std::int64_t>> found;
    while (rows.executeStep()) found.emplace_back(rows.getColumn(0).getString(), sum_of(rows));
    SQLite::Statement put(db, update);
    for (const auto& [key, value] : found) {
      put.reset();
      put.bind(1, value);
      put.bind(2, key);
      put.exec();
    }
  };
  give("SELECT key, value FROM meta", "UPDATE meta SET checksum = ? WHERE key = ?",
       [](auto& row) { return meta_sum(row.getColumn(0).getString(), blob(row.getColumn(1))); });
  give("SELECT id, number, ordinal FROM epoch", "UPDATE epoch SET checksum = ? WHERE id = ?", [](auto& row) {
    return epoch_sum(row.getColumn(1).getInt64(), row.getColumn(0).getString(),
                     unsigned64(row.getColumn(2).getInt64()));
  });
  give("SELECT alert, transition FROM active", "UPDATE active SET checksum = ? WHERE alert = ?",
       [](auto& row) { return active_sum(row.getColumn(0).getString(), blob(row.getColumn(1))); });
  for (const Stream stream : kStreams) {
    const std::string number = std::to_string(static_cast<int>(stream));
    give(("SELECT epoch, stream, next, received, held, bytes, samples FROM place WHERE stream = " + number).c_str(),
         ("UPDATE place SET checksum = ? WHERE epoch = ? AND stream = " + number).c_str(), [](auto& row) {
           const auto [own, state] = place_from(row, false);
           return place_sum(row.getColumn(0).getInt64(), own, state);
         });
  }
  set_meta("active", db.execAndGet("SELECT count(*) FROM active").getString());
  transaction.commit();
}

void SqliteTables::load_epochs(Ledger& ledger) {
  SQLite::Statement select(
      db, std::string("SELECT number, id, ordinal, ") + (sums ? "checksum" : "NULL") + " FROM epoch ORDER BY ordinal");
  while (select.executeStep()) {
    const auto [number, entry] = epoch_from(select, sums);
    numbers[entry.epoch] = number;
    ledger.epochs.push_back(entry);
  }
}

void SqliteTables::load_places(Ledger& ledger) {
  SQLite::Statement select(db, std::string("SELECT epoch, stream, next, received, held, bytes, samples, ") +
                                   (sums ? "checksum" : "NULL") + " FROM place");
  while (select.executeStep()) {
    auto [stream, state] = place_from(select, sums);
    const auto named =
        std::ranges::find(numbers, select.getColumn(0).getInt64(), [](const auto& entry) { return entry.second; });
    if (named == numbers.end()) throw Damaged{"a place of no epoch"};
    ledger.places[{named->first, stream}] = std::move(state);
  }
  for (const auto& entry : ledger.epochs)  // a damaged page may hide a row
    for (const Stream stream : kStreams)
      if (!ledger.places.contains({entry.epoch, stream})) throw Damaged{"a stream of an epoch is missing"};
}

void SqliteTables::save_places(const Ledger& after, const Changes& changes) {
  for (const Place& place : changes.places) {
    const PlaceState& state = after.at(place);
    auto& put = prepared(
        "INSERT OR REPLACE INTO place(epoch, stream, next, received, held, bytes, samples, checksum) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    put.bind(1, number(place.epoch));
    put.bind(8, place_sum(number(place.epoch), place.stream, state));
    put.bind(2, static_cast<int>(place.stream));
    put.bind(3, signed64(state.next));
    put.bind(4, state.received.str());
    put.bind(5, state.held.str());
    put.bind(6, signed64(state.bytes));
    put.bind(7, signed64(state.samples));
    put.exec();
  }
}

void SqliteTables::save_rows(const Changes& changes) {
  for (const auto& [place, ranges] : changes.removed)
    for (const auto& range : ranges.ranges()) {
      auto& remove = prepared("DELETE FROM record WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ?");
      remove.bind(1, number(place.epoch));
      remove.bind(2, static_cast<int>(place.stream));
      remove.bind(3, signed64(range.first));
      remove.bind(4, signed64(range.last));
      remove.exec();
    }
  for (const Record& record : changes.added) {
    const std::int64_t epoch = number(record.id.place.epoch);
    const auto encrypted = cipher.current() ? std::optional(cipher.store(record)) : std::nullopt;
    put_record(prepared(kPutRecord), epoch, cipher.current(), encrypted ? encrypted->record : record);
  }
}

/// Only what differs is written: one alert of a thousand costs one row.
void SqliteTables::save_active(const std::map<AlertId, AlertTransition>& after) {
  if (!active) prepared("DELETE FROM active").exec();
  auto before = std::exchange(active, std::nullopt).value_or(std::map<AlertId, AlertTransition>());
  for (const auto& [id, transition] : after) {
    const auto was = before.find(id);
    if (was == before.end() || !(was->second == transition))
      put_active(prepared(kPutActive), id.hex(), cipher.store("active", id.hex(), encode_payload(transition)));
    if (was != before.end()) before.erase(was);
  }
  for (const auto& [id, transition] : before) {
    auto& remove = prepared("DELETE FROM active WHERE alert = ?");
    remove.bind(1, id.hex());
    remove.exec();
  }
  set_meta("active", std::to_string(after.size()));  // a damaged page may hide a row
  active = after;
}

void SqliteTables::save(const Ledger& after, const Changes& changes) {
  if (!std::exchange(key_noted, true)) note_current_key(db, cipher);
  if (changes.epochs)
    for (const auto& entry : after.epochs) {
      if (number(entry.epoch) >= 0) continue;
      const std::int64_t next = db.execAndGet("SELECT coalesce(max(number), 0) + 1 FROM epoch").getInt64();
      auto& put = prepared("INSERT INTO epoch(number, id, ordinal, checksum) VALUES(?, ?, ?, ?)");
      put.bind(1, next);
      put.bind(2, entry.epoch.hex());
      put.bind(3, signed64(entry.ordinal));
      put.bind(4, epoch_sum(next, entry.epoch.hex(), entry.ordinal));
      put.exec();
    }
  save_rows(changes);
  save_places(after, changes);
  if (changes.active) save_active(after.active);
  for (const auto& [hash, payload] : changes.definitions) {
    auto& known = prepared("SELECT 1 FROM definition WHERE hash = ?");
    known.bind(1, hash.hex());
    const bool is_new = !known.executeStep();
    known.reset();
    if (is_new) put_definition(prepared(kPutDefinition), hash.hex(), cipher.store("definition", hash.hex(), payload));
  }
  if (changes.engine_state) set_meta("engine", cipher.store("meta", "engine", *changes.engine_state));
  if (changes.greeting) {
    set_meta("store", after.store ? after.store->id.hex() : "");
    set_meta("generation", after.store ? after.store->generation.hex() : "");
    set_meta("token", after.token ? after.token->hex() : "");
    set_meta("gone_due", after.gone_due ? "1" : "0");
  }
}

}  // namespace anlan::edge
