// A TCP port of 127.0.0.1 that nobody listens on. Below the kernel's range for outgoing connections, so that none of
// those takes it before the test does.
#pragma once

#include <cstdint>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

namespace anlan::test {

inline bool port_is_free(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return free;
}

inline std::uint16_t free_port() {
  for (int i = 0; i < 1000; ++i) {
    std::uint32_t random = 0;
    if (::getrandom(&random, sizeof random, 0) != sizeof random) continue;
    const auto port = static_cast<std::uint16_t>(12'000 + random % 20'000);
    if (port_is_free(port)) return port;
  }
  throw std::runtime_error("no free port between 12000 and 32000");
}

}  // namespace anlan::test
