#include "edge/buffer/sqlite_storage.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <utility>

#include <sqlite3.h>

#include "common/io/sqlite.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer_keys.hpp"
#include "edge/buffer/buffer_rows.hpp"
#include "edge/buffer/buffer_schema.hpp"
#include "edge/buffer/quarantine.hpp"
#include "edge/buffer/side_file.hpp"
#include "edge/buffer/sqlite_remains.hpp"

namespace anlan::edge {
namespace {

std::int64_t signed64(std::uint64_t v) { return static_cast<std::int64_t>(v); }
std::uint64_t unsigned64(std::int64_t v) { return static_cast<std::uint64_t>(v); }

constexpr int kSumsSince = 2, kKeysSince = 3;  // the versions in which rows got checksums, and keys

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

/// Our statements are constants that fit our schema, and our rows fit the ledger: where SQLite does not know a name, or
/// a row has a key that the ledger calls free, the file is not what was written.
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

}  // namespace

struct SqliteStorage::Rows {
  SQLite::Database db;
  BufferCipher cipher;
  bool sums = true, keys = true;                             // false: a file of version 1 or 2 that is only looked at
  bool key_noted = false;                                    // the file lists the current key
  std::optional<std::map<AlertId, AlertTransition>> active;  // as the table has it; nullopt: not known
  std::map<Epoch, std::int64_t> numbers;                     // short names of epochs inside the file
  std::map<std::string, SQLite::Statement, std::less<>> statements;

  Rows(SQLite::Database opened, BufferCipher c) : db(std::move(opened)), cipher(std::move(c)) {}

  /// A list of columns that ends with checksum and encrypted_by, or with NULL for what the file has not.
  std::string columns(std::string list) const { return list + (sums ? ", checksum" : ", NULL") + key(); }
  const char* key() const { return keys ? ", encrypted_by" : ", NULL"; }

  SQLite::Statement& prepared(const std::string& sql) {
    auto found = statements.find(sql);
    if (found == statements.end())
      found = statements.emplace(std::piecewise_construct, std::forward_as_tuple(sql), std::forward_as_tuple(db, sql))
                  .first;
    (void)found->second.tryReset();  // says again what its last step said; that was answered then
    found->second.clearBindings();
    return found->second;
  }

  std::int64_t number(const Epoch& epoch) {
    const auto found = numbers.find(epoch);
    if (found != numbers.end()) return found->second;
    auto& select = prepared("SELECT number FROM epoch WHERE id = ?");
    select.bind(1, epoch.hex());
    const std::int64_t value = select.executeStep() ? select.getColumn(0).getInt64() : -1;
    select.reset();
    if (value >= 0) numbers[epoch] = value;
    return value;
  }

  std::optional<std::string> meta(const char* key) {
    auto& select = prepared("SELECT " + columns("value") + " FROM meta WHERE key = ?");
    select.bind(1, key);
    std::optional<std::string> value;
    if (select.executeStep()) value = meta_from(key, select, cipher, sums);
    select.reset();
    return value;
  }

  void set_meta(const char* key, const StoredValue& value) { put_meta(prepared(kPutMeta), key, value); }
  void set_meta(const char* key, std::string value) { set_meta(key, StoredValue{{}, std::move(value)}); }

  /// SQLite's and our own kinds of damage become errors; anything else is a bug and flies on.
  template <class F>
  auto guarded(std::string_view doing, F f) -> Result<decltype(f())> {
    try {
      return f();
    } catch (const SQLite::Exception& e) {
      Error error = to_error(e, doing);
      if (file_is_to_blame(db, e)) error.code = Errc::storage_corrupt;
      return fail(std::move(error));
    } catch (const Damaged& e) {
      return fail(Errc::storage_corrupt, std::string(doing) + ": " + e.what);
    } catch (const KeyMissing& e) {
      return fail(Errc::refused, std::string(doing) + ": " + missing_words("the buffer", {e.key}));
    }
  }

