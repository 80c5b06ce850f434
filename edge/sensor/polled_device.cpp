#include "edge/sensor/polled_device.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "edge/sensor/reading.hpp"

namespace anlan::edge {

bool PolledDevice::Settings::same_but_for_indices(const Settings& other) const {
  return name == other.name && unit == other.unit && timeout == other.timeout && reading == other.reading &&
         profile == other.profile && paces == other.paces && revisions == other.revisions;
}

void PolledDevice::plan_anew() {
  for (const PollTaskPtr& task : tasks) {
    task->plan = task->plan_now();
    task->begun = false;
    task->busy = 0;
    task->todo.clear();
    task->missing_said.reset();
  }
}

PollTask::PollTask(const std::shared_ptr<PolledDevice>& of, PollSchedule::TaskId number, Millis period,
                   std::vector<std::size_t> which)
    : device(of),
      id(number),
      reminder(std::max(kFailureReminder, period)),
      points(std::move(which)),
      plan(plan_now()) {}

ReadPlan PollTask::plan_now() const {
  std::vector<std::size_t> had;
  for (const std::size_t point : points)
    if (device->firmware.has(point)) had.push_back(point);
  return {device->firmware.points(), std::move(had), device->settings.reading};
}

void PollTask::begin(MonoTime now) {
  begun = true;
  busy = 0;
  todo.assign(plan.blocks().begin(), plan.blocks().end());
  std::ranges::move(plan.retries(now), std::back_inserter(todo));
}

}  // namespace anlan::edge
