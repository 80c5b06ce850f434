// A listening stream socket, TCP or Unix, by the address a configuration gives.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <sys/types.h>

#include "common/base/result.hpp"

namespace anlan {

class Listener {
 public:
  using Acceptor =
      boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol, boost::asio::any_io_executor>;

  /// "127.0.0.1:8080", "[::1]:0" (0: a free port) or "unix:///path". A Unix socket gets mode 0600 before anybody can
  /// connect; a socket file that nobody listens at is replaced, anything else at that path is an error. Two programs
  /// that start at the same instant on one path are not told apart: their data directory's lock does that.
  /// Errors: invalid_argument (`listen`), unavailable (in use), refused (no right to), storage_failed (socket file).
  static Result<Listener> open(const boost::asio::any_io_executor& executor, const std::string& listen);

  Listener(Listener&&) = default;
  ~Listener() { close(); }

  Acceptor& acceptor() { return acceptor_; }
  /// "http://127.0.0.1:43811" or "unix:///run/…".
  const std::string& url() const { return url_; }
  unsigned short port() const { return port_; }  // 0 for a Unix socket
  /// Idempotent; removes the socket file where it is still this listener's.
  void close();

 private:
  explicit Listener(Acceptor acceptor) : acceptor_(std::move(acceptor)) {}
  static Result<Listener> open_tcp(const boost::asio::any_io_executor& executor, const std::string& listen);
  static Result<Listener> open_unix(const boost::asio::any_io_executor& executor, const std::string& path);

  Acceptor acceptor_;
  std::string url_, file_;
  std::optional<std::pair<dev_t, ino_t>> identity_;  // of the socket file
  unsigned short port_ = 0;
};

}  // namespace anlan
