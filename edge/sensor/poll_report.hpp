// What a poller says: readings for the samples' taker, events for the history, lines for the log. It decides how often
// a failure is said; what is read is decided elsewhere.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/async/clock.hpp"
#include "common/model/protocol.hpp"
#include "edge/sensor/bus.hpp"
#include "edge/sensor/polled_device.hpp"
#include "edge/sensor/reading.hpp"

namespace anlan::edge {

/// "device-lost", "device-back", "value-refused", "value-back" and "firmware", for the history.
using EventSink = std::function<void(EdgeEvent)>;

/// What a point (index into the definition) means from now on: the device turned out to have another firmware.
using DescriptionSink = std::function<void(std::uint32_t point, const ProfilePoint&)>;

/// What a device answered when it was asked for its firmware.
using FirmwareSink = std::function<void(const std::string& device, const std::string& firmware)>;

/// "holding register 5 to 7".
std::string registers_of(const Block& block);

/// Readings name points of the profile until deliver(). On the loop.
class PollReport {
 public:
  PollReport(const Clock& clock, ReadingSink sink, EventSink events)
      : clock_(clock), sink_(std::move(sink)), events_(std::move(events)) {}

  void describe_to(DescriptionSink sink) { describe_ = std::move(sink); }

  void learned_to(FirmwareSink sink) { learned_ = std::move(sink); }

  /// It answered the question for its firmware.
  void learned(const PolledDevice& device, const std::string& firmware) const;

  /// What the device's points are by its present firmware, where it was asked for one.
  void describe(const PolledDevice& device) const;

  void say(const PolledDevice& device, std::string what, std::string detail) const;
  void deliver(const PollTask& task, std::vector<Reading> readings) const;

  /// A block was answered.
  void take(PollTask& task, const Block& block, const Words& words, std::vector<Reading>& readings) const;

  /// Its values have none: the device says an exception that is no refusal.
  void fault(const Block& block, std::vector<Reading>& readings) const;

  /// The device refuses this value; said once.
  void refuse(PollTask& task, const Block& value, const BusError& error, std::vector<Reading>& readings) const;

  /// What the device refuses, and what its firmware has not, now and then says that there is no value.
  void remind_missing(PollTask& task, std::vector<Reading>& readings) const;

  /// The points that the poll under way leaves without an answer, or all where none is, say so: at once, then now and
  /// then.
  void lose(PollTask& task, const BusError& error, std::vector<Reading>& readings) const;

  /// It answers again, where it was lost.
  void back(PolledDevice& device) const;

 private:
  Reading nothing(std::size_t point, Quality quality) const;

  const Clock& clock_;
  ReadingSink sink_;
  EventSink events_;
  DescriptionSink describe_;
  FirmwareSink learned_;
};

}  // namespace anlan::edge
