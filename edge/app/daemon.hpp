// Builds the edge's parts, joins them, and ends them in reverse order.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "edge/app/config.hpp"

namespace anlan::edge {

/// Serves until SIGTERM or SIGINT, then ends within 2 seconds with everything committed. SIGHUP reads the configuration
/// again: an invalid one leaves the old in force. Returns the exit code.
boost::asio::awaitable<int> serve(boost::asio::io_context& loop, Config config);

}  // namespace anlan::edge
