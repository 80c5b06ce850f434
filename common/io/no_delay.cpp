#include "common/io/no_delay.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <dirent.h>
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
  const std::unique_ptr<DIR, decltype(&::closedir)> folder(::opendir("/proc/self/fd"), ::closedir);
  if (!folder) return 0;
  int count = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const int fd = std::atoi(entry->d_name);
    const tcp::endpoint peer = peer_of(fd);
    if (peer.port() != port || std::ranges::find(addresses, peer.address()) == addresses.end()) continue;
    const int on = 1;
    count += ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
  }
  return count;
}

}  // namespace anlan
