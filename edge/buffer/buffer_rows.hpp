// Rows of buffer.db to values, each verified by its checksum. What does not fit is thrown as Damaged and never
// believed.
#pragma once

#include <string>
#include <utility>

#include "common/io/sqlite.hpp"
#include "edge/buffer/buffer_cipher.hpp"
#include "edge/buffer/ledger.hpp"

namespace anlan::edge {

// SQLite's integers are signed.
constexpr std::int64_t signed64(std::uint64_t v) { return static_cast<std::int64_t>(v); }
constexpr std::uint64_t unsigned64(std::int64_t v) { return static_cast<std::uint64_t>(v); }

std::string blob(const SQLite::Column& column);

template <class T>
T required(std::optional<T> value, const char* what) {
  if (!value) throw Damaged{what};
  return *value;
}

// Each takes the row's columns in the order of the table. `sums` false: a row of version 1, which has no checksum and
// is believed.
std::pair<std::int64_t, Ledger::EpochEntry> epoch_from(SQLite::Statement& row, bool sums = true);
std::pair<Stream, PlaceState> place_from(SQLite::Statement& row, bool sums = true);
AlertTransition active_from(SQLite::Statement& row, const BufferCipher& cipher, bool sums = true);
std::string meta_from(std::string_view key, SQLite::Statement& row, const BufferCipher& cipher,
                      bool sums = true);  // value, checksum, encrypted_by

/// `hash` names the definition: hash, payload, encrypted_by. Damaged also where its key is missing: no checksum says
/// that the row is whole.
std::string definition_from(SQLite::Statement& row, const BufferCipher& cipher);

std::int64_t place_sum(std::int64_t epoch, Stream stream, const PlaceState& state);

Stream stream_from(std::int64_t number);

/// sequence, kind, wall, mono, clock, samples, checksum, payload, encrypted_by from column `first` on; not verified:
/// the epoch is part of its checksum.
StoredRecord record_from(SQLite::Statement& row, const Place& place, int first);

/// A column of encrypted_by.
std::optional<std::uint64_t> key_at(SQLite::Statement& row, int column);

// ---- values to rows: each binds the statement of its name and steps it

inline constexpr const char* kPutMeta =
    "INSERT OR REPLACE INTO meta(key, value, checksum, encrypted_by) VALUES(?, ?, ?, ?)";
void put_meta(SQLite::Statement& put, std::string_view key, const StoredValue& value);

inline constexpr const char* kPutActive =
    "INSERT OR REPLACE INTO active(alert, transition, checksum, encrypted_by) VALUES(?, ?, ?, ?)";
void put_active(SQLite::Statement& put, const std::string& alert, const StoredValue& transition);

inline constexpr const char* kPutDefinition =
    "INSERT OR REPLACE INTO definition(hash, payload, encrypted_by) VALUES(?, ?, ?)";
void put_definition(SQLite::Statement& put, const std::string& hash, const StoredValue& payload);

inline constexpr const char* kPutRecord =
    "INSERT INTO record(epoch, stream, sequence, kind, wall, mono, clock, samples, checksum, payload, encrypted_by) "
    "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
void put_record(SQLite::Statement& put, std::int64_t epoch, const std::optional<std::uint64_t>& by,
                const Record& record);

}  // namespace anlan::edge
