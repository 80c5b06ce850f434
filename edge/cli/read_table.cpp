#include "edge/cli/read_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace anlan::edge {
namespace {

constexpr std::size_t kColumns = 9;
using Row = std::array<std::string, kColumns>;

std::size_t width(const std::string& text) {  // UTF-8: bytes that begin a character
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string value_text(const ReadRow& row) {
  if (!row.sample || std::isnan(row.sample->value)) return "-";
  const double value = row.sample->value;
  std::string text = number(value);
  const double raw = (value - row.profile->offset) / row.profile->scale;
  if (!row.profile->meanings.empty() && std::abs(raw) < 1e15)
    if (const auto meaning = row.profile->meanings.find(std::llround(raw)); meaning != row.profile->meanings.end())
      text += " (" + meaning->second + ")";
  return text;
}

std::string level_text(const ReadRow& row) {
  if (!row.sample || std::isnan(row.sample->value)) return "?";
  const Reached level = reached(row.point->limits, row.sample->value);
  if (level.level != Level::none) return std::string(to_string(level.level)) + " (limit " + number(level.limit) + ")";
  return row.point->limits.high.any() || row.point->limits.low.any() ? "none" : "no limits";
}

Row text_of(const ReadRow& row) {
  return {row.point->path.device,
          row.point->path.point,
          value_text(row),
          row.point->unit == "1" ? "" : row.point->unit,
          row.sample ? std::string(to_string(row.sample->quality)) : "nothing came",
          level_text(row),
          row.place,
          row.raw,
          row.sample ? to_rfc3339(row.sample->time) : "-"};
}

}  // namespace

Reached reached(const Limits& limits, double value) {
  Reached found;
  for (const Level level : kLevels) {
    const auto& high = limits.high.of(level);
    const auto& low = limits.low.of(level);
    if (high && value >= *high)
      found = {level, *high};
    else if (low && value <= *low)
      found = {level, *low};
  }
  return found;
}

void print_table(const std::vector<ReadRow>& rows, std::ostream& out) {
  std::vector<Row> table{{"DEVICE", "POINT", "VALUE", "UNIT", "QUALITY", "LEVEL", "REGISTER", "RAW", "TIME"}};
  for (const ReadRow& row : rows) table.push_back(text_of(row));
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : table)
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], width(row[i]));
  for (const Row& row : table) {
    for (std::size_t i = 0; i + 1 < kColumns; ++i) {
      const std::string pad(widths[i] - width(row[i]), ' ');
      out << (i == 2 ? pad + row[i] : row[i] + pad) << "  ";
    }
    out << row.back() << "\n";
  }
}

}  // namespace anlan::edge
