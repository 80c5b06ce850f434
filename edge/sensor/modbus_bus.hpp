// The buses of every Modbus transport.
#pragma once

#include <cstdint>

#include <boost/asio/any_io_executor.hpp>

#include "common/base/metrics.hpp"
#include "edge/sensor/bus.hpp"

namespace anlan::edge {

/// Makes buses for `executor`'s loop, which must outlive them. One factory for a whole process: what it makes counts in
/// `metrics` (which outlives it) and shares serial lines. Each endpoint has a thread of its own, so a hung device never
/// holds up the loop. Destroying a bus cuts what is under way and returns at once; a coroutine that waits in it gets
/// `closed`.
BusFactory modbus_factory(boost::asio::any_io_executor executor, Metrics& metrics, std::uint64_t seed);

}  // namespace anlan::edge
