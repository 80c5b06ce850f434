// Asks a device for what a poll wants of it: one block after the other, and what it refuses until it is known what that
// is. Failures become readings that say so (poll_report.hpp); when to ask is the poller's.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/base/metrics.hpp"
#include "edge/sensor/bus.hpp"
#include "edge/sensor/poll_report.hpp"
#include "edge/sensor/polled_device.hpp"

namespace anlan::edge {

/// Exceptions that say what the device will not do whenever it is asked (V1.1b3 §7), and those that ask for patience.
bool is_refusal(int exception_code);
bool asks_for_patience(int exception_code);

/// How often in one poll it gets it.
inline constexpr int kBusyTries = 4;

/// What one hand-over to the bus came to.
struct PollStep {
  std::vector<Reading> readings;
  std::optional<BusError> failure;  // why the rest of the poll has no answer
  bool busy = false;                // the rest is to be asked a little later
};

/// On the loop, one call at a time. A device that goes meanwhile (PolledDevice::gone) is left alone.
class BlockReader {
 public:
  /// References must outlive it.
  BlockReader(Clock& clock, Bus& bus, const PollReport& report, Metrics& metrics);

  boost::asio::awaitable<BusResult<Words>> read(PollTaskPtr task, const Block& block, Millis timeout);

  /// The next `most` requests of the poll. What has an answer, or will have none, is no longer to do.
  boost::asio::awaitable<PollStep> step(PollTaskPtr task, std::size_t most, Millis timeout);

 private:
  boost::asio::awaitable<void> fail(PollTaskPtr task, const Block& block, BusError error, std::vector<Block>& later,
                                    PollStep& result);
  boost::asio::awaitable<BusResult<bool>> dissect(PollTaskPtr task, Block block, BusError error, PollStep& result);

  Clock& clock_;
  Bus& bus_;
  const PollReport& report_;
  Metrics& metrics_;
  Metric& requests_;
};

}  // namespace anlan::edge
