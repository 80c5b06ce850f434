// One thing wrong in a configuration: where, what, and what would be right.
#pragma once

#include <string>
#include <vector>

namespace anlan {

struct Fault {
  std::string file;
  int line = 0;       // 1-based; 0: the whole file
  std::string what;   // "device.poll_ms is 2"
  std::string right;  // "5 to 3600000 (milliseconds)"
  bool operator==(const Fault&) const = default;
};

/// "edge.toml:14: device.poll_ms is 2; right would be: 5 to 3600000 (milliseconds)", one line each, in order of place.
std::string to_text(std::vector<Fault> faults);

}  // namespace anlan
