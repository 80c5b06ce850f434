// Rows written by column name and read column after column, so that a wide table's SQL is not counted by hand. Table
// and column names are literals of the caller, never input.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/time.hpp"
#include "common/io/database.hpp"

namespace anlan {

struct SqlField {
  std::string_view column;
  SqlValue value;
};

inline SqlValue sql(std::string text) { return text; }
inline SqlValue sql(std::string_view text) { return std::string(text); }
inline SqlValue sql(const char* text) { return std::string(text); }
inline SqlValue sql(std::integral auto number) { return static_cast<std::int64_t>(number); }
inline SqlValue sql(WallTime time) { return to_ms(time); }
/// NULL for "no value" (NaN): no database column holds NaN.
inline SqlValue sql(double number) { return std::isnan(number) ? SqlValue(nullptr) : SqlValue(number); }
template <class T>
SqlValue sql(const std::optional<T>& value) {
  return value ? sql(*value) : SqlValue(nullptr);
}

inline std::string sql_parameter(std::size_t number) { return ":p" + std::to_string(number); }

/// INSERT INTO table (columns) VALUES (…); `tail` may add ON CONFLICT …. Returns the number of rows changed.
inline std::int64_t insert_row(Database& database, std::string_view table, std::vector<SqlField> fields,
                               std::string_view tail = {}) {
  std::string columns, places;
  std::vector<SqlValue> values;
  for (auto& field : fields) {
    values.push_back(std::move(field.value));
    const char* comma = values.size() == 1 ? "" : ", ";
    columns.append(comma).append(field.column);
    places.append(comma).append(sql_parameter(values.size()));
  }
  std::string text = "INSERT INTO ";
  text.append(table).append(" (").append(columns).append(") VALUES (").append(places).append(") ").append(tail);
  return database.exec(text, std::move(values));
}

/// UPDATE table SET … WHERE key = …. Returns the number of rows changed.
inline std::int64_t update_row(Database& database, std::string_view table, SqlField key, std::vector<SqlField> fields) {
  std::string text = "UPDATE ";
  text.append(table).append(" SET ");
  std::vector<SqlValue> values;
  for (auto& field : fields) {
    values.push_back(std::move(field.value));
    text.append(values.size() == 1 ? "" : ", ").append(field.column).append(" = ").append(sql_parameter(values.size()));
  }
  values.push_back(std::move(key.value));
  text.append(" WHERE ").append(key.column).append(" = ").append(sql_parameter(values.size()));
  return database.exec(text, std::move(values));
}

/// The next free number of a table with a column `number`. One writer at a time: inside its transaction.
inline std::int64_t next_number(Database& database, std::string_view table) {
  return database.query("SELECT COALESCE(MAX(number), 0) + 1 FROM " + std::string(table)).at(0).integer(0);
}

/// A condition that somebody else gives: one "?" for each value. Empty text: none.
struct SqlCondition {
  std::string text{};
  std::vector<SqlValue> values{};
  bool operator==(const SqlCondition&) const = default;
};

/// A condition that grows, with its parameters.
class SqlWhere {
 public:
  /// `condition` holds one "?" for each value.
  void add(std::string_view condition, std::vector<SqlValue> values = {}) {
    text_.append(text_.empty() ? " WHERE " : " AND ");
    std::size_t next = 0;
    for (const char c : condition) {
      if (c != '?') {
        text_ += c;
        continue;
      }
      values_.push_back(std::move(values.at(next++)));
      text_ += sql_parameter(values_.size());
    }
  }
  void add(const SqlCondition& condition) {
    if (!condition.text.empty()) add(condition.text, condition.values);
  }
  /// column IN (values); never true for none.
  void add_in(std::string_view column, std::vector<SqlValue> values) {
    std::string condition(values.empty() ? "1 = 0" : column);
    if (!values.empty()) condition += " IN (";
    for (std::size_t i = 0; i < values.size(); ++i) condition += i ? ", ?" : "?";
    if (!values.empty()) condition += ")";
    add(condition, std::move(values));
  }
  const std::string& text() const { return text_; }
  std::vector<SqlValue> values() const { return values_; }

 private:
  std::string text_;
  std::vector<SqlValue> values_;
};

/// A pattern for LIKE … ESCAPE '\' in which `text` stands for itself.
inline std::string like_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// Reads a row in the order of its SELECT.
class SqlReader {
 public:
  explicit SqlReader(const SqlRow& row) : row_(row) {}
  const std::string& text() { return row_.text(next_++); }
  std::int64_t integer() { return row_.integer(next_++); }
  bool flag() { return integer() != 0; }
  WallTime time() { return wall_from_ms(integer()); }
  double real() {
    const auto column = next_++;
    return row_.null(column) ? std::nan("") : row_.real(column);
  }
  std::optional<std::string> maybe_text() {
    const auto column = next_++;
    return row_.null(column) ? std::nullopt : std::optional(row_.text(column));
  }
  std::optional<std::int64_t> maybe_integer() {
    const auto column = next_++;
    return row_.null(column) ? std::nullopt : std::optional(row_.integer(column));
  }
  std::optional<WallTime> maybe_time() {
    const auto column = next_++;
    return row_.null(column) ? std::nullopt : std::optional(wall_from_ms(row_.integer(column)));
  }
  /// 32 hex digits. Throws DatabaseError where they are not.
  template <class AnyId>
  AnyId id() {
    return as_id<AnyId>(text());
  }
  template <class AnyId>
  static AnyId as_id(std::string_view hex) {
    const auto parsed = AnyId::from_hex(hex);
    if (!parsed) throw DatabaseError(Errc::storage_corrupt, "not an identifier: " + std::string(hex));
    return *parsed;
  }

 private:
  const SqlRow& row_;
  std::size_t next_ = 0;
};

}  // namespace anlan
