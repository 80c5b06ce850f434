#include "common/io/resolve.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <netdb.h>

namespace anlan {
namespace {

namespace asio = boost::asio;
using Addresses = std::vector<asio::ip::address>;

/// Shared by the one who waits and the thread that looks up. Who waits withdraws `timer` (under the mutex) before it
/// goes, so the thread never touches an executor that may be gone.
struct Lookup {
  std::mutex mutex;
  asio::steady_timer* timer = nullptr;
  std::optional<Result<Addresses>> result;
};

/// RFC 6761 §6.3: this name is this machine, whatever a name server says, and where no /etc/hosts says it either.
/// Configurations allow unencrypted links to it for that reason.
bool is_localhost(std::string_view host) {
  constexpr std::string_view name = "localhost";
  return std::ranges::equal(host, name, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

Result<Addresses> ask_the_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (const int code = getaddrinfo(host.c_str(), nullptr, &hints, &list); code != 0)
    return fail(Errc::unavailable, "looking up '" + host + "': " + gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
  Addresses found;
  for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
    if (a->ai_family == AF_INET) {
      sockaddr_in in{};
      std::memcpy(&in, a->ai_addr, sizeof in);
      found.emplace_back(asio::ip::address_v4(ntohl(in.sin_addr.s_addr)));
    } else if (a->ai_family == AF_INET6) {
      sockaddr_in6 in{};
      std::memcpy(&in, a->ai_addr, sizeof in);
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
      found.emplace_back(asio::ip::address_v6(bytes, in.sin6_scope_id));
    }
  }
  if (found.empty()) return fail(Errc::unavailable, "looking up '" + host + "': no address");
  return found;
}

void run(const std::shared_ptr<Lookup>& lookup, const LookUp& look_up, const std::string& host) {
  auto result = look_up(host);
  const std::lock_guard lock(lookup->mutex);
  lookup->result = std::move(result);
  if (lookup->timer == nullptr) return;
  asio::post(lookup->timer->get_executor(), [lookup] {
    const std::lock_guard again(lookup->mutex);
    if (lookup->timer != nullptr) lookup->timer->cancel();
  });
}

struct Withdraw {
  Lookup& lookup;
  ~Withdraw() {
    const std::lock_guard lock(lookup.mutex);
    lookup.timer = nullptr;
  }
};

}  // namespace

asio::awaitable<Result<Addresses>> resolve(std::string host, Millis timeout) {
  return resolve_by(ask_the_system, std::move(host), timeout);
}

asio::awaitable<Result<Addresses>> resolve_by(LookUp look_up, std::string host, Millis timeout) {
  std::string literal = host;
  if (literal.size() > 2 && literal.front() == '[' && literal.back() == ']')
    literal = literal.substr(1, literal.size() - 2);
  if (is_localhost(host)) co_return Addresses{asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  boost::system::error_code failed;
  if (const auto address = asio::ip::make_address(literal, failed); !failed) co_return Addresses{address};

  asio::steady_timer timer(co_await asio::this_coro::executor, timeout);
  const auto lookup = std::make_shared<Lookup>();
  lookup->timer = &timer;
  const Withdraw withdraw{*lookup};
  try {
    std::thread([lookup, look_up, host] { run(lookup, look_up, host); }).detach();
  } catch (const std::system_error& e) {
    co_return fail(Errc::unavailable, "looking up '" + host + "': no thread: " + e.what());
  }
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failed));
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);

  const std::lock_guard lock(lookup->mutex);
  if (!lookup->result)
    co_return fail(Errc::timeout,
                   "looking up '" + host + "': no answer from the name server after " + to_words(timeout));
  co_return std::move(*lookup->result);
}

}  // namespace anlan
