// A small HTTP/1.1 server for the programs' own interfaces: loopback TCP or a Unix socket, one strand, every wait
// bounded. Beast is included in http_session only. Knows nothing of paths: the handler does.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/io/http.hpp"

namespace anlan {

struct HttpServerOptions {
  /// "127.0.0.1:8080", "[::1]:8080" (port 0: a free one) or "unix:///run/anlan-edge/status.sock". A Unix socket gets
  /// mode 0600; a socket file that nobody listens on any more is replaced, anything else at that path is an error.
  std::string listen = "127.0.0.1:0";
  std::size_t header_limit = 16 * 1024;  // beyond: 431
  std::size_t body_limit = 1024 * 1024;  // beyond: 413
  /// At the limit the connection that has waited longest for its client is closed in favour of the new one; where all
  /// are being served, the new one gets 503.
  std::size_t connections = 256;
  std::size_t streams = 128;  // of these, streaming answers; beyond: 503
  Millis idle{60'000};        // between two requests of one connection
  Millis read{10'000};        // from the first byte of a request to its last
  Millis write{10'000};       // of one answer, or of one piece of a stream
};

/// Construct, use and destroy on the executor's strand. HEAD is answered as GET without the body. A handler that throws
/// is logged and answered with 500. A handler's own waits must be bounded; it is not ended when its client goes away.
class HttpServer {
 public:
  using Handler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest)>;

  /// Listens when it returns. Errors: invalid_argument (`listen`), unavailable (address in use, or a live socket),
  /// refused (no right to), storage_failed (socket file).
  static Result<std::unique_ptr<HttpServer>> start(const boost::asio::any_io_executor& executor,
                                                   HttpServerOptions options, Handler handler);

  /// Closes at once whatever is left. Call stop() first where the handler uses what is destroyed with it.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Where it listens: "http://127.0.0.1:43811" or "unix:///run/…".
  const std::string& url() const;
  /// TCP port; 0 for a Unix socket.
  unsigned short port() const;
  std::size_t connections() const;

  /// No new connections; idle ones and streams end now; answers under way get `grace`, then their sockets are closed
  /// and their handlers cancelled. Returns when all have ended, at the latest after twice `grace`. Idempotent.
  boost::asio::awaitable<void> stop(Millis grace);

 private:
  struct State;
  explicit HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace anlan
