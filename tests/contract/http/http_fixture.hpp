// A server on a thread of its own, so that tests speak to it as the outside does: with blocking sockets.
#pragma once

#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/io/http_server.hpp"

namespace anlan::test {

namespace asio = boost::asio;

inline Millis elapsed_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - start);
}

class RunningServer {
 public:
  RunningServer(HttpServerOptions options, HttpServer::Handler handler) {
    auto started = HttpServer::start(io_.get_executor(), std::move(options), std::move(handler));
    if (!started) throw std::runtime_error(started.error().message);
    server_ = std::move(*started);
    thread_ = std::thread([this] {
      const auto keep = asio::make_work_guard(io_);
      io_.run();
    });
  }
  ~RunningServer() {
    stop(Millis{2'000});
    asio::post(io_, [this] {
      server_.reset();
      io_.stop();
    });
    thread_.join();
  }

  HttpServer& server() { return *server_; }
  asio::io_context& io() { return io_; }
  std::string url() const { return server_->url(); }

  Millis stop(Millis grace) {
    const auto start = std::chrono::steady_clock::now();
    asio::co_spawn(io_, server_->stop(grace), asio::use_future).get();
    return elapsed_since(start);
  }
  std::size_t connections() {
    return asio::co_spawn(
               io_, [this]() -> asio::awaitable<std::size_t> { co_return server_->connections(); }, asio::use_future)
        .get();
  }

 private:
  asio::io_context io_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

/// A client that can do everything wrong.
class RawClient {
 public:
  explicit RawClient(unsigned short port, int receive_buffer = 0) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("connect");
  }
  explicit RawClient(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("connect");
  }
  ~RawClient() { close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view text) {
    return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == ssize_t(text.size());
  }

  /// What arrives until `wanted` is in it, the peer closes, or 5 s pass.
  std::string read_until(std::string_view wanted) {
    std::string all;
    while (all.find(wanted) == all.npos && append(all, 5'000)) {
    }
    return all;
  }
  std::string read_to_end(int timeout_ms = 5'000) {
    std::string all;
    while (append(all, timeout_ms)) {
    }
    return all;
  }
  /// True where the peer closes within `timeout_ms`.
  bool closed_within(int timeout_ms) {
    const auto start = std::chrono::steady_clock::now();
    std::string ignored;
    while (append(ignored, timeout_ms)) {
    }
    return elapsed_since(start) < Millis{timeout_ms};
  }

 private:
  bool append(std::string& all, int timeout_ms) {
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, timeout_ms) != 1) return false;
    char bytes[65536];
    const auto n = recv(fd_, bytes, sizeof bytes, 0);
    if (n <= 0) return false;
    all.append(bytes, static_cast<std::size_t>(n));
    return true;
  }
  int fd_;
};

inline std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

}  // namespace anlan::test
