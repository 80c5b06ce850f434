// The collector's records: one SQL database, SQLite today and PostgreSQL where one machine is not enough, through SOCI.
// Sole SOCI include: database.cpp. Values are text, 64-bit integers and doubles; no blobs (encode them); a NUL inside
// text is refused (PostgreSQL would cut there).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.hpp"

namespace anlan {

/// The database is gone, full or damaged, or an SQL statement is wrong. Thrown by statements; Database::transaction()
/// turns it into a Result at the border.
class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(Errc code, const std::string& what) : std::runtime_error(what), code(code) {}
  Errc code;
};

using SqlValue = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// One row; columns by position, as text from the engine. Throws DatabaseError where a column is NULL or no number.
class SqlRow {
 public:
  explicit SqlRow(std::vector<std::optional<std::string>> columns) : columns_(std::move(columns)) {}
  bool null(std::size_t column) const { return !columns_.at(column); }
  const std::string& text(std::size_t column) const;
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;

 private:
  std::vector<std::optional<std::string>> columns_;
};

/// One connection. Not thread-safe: it lives on one worker.
class Database {
 public:
  virtual ~Database() = default;

  /// "sqlite:///path/file.db" (WAL, synchronous=FULL, foreign keys on). Errors: storage_failed, storage_corrupt,
  /// invalid_argument (URL).
  static Result<std::unique_ptr<Database>> open(const std::string& url);

  /// Parameters are written :p1, :p2, … in the SQL and given in that order. Returns the number of rows changed.
  virtual std::int64_t exec(std::string_view sql, std::vector<SqlValue> parameters = {}) = 0;

  /// All rows of a query. Bound them with LIMIT: the result is in memory.
  virtual std::vector<SqlRow> query(std::string_view sql, std::vector<SqlValue> parameters = {}) = 0;

  /// Runs `work` between BEGIN and COMMIT. Durable when it returns without error; rolled back where `work` throws
  /// DatabaseError (returned as an error), returns an error itself, or the commit fails. Not nested.
  virtual Result<void> transaction(const std::function<Result<void>()>& work) = 0;

  /// Applies the steps not yet applied, in order, each in its own transaction, and remembers how far it came (table
  /// schema_version). A database newer than the steps known here is refused (unsupported).
  Result<void> migrate(const std::vector<std::string>& steps);
};

}  // namespace anlan
