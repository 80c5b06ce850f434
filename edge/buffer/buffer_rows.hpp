// Rows of buffer.db to values, each verified by its checksum. What does not fit is thrown as Damaged and never
// believed.
#pragma once

#include <string>
#include <utility>

#include "common/io/sqlite.hpp"
#include "edge/buffer/ledger.hpp"

namespace anlan::edge {

/// A stored value that does not read back: the file is damaged in a way SQLite cannot see.
struct Damaged {
  std::string what;
};

std::string blob(const SQLite::Column& column);

template <class T>
T required(std::optional<T> value, const char* what) {
  if (!value) throw Damaged{what};
  return *value;
}

// Each takes the row's columns in the order of the table, the checksum last. `sums` false: a row of version 1, which
// has none and is believed.
std::pair<std::int64_t, Ledger::EpochEntry> epoch_from(SQLite::Statement& row, bool sums = true);
std::pair<Stream, PlaceState> place_from(SQLite::Statement& row, bool sums = true);
AlertTransition active_from(SQLite::Statement& row, bool sums = true);
std::string meta_from(std::string_view key, SQLite::Statement& row, bool sums = true);  // value, checksum

std::int64_t place_sum(std::int64_t epoch, Stream stream, const PlaceState& state);

Stream stream_from(std::int64_t number);

/// sequence, kind, wall, mono, clock, samples, checksum, payload from column `first` on; not verified: the epoch is
/// part of its checksum.
Record record_from(SQLite::Statement& row, const Place& place, int first);

}  // namespace anlan::edge
