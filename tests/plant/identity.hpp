// What a device says that it is: function 43/14 (Modbus application protocol V1.1b3 §6.21). Pure.
#pragma once

#include <string>

#include "tests/plant/modbus.hpp"

namespace anlan::plant {

struct Identity {
  std::string vendor, product, revision;  // objects 0 to 2
  std::string model;                      // object 5; "": it has none
  bool operator==(const Identity&) const = default;
};

/// The answer to a request 43, in several pieces where the texts are long. Exceptions: 1 (nothing is known), 2 (no such
/// object), 3 (no such way to read).
Answer identify(const Identity& identity, const Request& request);

}  // namespace anlan::plant
