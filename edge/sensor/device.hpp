// A device as the configuration names it: where it is, which profile describes it, how often it is read.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "common/model/definition.hpp"
#include "edge/sensor/pace.hpp"

namespace anlan::edge {

/// How the bits lie on a serial line. The defaults are those of Modbus over serial line V1.02 §2.5.
struct SerialLine {
  int baud = 19200;
  char parity = 'E';   // E, O or N
  int stop_bits = 1;   // 1 or 2
  bool rs485 = false;  // the driver switches the transceiver's direction (RTS); else the hardware does by itself
  auto operator<=>(const SerialLine&) const = default;
};

/// PEM files of modbus+tls://, with the meaning of those of [uplink].
struct TlsFiles {
  std::string ca_file, certificate_file, key_file;
  auto operator<=>(const TlsFiles&) const = default;
};

/// Where a device is reached. Devices with equal endpoints (but for `path`) share one connection or line.
struct Endpoint {
  enum class Scheme {
    modbus_tcp,     // modbus+tcp://HOST[:502]
    modbus_rtu,     // modbus+rtu:///dev/ttyUSB0?baud=9600&parity=E&stop=1
    modbus_rtutcp,  // modbus+rtutcp://HOST:PORT: RTU frames over TCP, as serial servers carry them
    modbus_tls,     // modbus+tls://HOST[:802]: Modbus/TCP Security
    mqtt,           // mqtt://HOST[:1883][/TOPIC/PREFIX]
  } scheme = Scheme::modbus_tcp;
  std::string host;  // an IPv6 address without its brackets; empty for modbus_rtu
  std::uint16_t port = 0;
  std::string path{};    // mqtt: topic prefix without slashes at its ends
  std::string device{};  // modbus_rtu: the serial device's file
  SerialLine line{};     // modbus_rtu
  TlsFiles tls{};        // modbus_tls
  auto operator<=>(const Endpoint&) const = default;

  bool is_modbus() const { return scheme != Scheme::mqtt; }
  /// What is shared by the devices that differ in `path` only.
  Endpoint connection() const;
  /// As in the configuration: a URL without the files.
  std::string str() const;
};

struct DeviceConfig {
  std::string name, title;
  std::string asset;    // "" means the device itself
  std::string profile;  // id of a profile
  Endpoint connect;
  int unit = 1;                 // Modbus unit identifier, 0 to 255
  Pace pace;                    // 5 ms to 1 h; MQTT: how often it is expected to publish
  std::string poll_class;       // of all its points, instead of `pace` and of what the profile says
  Millis timeout{1000};         // for one answer
  Millis stale_after{};         // MQTT: silence after which its points are stale; default 3 × poll
  bool report_changes = false;  // not all samples are kept, only those that say something new (edge/sample/reporter)
  Millis heartbeat{60'000};     // then an unchanged value is kept so often
  std::map<std::string, double> report_deadband;  // by point, in its unit; 0 where it is not named
  std::set<std::string> writable;                 // points that people may write; the profile lets them be written
  std::map<std::string, Limits> limits;           // by point; replaces the profile's defaults for that point
  bool operator==(const DeviceConfig&) const = default;
};

}  // namespace anlan::edge
