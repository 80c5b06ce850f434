// Where a device or annunciator is: `connect` and the keys that belong to some of its schemes only.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>

#include "common/config/section.hpp"
#include "edge/sensor/device.hpp"

namespace anlan::edge {

/// Reads `connect` in one of the forms of Endpoint (mqtt:// to this machine only) and, for modbus+tls://, its files.
std::optional<Endpoint> read_endpoint(Section& section);

/// The same from the text alone, for a command line. Errors: invalid_argument, with what would be right.
Result<Endpoint> parse_endpoint(const std::string& text);

/// Faults for keys that the endpoint's scheme makes meaningless.
void refuse_keys(Section& section, std::initializer_list<std::string_view> keys, const Endpoint& endpoint);

/// The serial lines of one file: whoever is on a line must see it alike.
class SerialLines {
 public:
  /// A fault where the endpoint's device is known with other bits.
  void add(Section& section, const Endpoint& endpoint);

 private:
  std::map<std::string, std::pair<SerialLine, int>> lines_;  // by device; where it was first named
};

}  // namespace anlan::edge
