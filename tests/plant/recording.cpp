#include "tests/plant/recording.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/plant/number.hpp"
#include "tests/plant/replay.hpp"

namespace anlan::plant {
namespace {

constexpr std::size_t longest_name = 63;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> cells;
  for (std::size_t begin = 0;;) {
    const auto end = line.find(separator, begin);
    cells.push_back(trimmed(line.substr(begin, end - begin)));
    if (end == line.npos) return cells;
    begin = end + 1;
  }
}

std::vector<std::string_view> lines_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  auto lines = split(text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

bool is_number(std::string_view cell) { return parse_number(cell).has_value(); }

bool names_time(std::string_view header) {
  const std::string name = lower(header);
  return name == "time" || name == "datetime" || name == "timestamp";
}

std::unexpected<Error> bad(std::size_t line, const std::string& what) {
  return fail(Errc::malformed, "line " + std::to_string(line) + what);
}

Result<std::vector<double>> parse_row(std::string_view line, std::size_t number, char separator, bool skip_first,
                                      const std::vector<std::string>& columns) {
  const auto cells = split(line, separator);
  const std::size_t skip = skip_first ? 1 : 0;
  if (cells.size() != columns.size() + skip)
    return bad(number, " has " + std::to_string(cells.size()) + " cells; the header has " +
                           std::to_string(columns.size() + skip));
  std::vector<double> row;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto value = parse_number(cells[i + skip]);
    if (!value) return bad(number, ", column " + columns[i] + ": " + value.error().message);
    row.push_back(*value);
  }
  return row;
}

std::string plain_name(std::string_view column) {
  std::string name;
  for (const char c : lower(column)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      name += c;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  name.resize(std::min(name.size(), longest_name));
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name;
}

/// As a TOML basic string.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return out + "\"";
}

}  // namespace

Result<Recording> parse_recording(std::string_view csv) {
  const auto lines = lines_of(csv);
  if (lines.size() < 2) return fail(Errc::malformed, "a header and at least one row are needed");
  if (lines[0].find('"') != std::string_view::npos)
    return bad(1, ": quoted cells are not read; write them without quotes");
  const char separator = lines[0].find(';') != std::string_view::npos ? ';' : ',';
  auto header = split(lines[0], separator);
  if (std::ranges::all_of(header, is_number))
    return bad(1, " is all numbers; a header with the columns' names is needed");
  const bool timed = names_time(header[0]) || !is_number(split(lines[1], separator)[0]);
  Recording recording{{header.begin() + (timed ? 1 : 0), header.end()}, {}};
  if (recording.columns.empty()) return bad(1, " names no column but the time");
  if (recording.columns.size() > Replay::most_columns)
    return bad(1, " names more than " + std::to_string(Replay::most_columns) + " columns; a unit has 65536 registers");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    auto row = parse_row(lines[i], i + 1, separator, timed, recording.columns);
    if (!row) return fail(row.error());
    recording.rows.push_back(*std::move(row));
  }
  return recording;
}

Result<Recording> load_recording(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::not_found, file + ": cannot be opened");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return fail(Errc::unavailable, file + ": cannot be read");
  auto recording = parse_recording(text);
  if (!recording) return fail(std::move(recording.error()).within(file));
  return recording;
}

std::vector<std::string> point_names(const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string plain = plain_name(columns[i]);
    const std::string base = plain.empty() ? "column-" + std::to_string(i + 1) : plain;
    std::string name = base;
    for (int n = 2; !taken.insert(name).second; ++n) {
      const std::string suffix = "-" + std::to_string(n);
      name = base.substr(0, longest_name - suffix.size()) + suffix;
    }
    names.push_back(name);
  }
  return names;
}

std::string profile_toml(const Recording& recording, std::string_view source) {
  std::string text = "# Made by anlan-plant --print-profile; fits anlan-plant --replay of the same file.\n";
  text += "vendor = \"Anlan\"\nmodel = \"recording\"\nfirmware = \"1\"\nsource = " + quoted(source) + "\n";
  const auto names = point_names(recording.columns);
  for (std::size_t i = 0; i < names.size(); ++i)
    text += "\n[[point]]\nname = " + quoted(names[i]) + "\ntitle = " + quoted(recording.columns[i]) +
            "\ntable = \"holding\"\naddress = " + std::to_string(i * Replay::registers_each) +
            "\ntype = \"f64\"\norder = \"abcd\"\n";
  return text;
}

}  // namespace anlan::plant
