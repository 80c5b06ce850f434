// Rows in columns, aligned by what they take on a terminal.
#pragma once

#include <string>
#include <vector>

namespace anlan::collector::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

  /// As many cells as the header has; an empty one is shown as "-". Control characters are the caller's to remove
  /// (display.hpp: printable).
  void add(std::vector<std::string> cells);
  std::size_t size() const { return rows_.size() - 1; }

  /// Header and rows; no blanks at line ends.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace anlan::collector::cli
