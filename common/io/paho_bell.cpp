#include "common/io/paho_bell.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace anlan {
namespace {

constexpr int kPatienceMs = 2'000;
constexpr std::array<unsigned char, 4> kConnack{0x20, 2, 0, 0};
constexpr std::array<unsigned char, 2> kPingResponse{0xD0, 0};

void close_socket(int& fd) {
  if (fd >= 0) ::close(std::exchange(fd, -1));
}

bool readable(int fd, int timeout_ms) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, timeout_ms) == 1;
}

}  // namespace

BellSocket::~BellSocket() {
  close_socket(listener_);
  close_socket(socket_);
}

Result<int> BellSocket::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 4) != 0 || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return fail(Errc::unavailable, std::string("listening on 127.0.0.1: ") + std::strerror(errno));
  return ntohs(address.sin_port);
}

Result<void> BellSocket::welcome(const std::string& client_id) {
  std::array<char, 512> said{};
  for (int strangers = 0; strangers < 4 && readable(listener_, kPatienceMs); ++strangers) {
    socket_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const ssize_t got = readable(socket_, kPatienceMs) ? ::recv(socket_, said.data(), said.size(), 0) : -1;
    const bool ours = got > 0 && std::string_view(said.data(), static_cast<std::size_t>(got)).contains(client_id);
    if (ours && ::send(socket_, kConnack.data(), kConnack.size(), MSG_NOSIGNAL) == std::ssize(kConnack)) {
      const int on = 1;
      ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      close_socket(listener_);
      return {};
    }
    close_socket(socket_);
  }
  close_socket(listener_);
  return fail(Errc::timeout, "no connection came");
}

void BellSocket::ring() {
  if (socket_ < 0) return;
  std::array<char, 4096> heard;
  while (::recv(socket_, heard.data(), heard.size(), MSG_DONTWAIT) > 0) {
  }
  static_cast<void>(::send(socket_, kPingResponse.data(), kPingResponse.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

}  // namespace anlan
