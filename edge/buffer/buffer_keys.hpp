// Which keys a buffer's file needs, and the change from one to the next (docs/formats/buffer-db.md, "Encryption").
// Each function throws as SQLiteCpp does, and Damaged.
#pragma once

#include <cstdint>
#include <vector>

#include "common/io/sqlite.hpp"
#include "edge/buffer/buffer_cipher.hpp"

namespace anlan::edge {

/// The keys that the file says it was ever encrypted with, until they are forgotten.
std::vector<std::uint64_t> keys_of(SQLite::Database& db, const BufferCipher& cipher);

/// Says in the file that values may be encrypted with the current key. In the transaction that first does it.
void note_current_key(SQLite::Database& db, const BufferCipher& cipher);

/// Those that rows need and `cipher` has not. Where one is listed that it has not, this looks at every row.
std::vector<std::uint64_t> missing_keys(SQLite::Database& db, const BufferCipher& cipher);

/// Whether any row is encrypted with this key.
bool needs_key(SQLite::Database& db, std::uint64_t key);

/// After missing_keys() said none: what no receipt ever frees (definitions, active alerts, the engine's state) stands
/// under the current key then, or in the clear where there is none, and keys that no row needs are forgotten. One
/// transaction, which writes nothing where nothing is to be changed.
void settle_keys(SQLite::Database& db, const BufferCipher& cipher);

/// The words for people about keys that are needed and not there.
std::string missing_words(const std::string& file, const std::vector<std::uint64_t>& keys);

}  // namespace anlan::edge
