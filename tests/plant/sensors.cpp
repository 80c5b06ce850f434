#include "tests/plant/sensors.hpp"

#include <algorithm>
#include <vector>

#include <unistd.h>

#include "common/base/backoff.hpp"
#include "common/base/log.hpp"

namespace anlan::plant {
namespace {

struct Sensor {
  const Device* device;
  MonoTime due;
};

/// Publishes what is due; false where the connection is gone.
bool publish_due(std::vector<Sensor>& sensors, const Plant& plant, MqttClient& client, MonoTime now) {
  for (auto& sensor : sensors) {
    if (sensor.due > now) continue;
    sensor.due = std::max(sensor.due + sensor.device->every, now);
    for (auto& [topic, payload] : plant.publications(sensor.device->name, now))
      if (!client.publish({.topic = std::move(topic), .payload = std::move(payload)})) return false;
  }
  return true;
}

}  // namespace

boost::asio::awaitable<void> publish_sensors(const Scenario& scenario, const Plant& plant, const MqttFactory& connect,
                                             Clock& clock) {
  std::vector<Sensor> sensors;
  for (const auto& device : scenario.devices)
    if (!device.topic.empty()) sensors.push_back({&device, clock.mono()});
  if (sensors.empty()) co_return;
  MqttOptions options;
  options.broker = scenario.broker;
  options.client_id = "anlan-plant-" + std::to_string(::getpid());
  Backoff backoff(Millis{100}, Millis{2000}, scenario.seed);
  while (true) {
    const auto client = connect(options);
    bool up = false;
    client->on_lost = [&up](const std::string&) { up = false; };
    const auto connected = co_await client->connect(Millis{2000});
    up = connected.has_value();
    if (up) log::info("plant", "sensors connected", {{"broker", scenario.broker}});
    if (up) backoff.reset();
    while (up && publish_due(sensors, plant, *client, clock.mono()))
      co_await clock.sleep_until(std::ranges::min(sensors, {}, &Sensor::due).due);
    log::warning("plant", "sensors have no broker", {{"broker", scenario.broker}});
    co_await clock.sleep_for(backoff.next());
  }
}

}  // namespace anlan::plant
