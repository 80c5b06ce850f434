// HTTP requests and answers as plain values, for the server (http_server.hpp) and the client (http_client.hpp).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

namespace anlan {

/// Header fields in order; names compare without regard to case. Values hold no CR, LF or NUL: such a field is dropped
/// by set(), so that no value can forge a second header.
class HttpHeaders {
 public:
  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    for (const auto& [name, value] : fields) set(name, value);
  }

  /// Replaces the field or adds it. False where name or value is not allowed in a header.
  bool set(std::string_view name, std::string_view value);
  /// Adds another field of the same name, as a peer may have sent it. False as above.
  bool add(std::string_view name, std::string_view value);
  /// The first value; empty view where there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method = "GET";
  /// Client only: "http://host[:port]" or "https://…" (path and query may follow), or "unix:///path/to.sock".
  std::string url = {};
  /// Server: "/path?query" as it came. Client: appended to `url` (of a Unix socket it is the whole target).
  std::string target = {};
  HttpHeaders headers = {};  // Host and Content-Length are the library's to write
  std::string body = {};
  /// Server: the client's IP address; empty for a Unix socket.
  std::string peer = {};
};

/// A body that has no end yet (Server-Sent Events). The server asks for the next piece when the last one has been taken
/// by the client's connection: who does not read is never buffered for here, and is dropped at the write deadline.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  /// The next bytes (not empty), or nullopt at the end. Cancelled (an exception of Asio) when the client has gone or
  /// the server stops. Never called again before it has returned.
  virtual boost::asio::awaitable<std::optional<std::string>> next() = 0;
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers = {};  // Content-Type and whatever is special; lengths and Connection are the library's to write
  std::string body = {};
  std::shared_ptr<HttpStream> stream = {};  // server only; set: `body` is ignored
};

}  // namespace anlan
