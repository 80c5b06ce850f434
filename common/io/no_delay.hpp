// Sends small TCP segments at once, for connections whose socket a library keeps to itself (Paho): without TCP_NODELAY
// a message waits up to 40 ms for the acknowledgement of the one before (Nagle's algorithm, RFC 896).
#pragma once

#include <cstdint>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace anlan {

/// Every socket of this process that is connected to `port` at one of `addresses`. Any thread. Returns how many.
int set_no_delay(const std::vector<boost::asio::ip::address>& addresses, std::uint16_t port);

}  // namespace anlan
