// Reading columns of telemetry.db.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// Says that a stored value does not read back: throws an SQLite::Exception that means storage_corrupt.
[[noreturn]] void throw_corrupt(const std::string& what);
/// That it is whole and of a later version: nothing may be done about it.
[[noreturn]] void throw_unsupported(const std::string& what);
/// True where SQLite itself cannot read a page.
bool is_corrupt(const SQLite::Exception& exception);

/// Sequences, ordinals and checksums are unsigned; SQLite's integers are not.
inline std::int64_t as_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

inline std::uint64_t unsigned_at(SQLite::Statement& row, int column) {
  return static_cast<std::uint64_t>(row.getColumn(column).getInt64());
}

/// Valid until the statement steps on.
inline std::string_view blob_at(SQLite::Statement& row, int column) {
  const auto value = row.getColumn(column);
  return {static_cast<const char*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())};
}

/// A statement under way holds its snapshot: it is reset however the scope is left. (reset() would throw again what the
/// step before threw.)
class Running {
 public:
  explicit Running(SQLite::Statement& statement) : statement_(statement) { statement_.tryReset(); }
  ~Running() { statement_.tryReset(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  bool next() { return statement_.executeStep(); }

 private:
  SQLite::Statement& statement_;
};

template <class AnyId>
AnyId id_at(SQLite::Statement& row, int column) {
  if (const auto id = AnyId::from_hex(row.getColumn(column).getString())) return *id;
  throw_corrupt("column " + std::string(row.getColumnName(column)) + " holds no id");
}

}  // namespace anlan::collector
