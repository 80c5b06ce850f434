#include "common/io/no_delay.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <boost/asio/ip/tcp.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace anlan {
namespace {

using boost::asio::ip::tcp;

/// Who is at the other end; port 0 where `fd` is no connected TCP socket.
tcp::endpoint peer_of(int fd) {
  tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  if (::getpeername(fd, peer.data(), &size) != 0) return {};
  if (peer.data()->sa_family != AF_INET && peer.data()->sa_family != AF_INET6) return {};
  return peer;
}

}  // namespace

int set_no_delay(const std::vector<boost::asio::ip::address>& addresses, std::uint16_t port) {
  int count = 0;
  std::error_code unreadable;
  for (std::filesystem::directory_iterator at("/proc/self/fd", unreadable), end; !unreadable && at != end;
       at.increment(unreadable)) {
    const int fd = std::atoi(at->path().filename().c_str());
    const tcp::endpoint peer = peer_of(fd);
    if (peer.port() != port || std::ranges::find(addresses, peer.address()) == addresses.end()) continue;
    const int on = 1;
    count += ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
  }
  return count;
}

}  // namespace anlan
