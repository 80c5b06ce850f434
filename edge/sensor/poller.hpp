// Reads the devices behind one Modbus endpoint, for ever. What to read when is decided by poll_schedule.hpp and
// planner.hpp; here the decisions are carried out and failures become readings that say so.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/base/metrics.hpp"
#include "common/model/protocol.hpp"
#include "edge/sensor/bus.hpp"
#include "edge/sensor/planner.hpp"
#include "edge/sensor/poll_schedule.hpp"
#include "edge/sensor/reading.hpp"

namespace anlan::edge {

/// "device-lost" and "device-back", for the history.
using EventSink = std::function<void(EdgeEvent)>;

class Poller {
 public:
  struct Device {
    std::string name;  // site/device
    int unit = 1;
    Millis period{1000}, timeout{1000};
    std::vector<PollClass> plan;        // of plan(profile)
    std::vector<std::uint32_t> points;  // index into the definition of each of the profile's points
  };

  /// References must outlive run(). Everything happens on the loop that runs it.
  Poller(Clock& clock, std::unique_ptr<Bus> bus, std::vector<Device> devices, ReadingSink sink, EventSink events,
         Metrics& metrics, std::uint64_t seed);

  /// Until cancelled.
  boost::asio::awaitable<void> run();

  /// One read of every device, without schedule or reminders; for `anlan-edge read`. Failures come as readings;
  /// `report` gets each device's failure in words.
  boost::asio::awaitable<void> read_once(std::function<void(const std::string& device, const BusError&)> report);

 private:
  struct State {
    Device device;
    std::vector<std::uint64_t> next_slots;  // of each poll class
    bool lost = false;
    MonoTime last_reminder{};
    std::map<std::size_t, MonoTime> refused;  // profile points whose block is refused, and when that was last said
  };
  struct Poll {
    std::vector<Reading> readings;
    std::set<std::size_t> read;       // profile points that have an answer
    std::optional<BusError> failure;  // why the rest has none
  };

  boost::asio::awaitable<Poll> poll(State& state, std::uint64_t slot);
  boost::asio::awaitable<bool> read_class(State& state, PollClass& poll_class, Poll& result);
  void take(State& state, const Block& block, const std::vector<std::uint16_t>& words, Poll& result);
  void refuse(State& state, const Block& block, const BusError& error, Poll& result);
  void lose(State& state, const BusError& error, Poll* result);
  void settle(const PollSchedule::Turn& turn, Poll poll);
  Reading reading(const State& state, std::size_t point) const;

  Clock& clock_;
  std::unique_ptr<Bus> bus_;
  std::vector<State> states_;
  std::optional<PollSchedule> schedule_;
  ReadingSink sink_;
  EventSink events_;
  Metric &polls_, &late_, &requests_;
  Metrics& metrics_;
  std::uint64_t seed_;
};

}  // namespace anlan::edge
