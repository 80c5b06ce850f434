// Where people have points written: who may be written is decided here, the write is the poller's (point_writer.hpp),
// and what came of it is an event of the history.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "edge/app/config.hpp"
#include "edge/app/write_outcome.hpp"

namespace anlan::edge {

struct WriteWish {
  std::string point;        // DEVICE/POINT, or SITE/DEVICE/POINT
  std::string value;        // as entered_value() reads it
  std::string by;           // who
  bool only_check = false;  // everything but the write
};

/// The index of the point in the definition. Errors, which say what to do: not_found; refused: the profile does not let
/// it be written, or the device's section does not switch it on.
Result<std::uint32_t> writable_point(const Config& config, const std::string& point);

class WriteDesk {
 public:
  /// `write`: Acquisition::write. `record`: takes the event. References must outlive it; on the loop.
  WriteDesk(boost::asio::any_io_executor executor, const Clock& clock, const Config& config,
            std::function<void(std::uint32_t point, WriteOrder)> write, std::function<void(EdgeEvent)> record);

  /// Returns when it is known what came of it: after a few timeouts of the device at most, once its turn has come, for
  /// which it waits a minute. Errors: nothing was sent.
  boost::asio::awaitable<Result<Written>> write(WriteWish wish);

 private:
  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  const Config& config_;
  std::function<void(std::uint32_t, WriteOrder)> write_;
  std::function<void(EdgeEvent)> record_;
};

}  // namespace anlan::edge
