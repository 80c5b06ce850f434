// The collector's records: one SQL database, SQLite today and PostgreSQL where one machine is not enough, through SOCI.
// Sole SOCI include: database.cpp. Values are text (UTF-8), 64-bit integers and doubles; no blobs (encode them); a NUL
// inside text is refused (PostgreSQL would cut there). Truth values are the integers 0 and 1.
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
/// turns it into a Result at the border. `code`: storage_full, storage_corrupt, storage_failed (also wrong SQL),
/// unavailable (locked by another process for 5 s), conflict (a constraint of the schema), invalid_argument
/// (parameters).
class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(Errc code, const std::string& what) : std::runtime_error(what), code(code) {}
  Errc code;
};

/// Doubles come back bit for bit; a NaN is stored as NULL (SQLite has none), infinities as themselves.
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

  /// "sqlite:///path/file.db" (WAL, synchronous=FULL, foreign keys on, created with mode 0600), or with "?readonly" for
  /// a connection that only reads. Errors: storage_failed, storage_full, storage_corrupt, invalid_argument (URL),
  /// not_found (readonly and no such file).
  static Result<std::unique_ptr<Database>> open(const std::string& url);

  /// Parameters are written :p1, :p2, … in the SQL and given in that order: exactly as many as are named there. Several
  /// statements separated by ";" run one after the other where there are no parameters. Returns the number of rows
  /// changed by INSERT, UPDATE or DELETE (by the last of several). Throws DatabaseError.
  virtual std::int64_t exec(std::string_view sql, std::vector<SqlValue> parameters = {}) = 0;

  /// All rows of a query, or of INSERT … RETURNING. Bound them with LIMIT: the result is in memory. Throws
  /// DatabaseError.
  virtual std::vector<SqlRow> query(std::string_view sql, std::vector<SqlValue> parameters = {}) = 0;

  /// Runs `work` between BEGIN and COMMIT; on a read-only connection all its queries see one snapshot. Durable when it
  /// returns without error; rolled back where `work` throws DatabaseError (returned as an error), returns an error
  /// itself, or the commit fails; rolled back and thrown on where `work` throws anything else. Not nested
  /// (std::logic_error).
  virtual Result<void> transaction(const std::function<Result<void>()>& work) = 0;

  /// Applies the steps not yet applied, in order, each in its own transaction, and remembers how far it came (table
  /// schema_version, one row per stage). A stage newer than the steps known here is refused (unsupported).
  Result<void> migrate(const std::vector<std::string>& steps, const std::string& stage = "main");
};

}  // namespace anlan
