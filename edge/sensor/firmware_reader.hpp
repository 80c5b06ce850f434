// Asks a device which firmware it has, and does what follows from the answer: another plan, words for the history.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/base/metrics.hpp"
#include "edge/sensor/bus.hpp"
#include "edge/sensor/poll_report.hpp"
#include "edge/sensor/polled_device.hpp"

namespace anlan::edge {

/// On the loop, one call at a time.
class FirmwareReader {
 public:
  /// References must outlive it.
  FirmwareReader(const Clock& clock, Bus& bus, const PollReport& report, Metrics& metrics);

  /// Why the device did not answer, if it did not. REQUIRES a question.
  boost::asio::awaitable<std::optional<BusError>> learn(std::shared_ptr<PolledDevice> device, Millis timeout);

 private:
  boost::asio::awaitable<BusResult<std::optional<std::string>>> ask(int unit, FirmwareQuestion question,
                                                                    Millis timeout);
  boost::asio::awaitable<BusResult<std::string>> ask_object(int unit, std::uint8_t object, Millis timeout);
  boost::asio::awaitable<BusResult<std::string>> ask_registers(int unit, ModbusSource source, Millis timeout);

  const Clock& clock_;
  Bus& bus_;
  const PollReport& report_;
  Metrics& metrics_;
};

}  // namespace anlan::edge
