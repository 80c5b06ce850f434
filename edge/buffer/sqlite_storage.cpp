#include "edge/buffer/sqlite_storage.hpp"

#include <algorithm>
#include <map>

#include <sqlite3.h>

#include "common/io/sqlite.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer_rows.hpp"
#include "edge/buffer/buffer_schema.hpp"
#include "edge/buffer/quarantine.hpp"
#include "edge/buffer/side_file.hpp"
#include "edge/buffer/sqlite_remains.hpp"

namespace anlan::edge {
namespace {

std::int64_t signed64(std::uint64_t v) { return static_cast<std::int64_t>(v); }
std::uint64_t unsigned64(std::int64_t v) { return static_cast<std::uint64_t>(v); }

constexpr int kSumsSince = 2;  // the version in which rows got checksums

/// Our statements are constants that fit our schema, and our rows fit the ledger: where SQLite does not know a name, or
/// a key is taken, the file is not what was written.
Error blamed_on_the_file(Error error, const SQLite::Exception& exception) {
  switch (exception.getErrorCode()) {
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      error.code = Errc::storage_corrupt;
  }
  return error;
}

}  // namespace

struct SqliteStorage::Rows {
  SQLite::Database db;
  bool sums = true;                       // false: a file of version 1 that is only looked at
  std::map<Epoch, std::int64_t> numbers;  // short names of epochs inside the file
  std::map<std::string, SQLite::Statement, std::less<>> statements;

  explicit Rows(SQLite::Database opened) : db(std::move(opened)) {}

  /// The column of that name, or NULL where the file has none.
  const char* sum(const char* column) const { return sums ? column : "NULL"; }

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
    auto& select = prepared(sums ? "SELECT value, checksum FROM meta WHERE key = ?"
                                 : "SELECT value, NULL FROM meta WHERE key = ?");
    select.bind(1, key);
    std::optional<std::string> value;
    if (select.executeStep()) value = meta_from(key, select, sums);
    select.reset();
    return value;
  }

  void set_meta(const char* key, const std::string& value) {
    auto& put = prepared("INSERT OR REPLACE INTO meta(key, value, checksum) VALUES(?, ?, ?)");
    put.bind(1, key);
    put.bind(2, value.data(), static_cast<int>(value.size()));
    put.bind(3, meta_sum(key, value));
    put.exec();
  }

  /// SQLite's and our own kinds of damage become errors; anything else is a bug and flies on.
  template <class F>
  auto guarded(std::string_view doing, F f) -> Result<decltype(f())> {
    try {
      return f();
    } catch (const SQLite::Exception& e) {
      return fail(blamed_on_the_file(to_error(e, doing), e));
    } catch (const Damaged& e) {
      return fail(Errc::storage_corrupt, std::string(doing) + ": " + e.what);
    }
  }

  void seal();
  void load_epochs(Ledger& ledger);
  void load_places(Ledger& ledger);
  void save(const Ledger& after, const Changes& changes);
  void save_places(const Ledger& after, const Changes& changes);
  void save_rows(const Changes& changes);
};

/// Rows of version 1 are given their checksums, once, in the transaction that forgets that they had none.
void SqliteStorage::Rows::seal() {
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
      db, std::string("SELECT number, id, ordinal, ") + sum("checksum") + " FROM epoch ORDER BY ordinal");
  while (select.executeStep()) {
    const auto [number, entry] = epoch_from(select, sums);
    numbers[entry.epoch] = number;
    ledger.epochs.push_back(entry);
  }
}

