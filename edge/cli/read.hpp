// anlan-edge read: one poll of every device, as a table for the technician in front of it.
#pragma once

#include <iosfwd>

#include <boost/asio/io_context.hpp>

#include "common/async/clock.hpp"
#include "common/io/mqtt_client.hpp"
#include "edge/app/config.hpp"
#include "edge/sensor/bus.hpp"

namespace anlan::edge {

/// MQTT sensors are listened to until each point has spoken, or has been silent for as long as it may, but not longer.
inline constexpr Millis kReadPatience{15'000};

/// How the devices are reached. `io` is run until all have answered or failed.
struct ReadTools {
  boost::asio::io_context& io;
  Clock& clock;
  BusFactory bus;
  MqttFactory mqtt;
  bool daemon_runs = false;  // with this configuration
};

/// Prints every point with value, unit, quality, the level its limits give it and the time; below, for each device that
/// failed, why and what to check. Returns 0 where every point has a good value, 1 otherwise.
int run_read(const Config& config, ReadTools tools, std::ostream& out);

/// The same over real connections; serial lines of a running daemon are left alone, and it is said.
int run_read(const Config& config, bool daemon_runs, std::ostream& out);

}  // namespace anlan::edge
