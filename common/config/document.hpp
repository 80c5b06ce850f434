// A TOML file as a plain tree that remembers lines and the order of the file. What the keys mean is section.hpp's.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/config/fault.hpp"

namespace anlan {

struct Entry;

/// One TOML value. Dates and times carry their text: no setting takes one, faults show it.
struct Node {
  struct Time {
    std::string text;
  };
  using List = std::vector<Node>;
  using Table = std::vector<Entry>;  // in the order of the file, keys unique

  std::variant<Table, List, std::string, std::int64_t, double, bool, Time> value;
  int line = 0;  // 1-based
};

struct Entry {
  std::string key;
  Node node;
};

/// A whole file. Immutable; copying copies the tree.
class Document {
 public:
  /// Larger files and longer lines are faults (a line bounds how deep dotted keys nest).
  static constexpr std::size_t kMaxBytes = 1 << 20, kMaxLine = 4096;

  /// Errors: one fault, with the line where there is one: unreadable, too large, not UTF-8, or the first syntax error
  /// (a key given twice is one: TOML forbids it).
  static std::expected<Document, Fault> load(const std::string& file);

  /// The same for text at hand; `file` names it in faults and is what relative paths in it are relative to.
  static std::expected<Document, Fault> parse(std::string_view text, const std::string& file);

  const std::string& file() const { return file_; }
  const Node& root() const { return root_; }  // always a table

 private:
  Document(std::string file, Node root) : file_(std::move(file)), root_(std::move(root)) {}
  std::string file_;
  Node root_;
};

}  // namespace anlan
