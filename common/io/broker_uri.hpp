// Where a broker is: mqtt://host[:port] or mqtts://host[:port].
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan {

struct BrokerUri {
  bool tls = false;
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 1883;
  bool operator==(const BrokerUri&) const = default;

  /// The form that Paho takes: tcp:// or ssl://, with `at` (a name or an address) in place of the host.
  std::string paho(std::string_view at) const;
};

/// Ports default to 1883 and 8883. Errors: invalid_argument.
Result<BrokerUri> parse_broker_uri(std::string_view text);

}  // namespace anlan
