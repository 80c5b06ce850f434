// What makes the noise: a Modbus device or whatever listens to an MQTT topic. Interface.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/base/result.hpp"
#include "edge/annunciator/annunciator.hpp"

namespace anlan::edge {

class Sounder {
 public:
  virtual ~Sounder() = default;

  /// Shows the whole output; bounded in time. Errors say what did not work; the next call tries anew.
  virtual boost::asio::awaitable<Result<void>> show(const AnnunciatorOutput& output) = 0;

  /// For people: "modbus+tcp://10.1.2.3:502 unit 9".
  virtual std::string name() const = 0;
};

}  // namespace anlan::edge
