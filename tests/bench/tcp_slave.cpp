// bench_tcp_slave: Modbus TCP endpoints on loopback, one thread, raw sockets. Any unit answers.
//   --endpoints N   listeners, on free ports; prints "READY port port …"
//   --hung M        the last M of them take requests and never answer
//   --deaf D        of these, the last D do not even accept a connection
//   --arrivals FILE when each request came, written at the end
// SIGTERM ends it: prints "DONE requests registers".
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/arguments.hpp"
#include "tests/bench/arrivals.hpp"
#include "tests/bench/instrument.hpp"

namespace {

using namespace anlan::bench;

volatile std::sig_atomic_t g_ended = 0;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int listen_anywhere(int backlog) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  auto address = loopback(0);
  if (socket < 0 || bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(socket, backlog) != 0)
    fail("listening on loopback");
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
  return ntohs(address.sin_port);
}

/// A listener whose queue is full drops every further SYN: to a master it is a machine that is switched off.
void fill_queue(int listener) {
  for (int i = 0; i < 4; ++i) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    auto address = loopback(port_of(listener));
    if (socket < 0 ||
        (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS))
      fail("filling a queue");
  }
}

struct Connection {
  int endpoint = 0;
  std::size_t held = 0;
  std::uint8_t bytes[4096];
};

class Slave {
 public:
  Slave(int endpoints, int hung, int deaf, std::string arrivals)
      : epoll_(epoll_create1(0)), answering_(endpoints - hung), arrivals_(std::move(arrivals)) {
    std::printf("READY");
    for (int i = 0; i < endpoints; ++i) {
      const bool is_deaf = i >= endpoints - deaf;
      const int listener = listen_anywhere(is_deaf ? 0 : 16);
      if (is_deaf)
        fill_queue(listener);
      else
        watch(listener), listeners_[listener] = i;
      std::printf(" %u", port_of(listener));
    }
    std::printf("\n");
    std::fflush(stdout);
  }

  void run() {
    epoll_event events[64];
    while (g_ended == 0) {
      const int count = epoll_wait(epoll_, events, 64, -1);
      for (int i = 0; i < count; ++i) serve(events[i].data.fd);
    }
    std::printf("DONE %llu %llu\n", static_cast<unsigned long long>(instrument_.requests()),
                static_cast<unsigned long long>(instrument_.registers()));
  }

 private:
  void watch(int socket) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll");
  }

  void serve(int socket) {
    if (const auto listener = listeners_.find(socket); listener != listeners_.end()) {
      const int connected = accept4(socket, nullptr, nullptr, 0);
      if (connected < 0) return;
      const int on = 1;
      setsockopt(connected, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_[connected].endpoint = listener->second;
      watch(connected);
      return;
    }
    Connection& connection = connections_[socket];
    const ssize_t got = recv(socket, connection.bytes + connection.held, sizeof connection.bytes - connection.held, 0);
    if (got <= 0 || !take(socket, connection, static_cast<std::size_t>(got))) {
      close(socket);
      connections_.erase(socket);
    }
  }

  /// MBAP (V1.1b3 of the TCP guide): transaction, protocol 0, length of unit and PDU, unit. False: nonsense.
  bool take(int socket, Connection& connection, std::size_t got) {
    connection.held += got;
    std::size_t at = 0;
    while (connection.held - at >= 8) {
      const std::uint8_t* frame = connection.bytes + at;
      const std::size_t length = static_cast<std::size_t>(frame[4] << 8 | frame[5]);
      if (length < 2 || length > 254) return false;
      if (connection.held - at < 6 + length) break;
      arrivals_.note(connection.endpoint, frame[6]);
      if (connection.endpoint < answering_ && !answer(socket, frame, length)) return false;
      at += 6 + length;
    }
    connection.held -= at;
    std::memmove(connection.bytes, connection.bytes + at, connection.held);
    return true;
  }

  bool answer(int socket, const std::uint8_t* frame, std::size_t length) {
    std::uint8_t out[260];
    std::memcpy(out, frame, 7);
    const std::size_t size = instrument_.answer({frame + 7, length - 1}, out + 7) + 1;
    out[4] = static_cast<std::uint8_t>(size >> 8);
    out[5] = static_cast<std::uint8_t>(size);
    return send(socket, out, 6 + size, MSG_NOSIGNAL) == static_cast<ssize_t>(6 + size);
  }

  int epoll_, answering_;
  Arrivals arrivals_;
  std::map<int, int> listeners_;
  std::map<int, Connection> connections_;
  Instrument instrument_;
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments(argc, argv);
  const auto endpoints = static_cast<int>(arguments.number("endpoints", 1));
  const auto hung = static_cast<int>(arguments.number("hung", 0)), deaf = static_cast<int>(arguments.number("deaf", 0));
  const std::string arrivals = arguments.text("arrivals", "");
  arguments.end();
  struct sigaction end{};
  end.sa_handler = [](int) { g_ended = 1; };
  sigaction(SIGTERM, &end, nullptr);
  Slave(endpoints, hung, deaf, arrivals).run();
  return 0;
}
