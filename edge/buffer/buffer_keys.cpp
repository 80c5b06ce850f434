#include "edge/buffer/buffer_keys.hpp"

#include <algorithm>

#include "edge/buffer/buffer_rows.hpp"

namespace anlan::edge {
namespace {

constexpr const char* kKeys = "keys";

void set_keys(SQLite::Database& db, const std::vector<std::uint64_t>& keys) {
  std::string list;
  for (const std::uint64_t key : keys) list += (list.empty() ? "" : ",") + key_name(key);
  SQLite::Statement put(db, kPutMeta);
  put_meta(put, kKeys, {{}, list});
}

bool listed(const std::vector<std::uint64_t>& keys, std::uint64_t key) {
  return std::ranges::find(keys, key) != keys.end();
}

/// The values of a table that stand under another key than the current one, put anew under that.
template <class Put>
void rewrite(SQLite::Database& db, const BufferCipher& cipher, const char* table, const char* columns,
             const char* which, const char* statement, Put put) {
  const auto current = cipher.current();
  SQLite::Statement select(db, std::string("SELECT ") + columns + ", encrypted_by FROM " + table + " WHERE " + which +
                                   " AND encrypted_by IS NOT " +
                                   (current ? std::to_string(static_cast<std::int64_t>(*current)) : "NULL"));
  std::vector<std::pair<std::string, StoredValue>> found;
  while (select.executeStep())
    found.emplace_back(select.getColumn(0).getString(), StoredValue{key_at(select, 2), blob(select.getColumn(1))});
  for (auto& [name, stored] : found) {
    SQLite::Statement fresh(db, statement);
    put(fresh, name, cipher.store(table, name, cipher.reveal(table, name, std::move(stored))));
  }
}

}  // namespace

std::vector<std::uint64_t> keys_of(SQLite::Database& db, const BufferCipher& cipher) {
  SQLite::Statement select(db, "SELECT value, checksum, encrypted_by FROM meta WHERE key = ?");
  select.bind(1, kKeys);
  if (!select.executeStep()) return {};
  return required(parse_key_names(meta_from(kKeys, select, cipher)), "list of keys");
}

void note_current_key(SQLite::Database& db, const BufferCipher& cipher) {
  const auto current = cipher.current();
  if (!current) return;
  auto keys = keys_of(db, cipher);
  if (listed(keys, *current)) return;
  keys.push_back(*current);
  set_keys(db, keys);
}

std::vector<std::uint64_t> missing_keys(SQLite::Database& db, const BufferCipher& cipher) {
  auto keys = keys_of(db, cipher);
  std::erase_if(keys, [&](std::uint64_t key) { return cipher.has(key) || !needs_key(db, key); });
  return keys;
}

bool needs_key(SQLite::Database& db, std::uint64_t key) {
  for (const char* table : {"meta", "active", "definition", "record"}) {
    SQLite::Statement select(db, std::string("SELECT 1 FROM ") + table + " WHERE encrypted_by = ? LIMIT 1");
    select.bind(1, static_cast<std::int64_t>(key));
    if (select.executeStep()) return true;
  }
  return false;
}

void settle_keys(SQLite::Database& db, const BufferCipher& cipher) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  const auto before = keys_of(db, cipher);
  auto keys = before;
  std::erase_if(keys, [&](std::uint64_t key) { return !cipher.has(key); });
  if (const auto current = cipher.current(); current && !listed(keys, *current)) keys.push_back(*current);
  if (keys != before) set_keys(db, keys);
  rewrite(db, cipher, "definition", "hash, payload", "true", kPutDefinition, put_definition);
  rewrite(db, cipher, "active", "alert, transition", "true", kPutActive, put_active);
  rewrite(db, cipher, "meta", "key, value", "key = 'engine'", kPutMeta, put_meta);
  transaction.commit();
}

std::string missing_words(const std::string& file, const std::vector<std::uint64_t>& keys) {
  std::string names;
  for (const std::uint64_t key : keys) names += (names.empty() ? "" : ", ") + key_name(key);
  return file + " holds records that were encrypted with key " + names +
         ", which is not configured: give it as key_file or previous_key_file of [buffer]; nothing was changed";
}

}  // namespace anlan::edge
