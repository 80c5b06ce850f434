#include "edge/sensor/device.hpp"

namespace anlan::edge {

std::string Endpoint::str() const {
  const bool v6 = host.find(':') != std::string::npos;
  return std::string(scheme == Scheme::mqtt ? "mqtt://" : "modbus+tcp://") + (v6 ? "[" : "") + host + (v6 ? "]" : "") +
         ":" + std::to_string(port) + (path.empty() ? "" : "/" + path);
}

}  // namespace anlan::edge
