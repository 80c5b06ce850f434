#include "edge/buffer/sqlite_storage.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "edge/buffer/buffer_schema.hpp"
#include "edge/buffer/quarantine.hpp"
#include "edge/buffer/side_file.hpp"
#include "edge/buffer/sqlite_remains.hpp"
#include "edge/buffer/sqlite_tables.hpp"

namespace anlan::edge {
namespace {

constexpr int kSumsSince = 2, kKeysSince = 3;  // the versions in which rows got checksums, and keys

}  // namespace

SqliteStorage::SqliteStorage(std::string file, std::string edge, BufferKeys keys)
    : file_(std::move(file)), edge_(std::move(edge)), keys_(std::move(keys)), side_file_(file_ + ".marks", edge_) {}
SqliteStorage::~SqliteStorage() = default;

Result<void> SqliteStorage::connect() {
  tables_.reset();
  auto db = database();
  if (!db) return fail(db.error());
  auto rows = std::make_unique<SqliteTables>(std::move(*db), BufferCipher(edge_, keys_));
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
  tables_ = std::move(rows);
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
Result<void> SqliteStorage::take_keys(SqliteTables& rows) {
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
  auto rows = std::make_unique<SqliteTables>(std::move(*db), BufferCipher("", {}));
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
  storage->tables_ = std::move(rows);
  return storage;
}

template <class F>
auto SqliteStorage::guarded(std::string_view doing, F f) -> Result<decltype(f())> {
  if (!tables_) return fail(Errc::storage_corrupt, std::string(doing) + ": " + file_ + " is damaged");
  return tables_->guarded(doing, std::move(f));
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
  if (!tables_) return std::filesystem::file_size(file_, none) == 0 && !none;
  const auto epochs = tables_->guarded("looking for epochs",
                                       [&] { return tables_->db.execAndGet("SELECT count(*) FROM epoch").getInt(); });
  return epochs && *epochs == 0;
}

Result<void> SqliteStorage::replace(WallTime now) {
  const bool begun = !unbegun();
  tables_.reset();
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
  return guarded("reading the buffer", [&] { return tables_->meta("edge").value_or(""); });
}

Result<Storage::Loaded> SqliteStorage::load() {
  return guarded("reading the buffer", [&] {
    SQLite::Transaction one_look(tables_->db);
    Loaded loaded;
    tables_->load_epochs(loaded.ledger);
    tables_->load_places(loaded.ledger);
    SQLite::Statement active(tables_->db, "SELECT " + tables_->columns("alert, transition") + " FROM active");
    while (active.executeStep()) {
      AlertTransition transition = active_from(active, tables_->cipher, tables_->sums);
      loaded.ledger.active[transition.alert] = std::move(transition);
    }
    if (tables_->sums && tables_->meta("active").value_or("0") != std::to_string(loaded.ledger.active.size()))
      throw Damaged{"an active alert is missing"};
    const std::string store = tables_->meta("store").value_or("");
    if (!store.empty()) {
      loaded.ledger.store = {required(StoreId::from_hex(store), "store id"),
                             required(Generation::from_hex(tables_->meta("generation").value_or("")), "generation")};
      if (const auto token = tables_->meta("token").value_or(""); !token.empty())
        loaded.ledger.token = required(Token::from_hex(token), "token");
      loaded.ledger.gone_due = tables_->meta("gone_due") == "1";
    }
    loaded.engine_state = tables_->meta("engine").value_or("");
    return loaded;
  });
}

Result<void> SqliteStorage::apply(const Ledger& after, const Changes& changes) {
  const auto done = guarded("committing", [&] {
    SQLite::Transaction transaction(tables_->db, SQLite::TransactionBehavior::IMMEDIATE);
    tables_->save(after, changes);
    transaction.commit();
    return true;
  });
  if (!done) {
    if (tables_) {  // they may speak of what was rolled back
      tables_->numbers.clear();
      tables_->key_noted = false;
      tables_->active.reset();
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
      auto& select = tables_->prepared(
          std::string("SELECT sequence, kind, wall, mono, clock, samples, checksum, payload") + tables_->key() +
          " FROM record WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ? ORDER BY sequence");
      select.bind(1, tables_->number(place.epoch));
      select.bind(2, static_cast<int>(place.stream));
      select.bind(3, signed64(range.first));
      select.bind(4, signed64(std::min<std::uint64_t>(range.last, INT64_MAX)));
      while (out.size() < most && bytes < most_bytes && select.executeStep()) {
        Record record = tables_->cipher.reveal(record_from(select, place, 0));
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
        tables_->db,
        std::string("SELECT id, sequence, kind, wall, mono, clock, samples, record.checksum, payload") +
            tables_->key() +
            " FROM record JOIN epoch ON number = record.epoch WHERE stream = 1 AND kind <> 1 AND kind IN (" + list +
            ") ORDER BY ordinal, sequence");
    std::vector<Record> out;
    while (select.executeStep())
      out.push_back(tables_->cipher.reveal(record_from(
          select, {required(Epoch::from_hex(select.getColumn(0).getString()), "epoch id"), Stream::event}, 1)));
    return out;
  });
}

Result<RangesByPlace> SqliteStorage::sequences_of(Kind kind) {
  return guarded("looking for records", [&] {
    auto& select = tables_->prepared(
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
      auto& select = tables_->prepared(
          "SELECT coalesce(sum(length(payload)), 0), count(*), count(encrypted_by) FROM record "
          "WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ?");
      select.bind(1, tables_->number(place.epoch));
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
        tables_->prepared(std::string("SELECT hash, payload") + tables_->key() + " FROM definition WHERE hash = ?");
    select.bind(1, hash.hex());
    std::optional<std::string> payload;
    if (select.executeStep()) payload = definition_from(select, tables_->cipher);
    select.reset();
    return payload;
  });
}

}  // namespace anlan::edge