  void seal();
  void load_epochs(Ledger& ledger);
  void load_places(Ledger& ledger);
  void save(const Ledger& after, const Changes& changes);
  void save_places(const Ledger& after, const Changes& changes);
  void save_rows(const Changes& changes);
  void save_active(const std::map<AlertId, AlertTransition>& after);
};

/// Rows of version 1 are given their checksums, once, in the transaction that forgets that they had none.
void SqliteStorage::Rows::seal() {
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

void SqliteStorage::Rows::load_epochs(Ledger& ledger) {
  SQLite::Statement select(
      db, std::string("SELECT number, id, ordinal, ") + (sums ? "checksum" : "NULL") + " FROM epoch ORDER BY ordinal");
  while (select.executeStep()) {
    const auto [number, entry] = epoch_from(select, sums);
    numbers[entry.epoch] = number;
    ledger.epochs.push_back(entry);
  }
}

void SqliteStorage::Rows::load_places(Ledger& ledger) {
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

void SqliteStorage::Rows::save_places(const Ledger& after, const Changes& changes) {
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

void SqliteStorage::Rows::save_rows(const Changes& changes) {
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
void SqliteStorage::Rows::save_active(const std::map<AlertId, AlertTransition>& after) {
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

void SqliteStorage::Rows::save(const Ledger& after, const Changes& changes) {
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

SqliteStorage::SqliteStorage(std::string file, std::string edge, BufferKeys keys)
    : file_(std::move(file)), edge_(std::move(edge)), keys_(std::move(keys)), side_file_(file_ + ".marks", edge_) {}
SqliteStorage::~SqliteStorage() = default;

Result<void> SqliteStorage::connect() {
  rows_.reset();
  auto db = database();
  if (!db) return fail(db.error());
  auto rows = std::make_unique<Rows>(std::move(*db), BufferCipher(edge_, keys_));
  const auto named = rows->guarded("opening " + file_, [&] {
    rows->seal();
    auto owner = rows->meta("edge");
    if (!owner && rows->db.execAndGet("SELECT count(*) FROM epoch").getInt64() > 0)
      throw Damaged{"it does not say whose it is"};
    if (!owner) rows->set_meta("edge", edge_);
    return owner.value_or(edge_);
  });
  if (!named) return fail(named.error());
  if (*named != edge_)
    return fail(Errc::refused, "the buffer " + file_ + " belongs to edge " + *named + ", not " + edge_ +
                                   ": give this edge a data_dir of its own");
  if (auto have = take_keys(*rows); !have) return have;
  rows_ = std::move(rows);
  return {};
}

/// A disk that takes nothing may still be read: then what is there is known.
Result<SQLite::Database> SqliteStorage::database() {
  if (in_memory_) return open_sqlite_in_memory(buffer_schema());
  finish_move(file_);
  auto db = open_sqlite(file_, buffer_schema());
  if (db || db.error().code != Errc::storage_failed) return db;
  auto read_only = open_sqlite_as_it_stands(file_, buffer_schema());
  return read_only ? std::move(read_only) : std::move(db);
}

/// Nothing is written before all keys are there: neither here nor later is a row lost for the want of one.
Result<void> SqliteStorage::take_keys(Rows& rows) {
  const auto missing = rows.guarded("looking for keys", [&] { return missing_keys(rows.db, rows.cipher); });
  if (!missing) return fail(missing.error());
  if (!missing->empty()) return fail(Errc::refused, missing_words(file_, *missing));
  if (const auto folder = in_memory_ ? std::nullopt : not_taken_over(file_))
    if (const auto more = keys_of_remains(*folder, rows.cipher); !more.empty())
      return fail(Errc::refused, missing_words(*folder + "/buffer.db", more) + " (or take that folder away)");
  const auto settled = rows.guarded("changing keys", [&] {
    settle_keys(rows.db, rows.cipher);
    return true;
  });
  if (!settled && settled.error().code == Errc::storage_corrupt) return fail(settled.error());
  return {};  // on a full disk it is done at the next start: everything can be read as it stands
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open(const std::string& file, const std::string& edge,
                                                           BufferKeys keys) {
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage(file, edge, std::move(keys)));
  auto connected = storage->connect();
  if (!connected && connected.error().code != Errc::storage_corrupt) return fail(std::move(connected.error()));
  return storage;
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::in_memory(const std::string& home, const std::string& edge) {
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage(home, edge, {}));
  storage->in_memory_ = true;
  if (auto connected = storage->connect(); !connected) return fail(std::move(connected.error()));
  return storage;
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open_read_only(const std::string& file, BufferKeys keys) {
  auto db = open_sqlite_read_only(file);
  if (!db) return fail(db.error());
  auto rows = std::make_unique<Rows>(std::move(*db), BufferCipher("", {}));
  const auto missing = rows->guarded("reading the buffer", [&] {
    const int version = rows->db.execAndGet("PRAGMA user_version").getInt();
    rows->sums =
        version >= kSumsSince && rows->db.execAndGet("SELECT count(*) FROM meta WHERE key = 'unsealed'").getInt() == 0;
    rows->keys = version >= kKeysSince;
    rows->cipher = BufferCipher(rows->meta("edge").value_or(""), keys);
    return rows->keys ? missing_keys(rows->db, rows->cipher) : std::vector<std::uint64_t>();
  });
  if (!missing) return fail(missing.error());
  if (!missing->empty()) return fail(Errc::refused, missing_words(file, *missing));
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage(file, rows->cipher.edge(), std::move(keys)));
  storage->rows_ = std::move(rows);
  return storage;
}

template <class F>
auto SqliteStorage::guarded(std::string_view doing, F f) -> Result<decltype(f())> {
  if (!rows_) return fail(Errc::storage_corrupt, std::string(doing) + ": " + file_ + " is damaged");
  return rows_->guarded(doing, std::move(f));
}

std::optional<std::vector<EpochEnd>> SqliteStorage::marks() {
  auto marks = side_file_.read();
  if (!marks) return std::nullopt;
  return std::move(marks->ends);
}

Result<void> SqliteStorage::set_marks(const std::vector<EpochEnd>& ends) {
  if (!in_memory_) return side_file_.write(ends);
  // Once, where the disk takes so much: the next process knows that there was an epoch which it has not.
  if (!std::exchange(named_, true)) (void)side_file_.write(ends);
  return {};
}

/// A successor that never got its first commit: the rows are in what was put aside before.
bool SqliteStorage::unbegun() {
  std::error_code none;
  if (in_memory_) return false;
  if (!rows_) return std::filesystem::file_size(file_, none) == 0 && !none;
  const auto epochs =
      rows_->guarded("looking for epochs", [&] { return rows_->db.execAndGet("SELECT count(*) FROM epoch").getInt(); });
  return epochs && *epochs == 0;
}

Result<void> SqliteStorage::replace(WallTime now) {
  const bool begun = !unbegun();
  rows_.reset();
  if (in_memory_ || !begun) return connect();
  if (auto moved = put_aside(file_, now); !moved) {
    (void)connect();  // as before
    return moved;
  }
  return connect();
}

std::unique_ptr<Remains> SqliteStorage::remains() {
  const auto folder = in_memory_ ? std::nullopt : not_taken_over(file_);
  return folder ? open_remains(*folder, BufferCipher(edge_, keys_)) : nullptr;
}

Result<std::string> SqliteStorage::edge() {
  return guarded("reading the buffer", [&] { return rows_->meta("edge").value_or(""); });
}

Result<Storage::Loaded> SqliteStorage::load() {
  return guarded("reading the buffer", [&] {
    SQLite::Transaction one_look(rows_->db);
    Loaded loaded;
    rows_->load_epochs(loaded.ledger);
    rows_->load_places(loaded.ledger);
    SQLite::Statement active(rows_->db, "SELECT " + rows_->columns("alert, transition") + " FROM active");
    while (active.executeStep()) {
      AlertTransition transition = active_from(active, rows_->cipher, rows_->sums);
      loaded.ledger.active[transition.alert] = std::move(transition);
    }
    if (rows_->sums && rows_->meta("active").value_or("0") != std::to_string(loaded.ledger.active.size()))
      throw Damaged{"an active alert is missing"};
    const std::string store = rows_->meta("store").value_or("");
    if (!store.empty()) {
      loaded.ledger.store = {required(StoreId::from_hex(store), "store id"),
                             required(Generation::from_hex(rows_->meta("generation").value_or("")), "generation")};
      if (const auto token = rows_->meta("token").value_or(""); !token.empty())
        loaded.ledger.token = required(Token::from_hex(token), "token");
      loaded.ledger.gone_due = rows_->meta("gone_due") == "1";
    }
    loaded.engine_state = rows_->meta("engine").value_or("");
    return loaded;
  });
}

Result<void> SqliteStorage::apply(const Ledger& after, const Changes& changes) {
  const auto done = guarded("committing", [&] {
    SQLite::Transaction transaction(rows_->db, SQLite::TransactionBehavior::IMMEDIATE);
    rows_->save(after, changes);
    transaction.commit();
    return true;
  });
  if (!done) {
    if (rows_) {  // they may speak of what was rolled back
      rows_->numbers.clear();
      rows_->key_noted = false;
      rows_->active.reset();
    }
    return fail(done.error());
  }
  return {};
}

Result<std::vector<Record>> SqliteStorage::read(const Place& place, const RangeSet& wanted, std::size_t most,
                                                std::size_t most_bytes) {
  return guarded("reading records", [&] {
    std::vector<Record> out;
    std::size_t bytes = 0;
    for (const auto& range : wanted.ranges()) {
      auto& select = rows_->prepared(
          std::string("SELECT sequence, kind, wall, mono, clock, samples, checksum, payload") + rows_->key() +
          " FROM record WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ? ORDER BY sequence");
      select.bind(1, rows_->number(place.epoch));
      select.bind(2, static_cast<int>(place.stream));
      select.bind(3, signed64(range.first));
      select.bind(4, signed64(std::min<std::uint64_t>(range.last, INT64_MAX)));
      while (out.size() < most && bytes < most_bytes && select.executeStep()) {
        Record record = rows_->cipher.reveal(record_from(select, place, 0));
        const std::uint64_t sequence = record.id.sequence;
        // A flipped key: what is deleted or void by that sequence would be another row.
        if (sequence < range.first || sequence >= range.last || (!out.empty() && out.back().id.sequence >= sequence))
          throw Damaged{"record " + std::to_string(sequence) + " does not stand in its place"};
        out.push_back(std::move(record));
        bytes += out.back().payload.size();
      }
      select.reset();
      if (out.size() >= most || bytes >= most_bytes) break;
    }
    return out;
  });
}

Result<std::vector<Record>> SqliteStorage::read_events(const std::set<Kind>& kinds) {
  return guarded("reading events", [&] {
    std::string list;
    for (const Kind kind : kinds) list += (list.empty() ? "" : ",") + std::to_string(static_cast<std::uint32_t>(kind));
    SQLite::Statement select(
        rows_->db, std::string("SELECT id, sequence, kind, wall, mono, clock, samples, record.checksum, payload") +
                       rows_->key() +
                       " FROM record JOIN epoch ON number = record.epoch WHERE stream = 1 AND kind <> 1 AND kind IN (" +
                       list + ") ORDER BY ordinal, sequence");
    std::vector<Record> out;
    while (select.executeStep())
      out.push_back(rows_->cipher.reveal(record_from(
          select, {required(Epoch::from_hex(select.getColumn(0).getString()), "epoch id"), Stream::event}, 1)));
    return out;
  });
}

Result<RangesByPlace> SqliteStorage::sequences_of(Kind kind) {
  return guarded("looking for records", [&] {
    auto& select = rows_->prepared(
        "SELECT id, stream, sequence FROM record JOIN epoch ON number = record.epoch WHERE kind <> 1 AND kind = ?");
    select.bind(1, static_cast<std::uint32_t>(kind));
    RangesByPlace found;
    while (select.executeStep())
      found[{required(Epoch::from_hex(select.getColumn(0).getString()), "epoch id"),
             stream_from(select.getColumn(1).getInt())}]
          .add(unsigned64(select.getColumn(2).getInt64()));
    select.reset();
    return found;
  });
}

Result<std::uint64_t> SqliteStorage::bytes_of(const Place& place, const RangeSet& ranges) {
  return guarded("measuring records", [&] {
    std::uint64_t sum = 0;
    for (const auto& range : ranges.ranges()) {
      auto& select = rows_->prepared(
          "SELECT coalesce(sum(length(payload)), 0), count(*), count(encrypted_by) FROM record "
          "WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ?");
      select.bind(1, rows_->number(place.epoch));
      select.bind(2, static_cast<int>(place.stream));
      select.bind(3, signed64(range.first));
      select.bind(4, signed64(std::min<std::uint64_t>(range.last, INT64_MAX)));
      select.executeStep();
      sum += unsigned64(select.getColumn(0).getInt64()) + row_bytes(0) * unsigned64(select.getColumn(1).getInt64()) -
             BufferCipher::kRecordOverhead * unsigned64(select.getColumn(2).getInt64());
      select.reset();
    }
    return sum;
  });
}

Result<std::optional<std::string>> SqliteStorage::definition(const DefinitionHash& hash) {
  return guarded("reading a definition", [&] {
    auto& select =
        rows_->prepared(std::string("SELECT hash, payload") + rows_->key() + " FROM definition WHERE hash = ?");
    select.bind(1, hash.hex());
    std::optional<std::string> payload;
    if (select.executeStep()) payload = definition_from(select, rows_->cipher);
    select.reset();
    return payload;
  });
}

}  // namespace anlan::edge
