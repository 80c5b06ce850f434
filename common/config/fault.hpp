// One thing wrong in a configuration: where, what, and what would be right.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace anlan {

struct Fault {
  std::string file;
  int line = 0;       // 1-based; 0: the whole file
  std::string what;   // "device.poll_ms is 2"
  std::string right;  // "5 to 3600000 (milliseconds)"
  bool operator==(const Fault&) const = default;
};

/// Text from a file, fit for `what` and `right`: control characters as \uXXXX, so that it cannot forge a line.
std::string escaped(std::string_view text);

/// "edge.toml:14: device.poll_ms is 2; right would be: 5 to 3600000 (milliseconds)", one line each, by file and line.
std::string to_text(std::vector<Fault> faults);

/// The same lines one by one, for a log.
std::vector<std::string> to_lines(std::vector<Fault> faults);

}  // namespace anlan
