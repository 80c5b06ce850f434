// Reads the devices behind one Modbus endpoint, for ever. What to read when is decided by poll_schedule.hpp and
// read_plan.hpp; here the decisions are carried out and failures become readings that say so.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/base/metrics.hpp"
#include "common/model/protocol.hpp"
#include "edge/sensor/bus.hpp"
#include "edge/sensor/firmware_watch.hpp"
#include "edge/sensor/poll_schedule.hpp"
#include "edge/sensor/read_plan.hpp"
#include "edge/sensor/reading.hpp"

namespace anlan::edge {

/// "device-lost", "device-back", "value-refused", "value-back" and "firmware", for the history.
using EventSink = std::function<void(EdgeEvent)>;

/// What a point (index into the definition) means from now on: the device turned out to have another firmware.
using DescriptionSink = std::function<void(std::uint32_t point, const ProfilePoint&)>;

class Poller {
 public:
  struct Device {
    std::string name;  // site/device
    int unit = 1;
    Millis timeout{1000};               // for one answer
    ModbusReading reading;              // what it bears in one request
    std::vector<ProfilePoint> profile;  // the profile's points; those that are not Modbus are left out
    std::vector<Pace> paces;            // of each of them: equal ones are one poll class
    std::vector<std::uint32_t> points;  // index into the definition of each of them
    Revisions revisions{};              // of the profile; the device is asked which one it has
  };

  /// References must outlive run(). Everything happens on the loop that runs it.
  Poller(Clock& clock, std::unique_ptr<Bus> bus, std::vector<Device> devices, ReadingSink sink, EventSink events,
         Metrics& metrics, std::uint64_t seed);
  ~Poller();

  /// Called before the first reading of the new meaning, and by configure() for what is not as the profile's base.
  void describe_to(DescriptionSink sink) { describe_ = std::move(sink); }

  /// Until cancelled.
  boost::asio::awaitable<void> run();

  /// Other devices from now on. One that differs in nothing but its points' indices goes on as if nothing had happened;
  /// of one that is gone or changed no reading comes any more. New ones are read within a second. The connection stays.
  void configure(std::vector<Device> devices);

  /// The risk of this point (index into the definition) is raised now: its class is read at its raised pace.
  void raise(std::uint32_t point);

  /// One read of every device, without schedule or reminders; for `anlan-edge read`. Failures come as readings;
  /// `report` gets each device's failure in words.
  boost::asio::awaitable<void> read_once(std::function<void(const std::string& device, const BusError&)> report);

 private:
  struct State;  // of a device
  struct Task;   // one of its poll classes
  struct Step;   // what one hand-over to the bus came to
  using TaskPtr = std::shared_ptr<Task>;

  void add(Device device);
  void remove(State& state);

  boost::asio::awaitable<void> serve(PollSchedule::Turn turn);
  boost::asio::awaitable<void> probe(PollSchedule::Turn turn);
  void begin(Task& task);

  boost::asio::awaitable<BusResult<std::optional<std::string>>> ask(TaskPtr task, FirmwareQuestion question,
                                                                    Millis timeout);
  boost::asio::awaitable<std::optional<BusError>> learn_firmware(TaskPtr task, Millis timeout);
  void plan_anew(State& state);
  void describe(const State& state) const;

  ReadRequest request(const Task& task, const Block& block, Millis timeout) const;
  void count_failure(const BusError& error);
  boost::asio::awaitable<BusResult<Words>> read(TaskPtr task, const Block& block, Millis timeout);
  boost::asio::awaitable<Step> step(TaskPtr task, std::size_t most, Millis timeout);
  boost::asio::awaitable<BusResult<bool>> dissect(TaskPtr task, Block block, BusError error, Step& result);

  void say(const Task& task, std::string what, std::string detail) const;
  void deliver(const Task& task, std::vector<Reading> readings) const;
  Reading nothing(std::size_t point, Quality quality) const;
  void take(Task& task, const Block& block, const Words& words, std::vector<Reading>& readings);
  void fault(const Block& block, std::vector<Reading>& readings) const;
  void refuse(Task& task, const Block& value, const BusError& error, Step& result);
  void remind_missing(Task& task, std::vector<Reading>& readings);
  void lose(Task& task, const BusError& error, std::vector<Reading>& readings);
  void lose_neighbours(const Task& task, const BusError& error);
  void back(Task& task);

  Clock& clock_;
  std::unique_ptr<Bus> bus_;
  ReadingSink sink_;
  EventSink events_;
  DescriptionSink describe_;
  Metrics& metrics_;
  Metric &polls_, &late_, &requests_;
  PollSchedule schedule_;
  std::vector<std::shared_ptr<State>> devices_;
  std::map<PollSchedule::TaskId, TaskPtr> tasks_;
  std::unordered_map<std::uint32_t, PollSchedule::TaskId> task_of_;  // by the definition's index
};

}  // namespace anlan::edge
