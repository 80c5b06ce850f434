// Modbus TCP through libmodbus. Its .cpp is the only file of the edge that includes libmodbus.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "edge/sensor/bus.hpp"

namespace anlan::edge {

/// Makes buses for `executor`'s loop, which must outlive them. Each has a thread of its own for libmodbus, so a hung
/// device never holds up the loop; the connection is opened by the loop. Destroying a bus cuts what is under way and
/// returns at once; a coroutine that waits in it gets `closed`.
BusFactory modbus_tcp_factory(boost::asio::any_io_executor executor);

}  // namespace anlan::edge