void SqliteStorage::Rows::load_places(Ledger& ledger) {
  SQLite::Statement select(db, std::string("SELECT epoch, stream, next, received, held, bytes, samples, ") +
                                   sum("checksum") + " FROM place");
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
  if (changes.active) {
    prepared("DELETE FROM active").exec();
    set_meta("active", std::to_string(after.active.size()));  // a damaged page may hide a row
    for (const auto& [id, transition] : after.active) {
      const std::string payload = encode_payload(transition);
      auto& put = prepared("INSERT INTO active(alert, transition, checksum) VALUES(?, ?, ?)");
      put.bind(1, id.hex());
      put.bind(2, payload.data(), static_cast<int>(payload.size()));
      put.bind(3, active_sum(id.hex(), payload));
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

SqliteStorage::SqliteStorage(std::string file, std::string edge)
    : file_(std::move(file)), edge_(std::move(edge)), side_file_(file_ + ".marks", edge_) {}
SqliteStorage::~SqliteStorage() = default;

Result<void> SqliteStorage::connect() {
  rows_.reset();
  finish_move(file_);
  auto db = open_sqlite(file_, buffer_schema());
  if (!db) return fail(db.error());
  auto rows = std::make_unique<Rows>(std::move(*db));
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
  rows_ = std::move(rows);
  return {};
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open(const std::string& file, const std::string& edge) {
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage(file, edge));
  auto connected = storage->connect();
  if (!connected && connected.error().code != Errc::storage_corrupt) return fail(std::move(connected.error()));
  return storage;
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open_read_only(const std::string& file) {
  auto db = open_sqlite_read_only(file);
  if (!db) return fail(db.error());
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage(file, ""));
  storage->rows_ = std::make_unique<Rows>(std::move(*db));
  Rows& rows = *storage->rows_;
  const auto version = rows.guarded("reading the buffer", [&] {
    rows.sums = rows.db.execAndGet("PRAGMA user_version").getInt() >= kSumsSince &&
                rows.db.execAndGet("SELECT count(*) FROM meta WHERE key = 'unsealed'").getInt() == 0;
    return rows.sums;
  });
  if (!version) return fail(version.error());
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

Result<void> SqliteStorage::set_marks(const std::vector<EpochEnd>& ends) { return side_file_.write(ends); }

Result<void> SqliteStorage::replace(WallTime now) {
  rows_.reset();
  if (auto moved = put_aside(file_, now); !moved) {
    (void)connect();  // as before
    return moved;
  }
  return connect();
}

std::unique_ptr<Remains> SqliteStorage::remains() {
  const auto folder = not_taken_over(file_);
  return folder ? open_remains(*folder, edge_) : nullptr;
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
    SQLite::Statement active(rows_->db,
                             std::string("SELECT alert, transition, ") + rows_->sum("checksum") + " FROM active");
    while (active.executeStep()) {
      AlertTransition transition = active_from(active, rows_->sums);
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
    if (rows_) rows_->numbers.clear();  // may name an epoch whose row was rolled back
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
          "SELECT sequence, kind, wall, mono, clock, samples, checksum, payload FROM record "
          "WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ? ORDER BY sequence");
      select.bind(1, rows_->number(place.epoch));
      select.bind(2, static_cast<int>(place.stream));
      select.bind(3, signed64(range.first));
      select.bind(4, signed64(std::min<std::uint64_t>(range.last, INT64_MAX)));
      while (out.size() < most && bytes < most_bytes && select.executeStep()) {
        Record record = record_from(select, place, 0);
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
        rows_->db,
        "SELECT id, sequence, kind, wall, mono, clock, samples, record.checksum, payload FROM record "
        "JOIN epoch ON number = record.epoch WHERE stream = 1 AND kind <> 1 AND kind IN (" +
            list + ") ORDER BY ordinal, sequence");
    std::vector<Record> out;
    while (select.executeStep())
      out.push_back(record_from(
          select, {required(Epoch::from_hex(select.getColumn(0).getString()), "epoch id"), Stream::event}, 1));
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
  return guarded("reading a definition", [&] {
    auto& select = rows_->prepared("SELECT payload FROM definition WHERE hash = ?");
    select.bind(1, hash.hex());
    std::optional<std::string> payload;
    if (select.executeStep()) payload = blob(select.getColumn(0));
    select.reset();
    if (payload && hash128(*payload) != hash) throw Damaged{"definition " + hash.hex()};
    return payload;
  });
}

}  // namespace anlan::edge
