// The MQTT devices of a plant: publishes what they measure, each in its own rhythm, over one connection that comes
// back.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/io/mqtt_client.hpp"
#include "tests/plant/plant.hpp"

namespace anlan::plant {

/// For ever; at once done where the scenario has no MQTT device. Everything it refers to must outlive it.
boost::asio::awaitable<void> publish_sensors(const Scenario& scenario, const Plant& plant, const MqttFactory& connect,
                                             Clock& clock);

}  // namespace anlan::plant
