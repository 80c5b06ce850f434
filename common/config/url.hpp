// Addresses in configurations: which are understood, and the rule that nothing leaves the machine unencrypted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.hpp"

namespace anlan {

/// scheme://host[:port][/path]. User, password, query and fragment are refused: they hold secrets or mean nothing.
struct Url {
  std::string text;        // as written
  std::string scheme;      // lower case
  std::string host;        // IPv6 without brackets
  std::uint16_t port = 0;  // 0: not given
  std::string path;        // decoded, with its first slash; "" or "/…"
  bool loopback = false;   // 127.0.0.0/8, ::1 or localhost
  bool ipv6 = false;
  std::vector<std::pair<std::string, std::string>> query;  // of a device's URL: decoded, in order
};

/// Errors: invalid_argument, saying what is wrong without repeating the text (it may hold a password).
Result<Url> parse_url(std::string_view text);

/// scheme:///dev/file[?key=value&…]: a device of this machine. The path is absolute. Errors: invalid_argument.
Result<Url> parse_device_url(std::string_view text);

/// An address to listen on: 127.0.0.1:8080 or [::1]:8080; numeric, port 0 to 65535 (0: any free one).
struct Listen {
  std::string address;  // IPv6 without brackets
  std::uint16_t port = 0;
  bool loopback = false;
};

/// Errors: invalid_argument.
Result<Listen> parse_listen(std::string_view text);

}  // namespace anlan
