// Reads the devices behind one Modbus endpoint, for ever: whose turn it is (poll_schedule.hpp), what is asked then
// (block_reader.hpp, firmware_reader.hpp), what is said of it (poll_report.hpp); and writes what people ask for
// (point_writer.hpp).
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
#include "edge/sensor/block_reader.hpp"
#include "edge/sensor/bus.hpp"
#include "edge/sensor/firmware_reader.hpp"
#include "edge/sensor/point_writer.hpp"
#include "edge/sensor/poll_report.hpp"
#include "edge/sensor/poll_schedule.hpp"
#include "edge/sensor/polled_device.hpp"
#include "edge/sensor/reading.hpp"

namespace anlan::edge {

class Poller {
 public:
  using Device = PolledDevice::Settings;

  /// References must outlive run(). Everything happens on the loop that runs it.
  Poller(Clock& clock, std::unique_ptr<Bus> bus, std::vector<Device> devices, ReadingSink sink, EventSink events,
         Metrics& metrics, std::uint64_t seed);
  ~Poller();

  /// Called before the first reading of the new meaning, and by configure() for what is not as the profile's base.
  void describe_to(DescriptionSink sink) { report_.describe_to(std::move(sink)); }

  /// Called with each answer of a device that was asked for its firmware.
  void learned_to(FirmwareSink sink) { report_.learned_to(std::move(sink)); }

  /// Until cancelled.
  boost::asio::awaitable<void> run();

  /// Other devices from now on. One that differs in nothing but its points' indices goes on as if nothing had happened;
  /// of one that is gone or changed no reading comes any more. New ones are read within a second. The connection stays.
  void configure(std::vector<Device> devices);

  /// The risk of this point (index into the definition) is raised now: its class is read at its raised pace.
  void raise(std::uint32_t point);

  /// Writes this point (index into the definition) within a second or two, while run() runs. REQUIRES a Modbus point.
  void write(std::uint32_t point, WriteOrder order);

  /// One read of every device, without schedule or reminders; for `anlan-edge read`. Failures come as readings;
  /// `report` gets each device's failure in words.
  boost::asio::awaitable<void> read_once(std::function<void(const std::string& device, const BusError&)> report);

 private:
  void add(Device device);
  void remove(PolledDevice& device);

  boost::asio::awaitable<void> serve(PollSchedule::Turn turn);
  boost::asio::awaitable<void> ask_firmware(PollTaskPtr task, PollSchedule::Turn turn);
  boost::asio::awaitable<void> probe(PollSchedule::Turn turn);
  boost::asio::awaitable<std::optional<BusError>> read_whole(PollTaskPtr task, std::optional<BusError> failure);
  PollTaskPtr cheapest_of(PollTaskPtr task) const;
  void begin(PollTask& task);
  void lose_neighbours(const PollTask& task, const BusError& error);

  Clock& clock_;
  std::unique_ptr<Bus> bus_;
  Metric &polls_, &late_;
  PollReport report_;
  BlockReader blocks_;
  FirmwareReader firmware_;
  PointWriter writer_;
  PollSchedule schedule_;
  std::vector<std::shared_ptr<PolledDevice>> devices_;
  std::map<PollSchedule::TaskId, PollTaskPtr> tasks_;
  std::unordered_map<std::uint32_t, PollSchedule::TaskId> task_of_;  // by the definition's index
};

}  // namespace anlan::edge
