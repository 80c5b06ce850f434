#include "edge/sensor/poll_report.hpp"

#include <algorithm>
#include <utility>

#include "common/base/log.hpp"

namespace anlan::edge {
namespace {

std::string_view word(Table table) {
  constexpr std::string_view words[] = {"", "coil", "discrete input", "holding register", "input register"};
  return words[static_cast<std::size_t>(table)];
}

}  // namespace

std::string registers_of(const Block& block) {
  const std::string first = std::string(word(block.table)) + " " + std::to_string(block.address);
  return block.count == 1 ? first : first + " to " + std::to_string(block.address + block.count - 1);
}

void PollReport::describe(const PolledDevice& device) const {
  if (!describe_ || !device.firmware.question()) return;
  for (std::size_t i = 0; i < device.settings.points.size(); ++i)
    describe_(device.settings.points[i], (*device.firmware.points())[i]);
}

void PollReport::learned(const PolledDevice& device, const std::string& firmware) const {
  if (learned_) learned_(device.settings.name, firmware);
}

void PollReport::say(const PolledDevice& device, std::string what, std::string detail) const {
  if (events_)
    events_({.subject = device.settings.name, .what = std::move(what), .detail = std::move(detail), .actor = {}});
}

/// What the configuration calls the points may change during a read, so it is looked up here.
void PollReport::deliver(const PollTask& task, std::vector<Reading> readings) const {
  if (readings.empty()) return;
  for (Reading& reading : readings) reading.point = task.device->settings.points[reading.point];
  sink_(std::move(readings));
}

Reading PollReport::nothing(std::size_t point, Quality quality) const {
  Reading made;
  made.point = static_cast<std::uint32_t>(point);
  made.quality = quality;
  made.time = clock_.wall();
  made.mono = clock_.mono();
  return made;
}

void PollReport::take(PollTask& task, const Block& block, const Words& words, std::vector<Reading>& readings) const {
  Reading made;
  made.form = Reading::Form::registers;
  made.time = clock_.wall();
  made.mono = clock_.mono();
  for (const Block::Place& place : block.places) {
    made.point = static_cast<std::uint32_t>(place.point);
    std::copy_n(words.begin() + place.offset, place.count, made.registers.begin());
    readings.push_back(made);
  }
  if (!task.plan.accept(block)) return;
  log::info("sensor", "the device answers again what it refused",
            {{"device", task.device->settings.name}, {"registers", registers_of(block)}});
  say(*task.device, "value-back", registers_of(block));
}

void PollReport::fault(const Block& block, std::vector<Reading>& readings) const {
  for (const Block::Place& place : block.places) readings.push_back(nothing(place.point, Quality::device_fault));
}

void PollReport::refuse(PollTask& task, const Block& value, const BusError& error,
                        std::vector<Reading>& readings) const {
  if (!task.plan.refuse(value, clock_.mono())) return;
  fault(value, readings);
  if (!task.missing_said) task.missing_said = clock_.mono();
  std::string points;
  for (const Block::Place& place : value.places)
    points += (points.empty() ? "" : ", ") + (*task.device->settings.profile)[place.point].name;
  const std::string what = registers_of(value) + " (" + points + "): exception " +
                           std::to_string(error.exception_code) + ", " +
                           std::string(exception_name(error.exception_code));
  constexpr const char* kTry = "compare table, address and type in the profile with the manual of this firmware";
  log::warning(
      "sensor", "the device refuses a value; it is left out and asked for again later",
      {{"device", task.device->settings.name}, {"what", what}, {"check", kTry}, {"again", to_words(kAskRefusedAgain)}});
  say(*task.device, "value-refused", what + "; " + kTry);
}

void PollReport::remind_missing(PollTask& task, std::vector<Reading>& readings) const {
  if (task.missing_said && clock_.mono() - *task.missing_said < task.reminder) return;
  std::vector<std::size_t> missing = task.plan.refused();
  for (const std::size_t point : task.points)
    if (!task.device->firmware.has(point)) missing.push_back(point);
  if (missing.empty()) return;
  task.missing_said = clock_.mono();
  for (const std::size_t point : missing) readings.push_back(nothing(point, Quality::device_fault));
}

void PollReport::lose(PollTask& task, const BusError& error, std::vector<Reading>& readings) const {
  PolledDevice& device = *task.device;
  device.firmware.lost();
  if (!std::exchange(device.lost, true)) {
    log::warning("sensor", "the device is lost", {{"device", device.settings.name}, {"error", error.message}});
    say(device, "device-lost", error.message);
  }
  const auto todo = std::exchange(task.todo, {});
  const bool begun = std::exchange(task.begun, false);
  const MonoTime now = clock_.mono();
  if (task.lost_said && now - *task.lost_said < task.reminder) return;
  task.lost_said = now;
  if (!begun)
    for (const std::size_t point : task.points) readings.push_back(nothing(point, Quality::comm_failure));
  for (const Block& block : todo)
    for (const Block::Place& place : block.places) readings.push_back(nothing(place.point, Quality::comm_failure));
}

void PollReport::back(PolledDevice& device) const {
  if (!std::exchange(device.lost, false)) return;
  log::info("sensor", "the device is back", {{"device", device.settings.name}});
  say(device, "device-back", {});
  for (const PollTaskPtr& own : device.tasks) {
    own->lost_said.reset();
    own->plan.ask_all(clock_.mono());
  }
}

}  // namespace anlan::edge
