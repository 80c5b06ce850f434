#include "edge/sensor/device.hpp"

namespace anlan::edge {
namespace {

const char* prefix(Endpoint::Scheme scheme) {
  switch (scheme) {
    case Endpoint::Scheme::modbus_tcp:
      return "modbus+tcp://";
    case Endpoint::Scheme::modbus_rtu:
      return "modbus+rtu://";
    case Endpoint::Scheme::modbus_rtutcp:
      return "modbus+rtutcp://";
    case Endpoint::Scheme::modbus_tls:
      return "modbus+tls://";
    case Endpoint::Scheme::mqtt:
      return "mqtt://";
  }
  return "";
}

}  // namespace

Endpoint Endpoint::connection() const {
  Endpoint shared = *this;
  shared.path.clear();
  return shared;
}

std::string Endpoint::str() const {
  if (scheme == Scheme::modbus_rtu)
    return prefix(scheme) + device + "?baud=" + std::to_string(line.baud) + "&parity=" + line.parity +
           "&stop=" + std::to_string(line.stop_bits) + (line.rs485 ? "&rs485=on" : "");
  const bool v6 = host.find(':') != std::string::npos;
  return prefix(scheme) + std::string(v6 ? "[" : "") + host + (v6 ? "]" : "") + ":" + std::to_string(port) +
         (path.empty() ? "" : "/" + path);
}

}  // namespace anlan::edge
