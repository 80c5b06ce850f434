// URLs and request targets taken apart. Sole Boost.URL include of common/io: http_target.cpp.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.hpp"

namespace anlan {

/// A path and query as a server receives them, decoded. Every text is valid UTF-8 without control characters.
struct HttpTarget {
  std::vector<std::string> path;                           // segments: "/a/b%2Fc" is {"a", "b/c"}; "/" is empty
  std::vector<std::pair<std::string, std::string>> query;  // in order; "?x" and "?x=" both have an empty value
};

/// Reads origin-form ("/path?query"). "." and ".." segments, empty segments, bytes that are no UTF-8 and control
/// characters are refused. Errors: malformed.
Result<HttpTarget> parse_target(std::string_view text);

/// Where a client's request goes.
struct HttpUrl {
  enum class Kind { http, https, unix_socket } kind = Kind::http;
  std::string host;         // IPv6 without brackets; empty for a Unix socket
  unsigned short port = 0;  // filled in where the URL has none
  std::string authority;    // for the Host header: "host[:port]" as given; "localhost" for a Unix socket
  std::string target;       // encoded path and query, "" where there are none; of a Unix socket: ""
  std::string socket;       // path of the Unix socket
};

/// Errors: invalid_argument; never repeats the text (it may hold a secret).
Result<HttpUrl> split_url(std::string_view url);

/// `text` as one path segment or query value: everything but letters, digits and -._~ is escaped.
std::string percent_encode(std::string_view text);

/// Well-formed UTF-8 (no surrogates, no overlong forms) without control characters.
bool plain_text(std::string_view text);

}  // namespace anlan
