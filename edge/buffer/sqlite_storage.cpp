#include "edge/buffer/sqlite_storage.hpp"

#include <algorithm>
#include <map>

#include "common/io/sqlite.hpp"
#include "common/wire/codec.hpp"

namespace anlan::edge {
namespace {

const std::vector<std::string>& schema() {
  static const std::vector<std::string> steps{R"sql(
    CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE epoch(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ordinal INTEGER NOT NULL);
    CREATE TABLE place(epoch INTEGER NOT NULL REFERENCES epoch, stream INTEGER NOT NULL, next INTEGER NOT NULL,
                       received TEXT NOT NULL, held TEXT NOT NULL, bytes INTEGER NOT NULL, samples INTEGER NOT NULL,
                       PRIMARY KEY(epoch, stream)) WITHOUT ROWID;
    CREATE TABLE record(epoch INTEGER NOT NULL, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL,
                        wall INTEGER NOT NULL, mono INTEGER NOT NULL, clock INTEGER NOT NULL, samples INTEGER NOT NULL,
                        checksum INTEGER NOT NULL, payload BLOB NOT NULL,
                        PRIMARY KEY(epoch, stream, sequence)) WITHOUT ROWID;
    CREATE TABLE active(alert TEXT PRIMARY KEY, transition BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE definition(hash TEXT PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID;
  )sql"};
  return steps;
}

std::int64_t signed64(std::uint64_t v) { return static_cast<std::int64_t>(v); }
std::uint64_t unsigned64(std::int64_t v) { return static_cast<std::uint64_t>(v); }

std::string blob(const SQLite::Column& column) {
  const void* data = column.getBlob();
  return {static_cast<const char*>(data), data ? static_cast<std::size_t>(column.getBytes()) : 0};
}

/// A stored value that does not read back: the file is damaged in a way SQLite cannot see.
struct Damaged {
  std::string what;
};

template <class T>
T required(std::optional<T> value, const char* what) {
  if (!value) throw Damaged{what};
  return *value;
}

Stream stream_from(int number) {
  for (const Stream stream : kStreams)
    if (static_cast<int>(stream) == number) return stream;
  throw Damaged{"stream " + std::to_string(number)};
}

RangeSet ranges_from(const std::string& text) {
  auto parsed = RangeSet::parse(text);
  if (!parsed) throw Damaged{parsed.error().message};
  return std::move(*parsed);
}

}  // namespace

struct SqliteStorage::Rows {
  SQLite::Database db;
  std::map<Epoch, std::int64_t> numbers;  // short names of epochs inside the file
  std::map<std::string, SQLite::Statement, std::less<>> statements;

  explicit Rows(SQLite::Database opened) : db(std::move(opened)) {}

  SQLite::Statement& prepared(const char* sql) {
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
    auto& select = prepared("SELECT value FROM meta WHERE key = ?");
    select.bind(1, key);
    std::optional<std::string> value;
    if (select.executeStep()) value = blob(select.getColumn(0));
    select.reset();
    return value;
  }

  void set_meta(const char* key, const std::string& value) {
    auto& put = prepared("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)");
    put.bind(1, key);
    put.bind(2, value.data(), static_cast<int>(value.size()));
    put.exec();
  }

  /// SQLite's and our own kinds of damage become errors; anything else is a bug and flies on.
  template <class F>
  auto guarded(std::string_view doing, F f) -> Result<decltype(f())> {
    try {
      return f();
    } catch (const SQLite::Exception& e) {
      return fail(to_error(e, doing));
    } catch (const Damaged& e) {
      return fail(Errc::storage_corrupt, std::string(doing) + ": " + e.what);
    }
  }

  Record record_from(SQLite::Statement& row, const Place& place, int from) {
    return {{place, unsigned64(row.getColumn(from).getInt64())},
            static_cast<Kind>(row.getColumn(from + 1).getUInt()),
            wall_from_ms(row.getColumn(from + 2).getInt64()),
            mono_from_ms(row.getColumn(from + 3).getInt64()),
            static_cast<ClockState>(row.getColumn(from + 4).getInt()),
            row.getColumn(from + 5).getUInt(),
            blob(row.getColumn(from + 7)),
            unsigned64(row.getColumn(from + 6).getInt64())};
  }

  void load_epochs(Ledger& ledger);
  void load_places(Ledger& ledger);
  void save(const Ledger& after, const Changes& changes);
  void save_places(const Ledger& after, const Changes& changes);
  void save_rows(const Changes& changes);
};

void SqliteStorage::Rows::load_epochs(Ledger& ledger) {
  SQLite::Statement select(db, "SELECT number, id, ordinal FROM epoch ORDER BY ordinal");
  while (select.executeStep()) {
    const auto epoch = required(Epoch::from_hex(select.getColumn(1).getString()), "epoch id");
    numbers[epoch] = select.getColumn(0).getInt64();
    ledger.epochs.push_back({epoch, unsigned64(select.getColumn(2).getInt64())});
  }
}

void SqliteStorage::Rows::load_places(Ledger& ledger) {
  SQLite::Statement select(
      db, "SELECT id, stream, next, received, held, bytes, samples FROM place JOIN epoch ON number = epoch");
  while (select.executeStep()) {
    const Place place{required(Epoch::from_hex(select.getColumn(0).getString()), "epoch id"),
                      stream_from(select.getColumn(1).getInt())};
    ledger.places[place] = {unsigned64(select.getColumn(2).getInt64()), ranges_from(select.getColumn(3).getString()),
                            ranges_from(select.getColumn(4).getString()), unsigned64(select.getColumn(5).getInt64()),
                            unsigned64(select.getColumn(6).getInt64())};
  }
}

void SqliteStorage::Rows::save_places(const Ledger& after, const Changes& changes) {
  for (const Place& place : changes.places) {
    const PlaceState& state = after.at(place);
    auto& put = prepared(
        "INSERT OR REPLACE INTO place(epoch, stream, next, received, held, bytes, samples) VALUES(?, ?, ?, ?, ?, ?, "
        "?)");
    put.bind(1, number(place.epoch));
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
    auto& put = prepared(
        "INSERT INTO record(epoch, stream, sequence, kind, wall, mono, clock, samples, checksum, payload) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    put.bind(1, number(record.id.place.epoch));
    put.bind(2, static_cast<int>(record.id.place.stream));
    put.bind(3, signed64(record.id.sequence));
    put.bind(4, static_cast<std::uint32_t>(record.kind));
    put.bind(5, to_ms(record.wall));
    put.bind(6, to_ms(record.mono));
    put.bind(7, static_cast<int>(record.clock));
    put.bind(8, record.samples);
    put.bind(9, signed64(record.checksum));
    put.bindNoCopy(10, record.payload.data(), static_cast<int>(record.payload.size()));
    put.exec();
  }
}

void SqliteStorage::Rows::save(const Ledger& after, const Changes& changes) {
  if (changes.epochs)
    for (const auto& entry : after.epochs) {
      auto& put = prepared("INSERT OR IGNORE INTO epoch(id, ordinal) VALUES(?, ?)");
      put.bind(1, entry.epoch.hex());
      put.bind(2, signed64(entry.ordinal));
      put.exec();
    }
  save_rows(changes);
  save_places(after, changes);
  if (changes.active) {
    prepared("DELETE FROM active").exec();
    for (const auto& [id, transition] : after.active) {
      const std::string payload = encode_payload(transition);
      auto& put = prepared("INSERT INTO active(alert, transition) VALUES(?, ?)");
      put.bind(1, id.hex());
      put.bind(2, payload.data(), static_cast<int>(payload.size()));
      put.exec();
    }
  }
  for (const auto& [hash, payload] : changes.definitions) {
    auto& put = prepared("INSERT OR IGNORE INTO definition(hash, payload) VALUES(?, ?)");
    put.bind(1, hash.hex());
    put.bind(2, payload.data(), static_cast<int>(payload.size()));
    put.exec();
  }
  if (changes.engine_state) set_meta("engine", *changes.engine_state);
  if (changes.greeting) {
    set_meta("store", after.store ? after.store->id.hex() : "");
    set_meta("generation", after.store ? after.store->generation.hex() : "");
    set_meta("token", after.token ? after.token->hex() : "");
    set_meta("gone_due", after.gone_due ? "1" : "0");
  }
}

SqliteStorage::SqliteStorage(std::unique_ptr<Rows> rows) : rows_(std::move(rows)) {}
SqliteStorage::~SqliteStorage() = default;

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open(const std::string& file, const std::string& edge) {
  auto db = open_sqlite(file, schema());
  if (!db) return fail(db.error());
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage(std::make_unique<Rows>(std::move(*db))));
  const auto named = storage->rows_->guarded("naming the buffer", [&] {
    auto owner = storage->rows_->meta("edge");
    if (!owner) storage->rows_->set_meta("edge", edge);
    return owner.value_or(edge);
  });
  if (!named) return fail(named.error());
  if (*named != edge)
    return fail(Errc::refused, "the buffer " + file + " belongs to edge " + *named + ", not " + edge +
                                   ": give this edge a data_dir of its own");
  return storage;
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open_read_only(const std::string& file) {
  auto db = open_sqlite_read_only(file);
  if (!db) return fail(db.error());
  return std::unique_ptr<SqliteStorage>(new SqliteStorage(std::make_unique<Rows>(std::move(*db))));
}

Result<std::string> SqliteStorage::edge() {
  return rows_->guarded("reading the buffer", [&] { return rows_->meta("edge").value_or(""); });
}

Result<Storage::Loaded> SqliteStorage::load() {
  return rows_->guarded("reading the buffer", [&] {
    SQLite::Transaction one_look(rows_->db);
    Loaded loaded;
    rows_->load_epochs(loaded.ledger);
    rows_->load_places(loaded.ledger);
    SQLite::Statement active(rows_->db, "SELECT transition FROM active");
    while (active.executeStep()) {
      auto transition = decode_alert(blob(active.getColumn(0)));
      if (!transition) throw Damaged{"active alert: " + transition.error().message};
      loaded.ledger.active[transition->alert] = std::move(*transition);
    }
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
  const auto done = rows_->guarded("committing", [&] {
    SQLite::Transaction transaction(rows_->db, SQLite::TransactionBehavior::IMMEDIATE);
    rows_->save(after, changes);
    transaction.commit();
    return true;
  });
  if (!done) {
    rows_->numbers.clear();  // may name an epoch whose row was rolled back
    return fail(done.error());
  }
  return {};
}

Result<std::vector<Record>> SqliteStorage::read(const Place& place, const RangeSet& wanted, std::size_t most,
                                                std::size_t most_bytes) {
  return rows_->guarded("reading records", [&] {
    std::vector<Record> out;
    std::size_t bytes = 0;
    for (const auto& range : wanted.ranges()) {
      auto& select = rows_->prepared(
          "SELECT sequence, kind, wall, mono, clock, samples, checksum, payload FROM record "
          "WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ? ORDER BY sequence");
      select.bind(1, rows_->number(place.epoch));
      select.bind(2, static_cast<int>(place.stream));
      select.bind(3, signed64(range.first));
      select.bind(4, signed64(std::min<std::uint64_t>(range.last, INT64_MAX)));
      while (out.size() < most && bytes < most_bytes && select.executeStep()) {
        out.push_back(rows_->record_from(select, place, 0));
        bytes += out.back().payload.size();
      }
      select.reset();
      if (out.size() >= most || bytes >= most_bytes) break;
    }
    return out;
  });
}

Result<std::vector<Record>> SqliteStorage::read_events(const std::set<Kind>& kinds) {
  return rows_->guarded("reading events", [&] {
    std::string list;
    for (const Kind kind : kinds) list += (list.empty() ? "" : ",") + std::to_string(static_cast<std::uint32_t>(kind));
    SQLite::Statement select(rows_->db,
                             "SELECT id, sequence, kind, wall, mono, clock, samples, checksum, payload FROM record "
                             "JOIN epoch ON number = record.epoch WHERE stream = 1 AND kind IN (" +
                                 list + ") ORDER BY ordinal, sequence");
    std::vector<Record> out;
    while (select.executeStep())
      out.push_back(rows_->record_from(
          select, {required(Epoch::from_hex(select.getColumn(0).getString()), "epoch id"), Stream::event}, 1));
    return out;
  });
}

Result<std::uint64_t> SqliteStorage::bytes_of(const Place& place, const RangeSet& ranges) {
  return rows_->guarded("measuring records", [&] {
    std::uint64_t sum = 0;
    for (const auto& range : ranges.ranges()) {
      auto& select = rows_->prepared(
          "SELECT coalesce(sum(length(payload)), 0), count(*) FROM record "
          "WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ?");
      select.bind(1, rows_->number(place.epoch));
      select.bind(2, static_cast<int>(place.stream));
      select.bind(3, signed64(range.first));
      select.bind(4, signed64(std::min<std::uint64_t>(range.last, INT64_MAX)));
      select.executeStep();
      sum += unsigned64(select.getColumn(0).getInt64()) + row_bytes(0) * unsigned64(select.getColumn(1).getInt64());
      select.reset();
    }
    return sum;
  });
}

Result<std::optional<std::string>> SqliteStorage::definition(const DefinitionHash& hash) {
  return rows_->guarded("reading a definition", [&] {
    auto& select = rows_->prepared("SELECT payload FROM definition WHERE hash = ?");
    select.bind(1, hash.hex());
    std::optional<std::string> payload;
    if (select.executeStep()) payload = blob(select.getColumn(0));
    select.reset();
    return payload;
  });
}

}  // namespace anlan::edge
