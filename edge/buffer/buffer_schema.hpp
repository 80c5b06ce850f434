// The tables of buffer.db (docs/formats/buffer-db.md) and the checksums of their rows: SQLite does not protect pages,
// so each row that the ledger is read from carries one, as records do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anlan::edge {

/// Migration steps: they are added, never changed.
const std::vector<std::string>& buffer_schema();

/// XXH3-64 over the table's name and the row's values in the order of its columns: texts with their length, numbers as
/// 8 bytes little-endian.
class RowSum {
 public:
  explicit RowSum(std::string_view table) { text(table); }
  RowSum& text(std::string_view value);
  RowSum& number(std::uint64_t value);
  std::int64_t value() const;
  const std::string& bytes() const { return bytes_; }  // what it is over

 private:
  std::string bytes_;
};

std::int64_t meta_sum(std::string_view key, std::string_view value);
std::int64_t epoch_sum(std::int64_t number, std::string_view id, std::uint64_t ordinal);
std::int64_t active_sum(std::string_view alert, std::string_view transition);

}  // namespace anlan::edge
