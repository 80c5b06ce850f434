// The tables of buffer.db as a ledger and its rows: what a transaction reads and writes. Private to SqliteStorage,
// which has the file and its life.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/io/sqlite.hpp"
#include "edge/buffer/buffer_cipher.hpp"
#include "edge/buffer/buffer_keys.hpp"
#include "edge/buffer/buffer_rows.hpp"
#include "edge/buffer/storage.hpp"

namespace anlan::edge {

/// Whether damage of the file is what SQLite met: our statements are constants that fit our schema, and our rows fit
/// the ledger. Where it does not know a name, or a row has a key that the ledger calls free, the file is not what was
/// written.
bool file_is_to_blame(SQLite::Database& db, const SQLite::Exception& exception);

/// Functions throw as SQLiteCpp does, Damaged and KeyMissing: call them in guarded(), those that write in a
/// transaction.
struct SqliteTables {
  SQLite::Database db;
  BufferCipher cipher;
  bool sums = true, keys = true;                             // false: a file of version 1 or 2 that is only looked at
  bool key_noted = false;                                    // the file lists the current key
  std::optional<std::map<AlertId, AlertTransition>> active;  // as the table has it; nullopt: not known
  std::map<Epoch, std::int64_t> numbers;                     // short names of epochs inside the file
  std::map<std::string, SQLite::Statement, std::less<>> statements;

  SqliteTables(SQLite::Database opened, BufferCipher c) : db(std::move(opened)), cipher(std::move(c)) {}

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

}  // namespace anlan::edge
