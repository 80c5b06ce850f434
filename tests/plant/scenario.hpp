// A simulated plant as its scenario file describes it: endpoints, devices, points, and what happens when
// (docs/formats/plant.md).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/config/fault.hpp"
#include "common/config/url.hpp"
#include "tests/plant/action.hpp"
#include "tests/plant/identity.hpp"
#include "tests/plant/modbus.hpp"
#include "tests/plant/registers.hpp"

namespace anlan::plant {

/// One Modbus listener or serial line; several devices may share it, as units behind a gateway.
struct Endpoint {
  std::string name;
  Listen listen;         // IPv4; port 0: any free one
  bool rtu = false;      // RTU frames over TCP, as serial servers carry them
  SerialPlace serial{};  // instead of `listen` where it names a device or link
};

/// A value in a device's MQTT JSON object, or the scalar on a topic below the device's own.
struct JsonField {
  std::string key;
};
struct ScalarTopic {
  std::string suffix;  // "" is the device's topic itself
};

struct Point {
  std::string name;
  std::variant<Place, JsonField, ScalarTopic> place;
  double value = 0;  // at the start
  double noise = 0;
  bool writable = false;  // coils and holding registers
};

/// Reached over Modbus (endpoint and unit) or MQTT (topic): exactly one of them.
struct Device {
  std::string name;
  std::string endpoint;
  int unit = 1;         // 0 to 255
  std::string topic;    // MQTT, without slashes at its ends
  Millis every{1000};   // MQTT: how often it publishes
  Identity identity{};  // function 43/14; empty: it knows no such function
  std::vector<Point> points;
};

struct Step {
  Millis at{0};      // after the start
  std::string text;  // as written
  Action action;
};

struct Scenario {
  std::uint64_t seed = 1;
  std::string broker;  // mqtt://host:port; needed by MQTT devices only
  std::vector<Endpoint> endpoints;
  std::vector<Device> devices;
  std::vector<Step> steps;  // in order of time
};

/// Reads a scenario file: a whole valid one, or every fault found.
std::expected<Scenario, std::vector<Fault>> load_scenario(const std::string& file);

/// The same for text at hand.
std::expected<Scenario, std::vector<Fault>> parse_scenario(const std::string& text, const std::string& file);

}  // namespace anlan::plant
