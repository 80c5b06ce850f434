// Names to addresses, so that a dead name server delays nobody but the one who asked: Asio's own resolver has one
// thread for all look-ups and cannot abandon one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan {

/// The addresses of `host` (a name or an address; "[::1]" too) in the order in which to try them, never empty;
/// "localhost" is this machine, and nobody is asked for it (RFC 6761 §6.3). Each look-up of a name has a thread of its
/// own, which ends with getaddrinfo(3) even where nobody waits any more. Errors: unavailable (no such host), timeout.
/// Throws when it is cancelled.
boost::asio::awaitable<Result<std::vector<boost::asio::ip::address>>> resolve(std::string host, Millis timeout);

/// How a name is looked up; blocks, on a thread of its own.
using LookUp = std::function<Result<std::vector<boost::asio::ip::address>>(const std::string& host)>;

/// The same by another look-up than getaddrinfo(3).
boost::asio::awaitable<Result<std::vector<boost::asio::ip::address>>> resolve_by(LookUp look_up, std::string host,
                                                                                 Millis timeout);

}  // namespace anlan
