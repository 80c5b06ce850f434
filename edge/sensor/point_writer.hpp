// Writes single points of devices, because somebody asked for it: queued here, carried out one request at a time
// between the polls, so that the poller stays the only one who asks the endpoint.
//
//   firmware ─▶ before ─▶ write ─▶ after ─▶ done
//                                   │ ▲ still as before: read again a little later (kSettle)
//                                   └─┘
//
// What the device has is read first: a device that cannot be read is not written. After the request it is read again,
// whatever came of it: what the device then has is the truth, its confirmation is not.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/base/metrics.hpp"
#include "common/base/result.hpp"
#include "edge/sensor/block_reader.hpp"
#include "edge/sensor/bus.hpp"
#include "edge/sensor/firmware_reader.hpp"
#include "edge/sensor/poll_report.hpp"
#include "edge/sensor/polled_device.hpp"

namespace anlan::edge {

/// What came of it, where something was sent (or would have been).
struct PointWrite {
  ProfilePoint point;  // as the device's present firmware has it
  Words before, wanted;
  std::optional<BusError> failure{};  // why the device did not confirm; an exception: it refused
  BusResult<Words> after{};           // read back; `before` where nothing was to be sent
};

struct WriteOrder {
  /// The words of the wanted value, for the point as it is by the present firmware. Errors: they end the order.
  std::function<Result<Words>(const ProfilePoint&)> encode;
  bool send = true;  // false: everything but the write
  MonoTime expires;  // not begun by then: nothing is done (timeout)
  /// Called once, on the loop. Errors: nothing was sent: those of encode(); unavailable (the device does not answer, or
  /// nothing readable), conflict (its firmware has no such point, too many orders wait, the configuration changed).
  std::function<void(Result<PointWrite>)> done;
};

/// How many orders may wait at one endpoint, and when a value that did not change is read again, counted from the
/// write.
inline constexpr std::size_t kMostOrders = 8;
inline constexpr Millis kSettle[] = {Millis{250}, Millis{1'000}};

class PointWriter {
 public:
  /// References must outlive it.
  PointWriter(Clock& clock, Bus& bus, BlockReader& blocks, FirmwareReader& firmware, const PollReport& report,
              Metrics& metrics);
  /// Ends what waits.
  ~PointWriter();

  /// The point `which` of the profile of the task's device.
  void add(WriteOrder order, PollTaskPtr task, std::size_t which);

  /// When the next request is to be made; MonoTime::max(): nothing is asked for.
  MonoTime wake() const;

  /// Makes it. REQUIRES wake() <= now.
  boost::asio::awaitable<void> step();

 private:
  struct Job;
  using JobPtr = std::shared_ptr<Job>;

  boost::asio::awaitable<std::optional<Result<PointWrite>>> advance(JobPtr job);
  boost::asio::awaitable<std::optional<Result<PointWrite>>> read_before(JobPtr job);
  boost::asio::awaitable<std::optional<Result<PointWrite>>> write(JobPtr job);
  boost::asio::awaitable<std::optional<Result<PointWrite>>> read_after(JobPtr job);
  boost::asio::awaitable<BusResult<Words>> read(JobPtr job);
  static Result<PointWrite> cut_short(Job& job);

  Clock& clock_;
  Bus& bus_;
  BlockReader& blocks_;
  FirmwareReader& firmware_;
  const PollReport& report_;
  Metrics& metrics_;
  std::deque<JobPtr> jobs_;
};

}  // namespace anlan::edge
