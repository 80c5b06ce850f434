// A device as the configuration names it: where it is, which profile describes it, how often it is read.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "common/model/definition.hpp"

namespace anlan::edge {

/// modbus+tcp://host[:502] or mqtt://host[:1883][/topic/prefix]; others are faults until their transports exist.
struct Endpoint {
  enum class Scheme { modbus_tcp, mqtt } scheme = Scheme::modbus_tcp;
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string path;  // mqtt: topic prefix without slashes at its ends
  auto operator<=>(const Endpoint&) const = default;
  std::string str() const;
};

struct DeviceConfig {
  std::string name, title;
  std::string asset;    // "" means the device itself
  std::string profile;  // id of a profile
  Endpoint connect;
  int unit = 1;                          // Modbus unit identifier, 0 to 255
  Millis poll{1000};                     // 5 ms to 1 h
  Millis timeout{1000};                  // for one answer
  Millis stale_after{};                  // MQTT: silence after which its points are stale; default 3 × poll
  std::map<std::string, Limits> limits;  // by point; replaces the profile's defaults for that point
  bool operator==(const DeviceConfig&) const = default;
};

}  // namespace anlan::edge
