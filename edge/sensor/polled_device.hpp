// A device that a poller reads, and its poll classes: what is known of them while they are read. Values and what
// changes them by themselves; nothing here waits or asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "edge/sensor/firmware_watch.hpp"
#include "edge/sensor/poll_schedule.hpp"
#include "edge/sensor/read_plan.hpp"

namespace anlan::edge {

struct PollTask;
using PollTaskPtr = std::shared_ptr<PollTask>;

/// A device and its tasks hold each other, so that a read under way outlives a removal: whoever removes a device takes
/// its `tasks`.
struct PolledDevice {
  struct Settings {
    std::string name;  // site/device
    int unit = 1;
    Millis timeout{1000};                   // for one answer
    ModbusReading reading;                  // what it bears in one request
    ProfilePoints profile;                  // the profile's points; those that are not Modbus are left out
    std::vector<Pace> paces;                // of each of them: equal ones are one poll class
    std::vector<std::uint32_t> points;      // index into the definition of each of them
    Shared<Revisions> revisions{};          // of the profile; the device is asked which one it has
    std::optional<std::string> firmware{};  // what it is known to have answered last, in an earlier life

    bool same_but_for_indices(const Settings& other) const;
  };

  explicit PolledDevice(Settings of)
      : settings(std::move(of)), firmware(settings.profile, settings.revisions, settings.firmware) {}

  /// Another firmware decides what is read: polls under way begin anew.
  void plan_anew();

  Settings settings;
  FirmwareWatch firmware;
  std::vector<PollTaskPtr> tasks;
  bool lost = false;
  MonoTime rests_until{};  // what it bears: no request before (ModbusReading::pause)
  bool gone = false;       // out of the configuration while a read is under way
};

/// One poll class of a device.
struct PollTask {
  PollTask(const std::shared_ptr<PolledDevice>& of, PollSchedule::TaskId number, Millis period,
           std::vector<std::size_t> which);

  /// The poll begins: everything is to do.
  void begin(MonoTime now);

  /// Reads what the present firmware has.
  ReadPlan plan_now() const;

  std::shared_ptr<PolledDevice> device;
  PollSchedule::TaskId id;
  Millis reminder;                  // how often its points say that they have no value
  std::vector<std::size_t> points;  // all of the class; `plan` reads those that the present firmware has
  ReadPlan plan;
  bool begun = false;
  std::deque<Block> todo;  // of the poll that has begun
  int busy = 0;            // how often in this poll the device asked for patience
  std::optional<MonoTime> lost_said, missing_said;
};

}  // namespace anlan::edge
