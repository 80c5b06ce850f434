#include "common/io/listener.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace anlan {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::string_view kUnix = "unix://";

Result<asio::ip::tcp::endpoint> parse_endpoint(const std::string& listen) {
  const auto colon = listen.rfind(':');
  std::string host = listen.substr(0, colon == listen.npos ? 0 : colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  error_code failed;
  const auto address = asio::ip::make_address(host, failed);
  unsigned short port = 0;
  const char* end = listen.data() + listen.size();
  const char* first = colon == listen.npos ? end : listen.data() + colon + 1;
  if (const auto read = std::from_chars(first, end, port); failed || read.ec != std::errc{} || read.ptr != end)
    return fail(Errc::invalid_argument,
                "listening on '" + listen + "': use address:port (127.0.0.1:8080) or unix:///path");
  return asio::ip::tcp::endpoint(address, port);
}

/// Nobody listens at a socket file that refuses to be connected to.
bool stale_socket(const std::string& path) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
  asio::io_context context;
  asio::local::stream_protocol::socket probe(context);
  error_code failed;
  probe.connect(asio::local::stream_protocol::endpoint(path), failed);
  return failed == asio::error::connection_refused;
}

std::optional<std::pair<dev_t, ino_t>> identity_of(const std::string& path) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) return std::nullopt;
  return std::pair{info.st_dev, info.st_ino};
}

Error listen_error(const std::string& where, const error_code& code) {
  namespace errc = boost::system::errc;
  const bool used = code == asio::error::address_in_use;
  const bool disk = code == errc::read_only_file_system || code == errc::no_space_on_device || code == errc::io_error;
  return {code == asio::error::access_denied ? Errc::refused
          : disk                             ? Errc::storage_failed
                                             : Errc::unavailable,
          "listening on " + where + ": " + (used ? "the address is in use by another program" : code.message())};
}

}  // namespace

Result<Listener> Listener::open_tcp(const asio::any_io_executor& executor, const std::string& listen) {
  const auto endpoint = parse_endpoint(listen);
  if (!endpoint) return fail(endpoint.error());
  Acceptor acceptor(executor);
  error_code failed;
  acceptor.open(endpoint->protocol(), failed);
  if (!failed) acceptor.set_option(asio::socket_base::reuse_address(true), failed);
  if (!failed) acceptor.bind(*endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return fail(listen_error(listen, failed));
  const auto bound = acceptor.local_endpoint();
  asio::ip::tcp::endpoint address;
  address.resize(bound.size());
  std::memcpy(address.data(), bound.data(), bound.size());
  const std::string host = address.address().to_string();

  Listener listener(std::move(acceptor));
  listener.port_ = address.port();
  listener.url_ =
      "http://" + (address.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(address.port());
  return listener;
}

Result<Listener> Listener::open_unix(const asio::any_io_executor& executor, const std::string& path) {
  if (path.empty() || path.front() != '/' || path.size() >= sizeof(sockaddr_un::sun_path))
    return fail(Errc::invalid_argument,
                "listening on '" + path + "': a Unix socket needs an absolute path of at most 107 bytes");
  const asio::local::stream_protocol::endpoint endpoint(path);
  Acceptor acceptor(executor);
  error_code failed;
  acceptor.open(asio::generic::stream_protocol(AF_UNIX, 0), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (failed == asio::error::address_in_use && stale_socket(path)) {
    if (unlink(path.c_str()) != 0)
      return fail(Errc::storage_failed,
                  "replacing the stale socket " + path + ": " + std::generic_category().message(errno));
    acceptor.bind(endpoint, failed);
  }
  // Nobody can connect between bind and listen, so the mode is right for the first client.
  if (!failed && chmod(path.c_str(), 0600) != 0) failed = error_code(errno, boost::system::system_category());
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return fail(listen_error(std::string(kUnix) + path, failed));

  Listener listener(std::move(acceptor));
  listener.url_ = std::string(kUnix) + path;
  listener.file_ = path;
  listener.identity_ = identity_of(path);
  return listener;
}

Result<Listener> Listener::open(const asio::any_io_executor& executor, const std::string& listen) {
  if (listen.starts_with(kUnix)) return open_unix(executor, listen.substr(kUnix.size()));
  return open_tcp(executor, listen);
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  if (!file_.empty() && identity_ && identity_of(file_) == identity_) unlink(file_.c_str());
  file_.clear();
}

}  // namespace anlan
