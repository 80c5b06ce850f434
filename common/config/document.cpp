#include "common/config/document.hpp"

#include <algorithm>
#include <sstream>
#include <tuple>

#include <toml++/toml.h>

#include "common/config/file.hpp"

namespace anlan {
namespace {

int line_of(const toml::source_region& where) { return static_cast<int>(where.begin.line); }

Node convert(const toml::node& node, int line);

Node::Table convert_table(const toml::table& table, int line) {
  Node::Table entries;
  entries.reserve(table.size());
  for (const auto& [key, value] : table) {
    const int at = line_of(key.source()) > 0 ? line_of(key.source()) : line;
    entries.push_back({std::string(key.str()), convert(value, at)});
  }
  std::ranges::sort(entries, {}, [](const Entry& e) { return std::tie(e.node.line, e.key); });  // toml++ sorts by key
  return entries;
}

Node::List convert_list(const toml::array& array, int line) {
  Node::List list;
  list.reserve(array.size());
  for (const toml::node& element : array) {
    const int at = line_of(element.source());
    list.push_back(convert(element, at > 0 ? at : line));
  }
  return list;
}

Node convert(const toml::node& node, int line) {
  return node.visit([&](const auto& value) -> Node {
    if constexpr (toml::is_table<decltype(value)>) {
      return {convert_table(value, line), line};
    } else if constexpr (toml::is_array<decltype(value)>) {
      return {convert_list(value, line), line};
    } else if constexpr (toml::is_chronological<decltype(value)>) {
      std::ostringstream text;
      text << value;
      return {Node::Time{text.str()}, line};
    } else {
      return {value.get(), line};
    }
  });
}

/// First line longer than allowed, 0 where there is none.
int long_line(std::string_view text) {
  for (int line = 1; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > Document::kMaxLine) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

}  // namespace

std::expected<Document, Fault> Document::load(const std::string& file) {
  const auto text = read_file(file, kMaxBytes);
  if (!text)
    return std::unexpected(
        Fault{file, 0, text.error().message, "a readable file of at most " + std::to_string(kMaxBytes) + " bytes"});
  return parse(*text, file);
}

std::expected<Document, Fault> Document::parse(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes)
    return std::unexpected(Fault{file, 0, "is too large", "at most " + std::to_string(kMaxBytes) + " bytes"});
  if (const int line = long_line(text))
    return std::unexpected(
        Fault{file, line, "this line is too long", "at most " + std::to_string(kMaxLine) + " bytes"});
  try {
    const toml::table table = toml::parse(text, file);
    return Document(file, Node{convert_table(table, 1), 1});
  } catch (const toml::parse_error& error) {
    const int line = line_of(error.source());
    return std::unexpected(Fault{file, line, "syntax: " + escaped(error.description()), "TOML 1.0 (https://toml.io)"});
  }
}

}  // namespace anlan
