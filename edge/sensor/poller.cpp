#include "edge/sensor/poller.hpp"

#include <algorithm>
#include <utility>

#include "edge/sensor/sensor_metrics.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

constexpr Millis kNotice{
    1'000};  // a changed configuration, raised risk or a write is noticed so soon also where nothing is due
constexpr Millis kBusyPause{250};  // doubled with each try

PollOutcome outcome(const std::optional<BusError>& failure) {
  if (!failure) return PollOutcome::answered;
  return failure->kind == BusError::Kind::no_connection ? PollOutcome::endpoint_dead : PollOutcome::unit_silent;
}

}  // namespace

Poller::Poller(Clock& clock, std::unique_ptr<Bus> bus, std::vector<Device> devices, ReadingSink sink, EventSink events,
               Metrics& metrics, std::uint64_t seed)
    : clock_(clock),
      bus_(std::move(bus)),
      polls_(metrics.at(kPolls)),
      late_(metrics.at(kPollsLate)),
      report_(clock, std::move(sink), std::move(events)),
      blocks_(clock, *bus_, report_, metrics),
      firmware_(clock, *bus_, report_, metrics),
      writer_(clock, *bus_, blocks_, firmware_, report_, metrics),
      schedule_(seed) {
  configure(std::move(devices));
}

/// A device and its tasks hold each other.
Poller::~Poller() {
  for (const auto& device : devices_) remove(*device);
}

void Poller::configure(std::vector<Device> devices) {
  std::vector<std::shared_ptr<PolledDevice>> before = std::exchange(devices_, {});
  for (Device& wanted : devices) {
    const auto same = std::ranges::find_if(
        before, [&](const auto& device) { return device && device->settings.same_but_for_indices(wanted); });
    if (same == before.end()) {
      add(std::move(wanted));
    } else {
      (*same)->settings.points = std::move(wanted.points);
      report_.describe(**same);
      devices_.push_back(std::exchange(*same, nullptr));
    }
  }
  for (const auto& device : before)
    if (device) remove(*device);
  task_of_.clear();
  for (const auto& [id, task] : tasks_)
    for (const std::size_t point : task->points) task_of_[task->device->settings.points[point]] = id;
}

void Poller::add(Device settings) {
  auto device = std::make_shared<PolledDevice>(std::move(settings));
  const Device& of = device->settings;
  std::map<Pace, std::vector<std::size_t>> classes;
  for (std::size_t i = 0; i < of.profile->size(); ++i)
    if (std::holds_alternative<ModbusSource>((*of.profile)[i].source)) classes[of.paces[i]].push_back(i);
  for (auto& [pace, which] : classes) {
    const auto id = schedule_.add({of.unit, pace, of.timeout}, clock_.mono());
    auto task = std::make_shared<PollTask>(device, id, pace.period, std::move(which));
    tasks_[id] = task;
    device->tasks.push_back(std::move(task));
  }
  devices_.push_back(std::move(device));
}

void Poller::remove(PolledDevice& device) {
  device.gone = true;
  for (const PollTaskPtr& task : std::exchange(device.tasks, {})) {
    schedule_.remove(task->id);
    tasks_.erase(task->id);
  }
}

void Poller::raise(std::uint32_t point) {
  const auto task = task_of_.find(point);
  if (task == task_of_.end()) return;
  schedule_.raise(task->second, clock_.mono());
}

void Poller::write(std::uint32_t point, WriteOrder order) {
  const PollTaskPtr& task = tasks_.at(task_of_.at(point));
  const auto& points = task->device->settings.points;
  writer_.add(std::move(order), task, static_cast<std::size_t>(std::ranges::find(points, point) - points.begin()));
}

awaitable<void> Poller::run() {
  for (;;) {
    const MonoTime now = clock_.mono();
    if (writer_.wake() <= now) {
      co_await writer_.step();
      continue;
    }
    const auto turn = schedule_.next(now);
    if (!turn)
      co_await clock_.sleep_until(std::min({schedule_.wake(now), writer_.wake(), now + kNotice}));
    else if (turn->probe)
      co_await probe(*turn);
    else
      co_await serve(*turn);
  }
}

void Poller::begin(PollTask& task) {
  task.begin(clock_.mono());
  polls_.add();
}

/// One hand-over to the bus. On a line that several units share that is one request, so that others get their turns.
awaitable<void> Poller::serve(PollSchedule::Turn turn) {
  const PollTaskPtr task = tasks_.at(turn.task);
  PolledDevice& device = *task->device;
  const MonoTime began = clock_.mono();
  if (began < device.rests_until) {
    schedule_.more(turn, device.rests_until);
    co_return;
  }
  if (!task->begun && device.firmware.must_ask(began)) {
    co_await ask_firmware(task, turn);
    co_return;
  }
  if (!task->begun) {
    const auto& pace = device.settings.paces[task->points.front()];
    if (began - turn.due > pace.period / 10) late_.add();
    begin(*task);
  }
  PollStep result;
  const Millis pause = device.settings.reading.pause;
  const std::size_t most = schedule_.shared() || pause > Millis{0} ? 1 : task->todo.size();
  if (!task->todo.empty()) result = co_await blocks_.step(task, most, turn.timeout);
  if (device.gone) co_return;
  const MonoTime now = clock_.mono();
  device.rests_until = now + pause;
  if (result.failure) {
    report_.lose(*task, *result.failure, result.readings);
    schedule_.done(turn, outcome(result.failure), now);
  } else if (task->todo.empty()) {
    task->begun = false;
    report_.back(device);
    report_.remind_missing(*task, result.readings);
    schedule_.done(turn, PollOutcome::answered, now);
  } else {
    schedule_.more(turn, result.busy ? now + kBusyPause * (1 << std::min(task->busy, kBusyTries)) / 2 : now);
  }
  report_.deliver(*task, std::move(result.readings));
  if (result.failure) lose_neighbours(*task, *result.failure);
}

awaitable<void> Poller::ask_firmware(PollTaskPtr task, PollSchedule::Turn turn) {
  const auto failure = co_await firmware_.learn(task->device, turn.timeout);
  if (task->device->gone) co_return;
  if (!failure) {
    schedule_.more(turn, clock_.mono() + task->device->settings.reading.pause);
    co_return;
  }
  std::vector<Reading> readings;
  report_.lose(*task, *failure, readings);
  schedule_.done(turn, outcome(failure), clock_.mono());
  report_.deliver(*task, std::move(readings));
  lose_neighbours(*task, *failure);
}

/// The cheapest request that the unit has, on behalf of all its devices; or what is to be asked first anyway.
awaitable<void> Poller::probe(PollSchedule::Turn turn) {
  PollTaskPtr task = tasks_.at(turn.task);
  std::vector<Reading> readings;
  std::optional<BusError> failure;
  if (task->device->firmware.question()) {
    failure = co_await firmware_.learn(task->device, turn.timeout);
    if (task->device->gone) co_return;
  } else {
    task = cheapest_of(task);
    const Block block = task->plan.cheapest();
    const auto words = co_await blocks_.read(task, block, turn.timeout);
    if (task->device->gone) co_return;
    if (words)
      report_.take(*task, block, *words, readings);
    else if (words.error().kind != BusError::Kind::exception)
      failure = words.error();
  }
  schedule_.done(turn, outcome(failure), clock_.mono());
  if (failure)
    report_.lose(*task, *failure, readings);
  else
    report_.back(*task->device);
  report_.deliver(*task, std::move(readings));
  if (failure) lose_neighbours(*task, *failure);
}

PollTaskPtr Poller::cheapest_of(PollTaskPtr task) const {
  const int unit = task->device->settings.unit;
  for (const auto& [id, other] : tasks_)
    if (other->device->settings.unit == unit && !other->device->firmware.question() &&
        other->plan.cheapest().count < task->plan.cheapest().count)
      task = other;
  return task;
}

/// One connection for all, and one unit for all devices that name it.
void Poller::lose_neighbours(const PollTask& task, const BusError& error) {
  const auto others = tasks_;
  for (const auto& [id, other] : others) {
    const bool concerned =
        error.kind == BusError::Kind::no_connection || other->device->settings.unit == task.device->settings.unit;
    if (other.get() == &task || !concerned) continue;
    std::vector<Reading> readings;
    report_.lose(*other, error, readings);
    report_.deliver(*other, std::move(readings));
  }
}

awaitable<void> Poller::read_once(std::function<void(const std::string&, const BusError&)> report) {
  std::optional<BusError> dead;
  const auto devices = devices_;
  for (const auto& device : devices) {
    std::optional<BusError> failure = dead;
    if (!failure && !device->tasks.empty() && device->firmware.must_ask(clock_.mono()))
      failure = co_await firmware_.learn(device, device->settings.timeout);
    for (const PollTaskPtr& task : std::vector(device->tasks)) failure = co_await read_whole(task, failure);
    if (failure) report(device->settings.name, *failure);
    if (failure && failure->kind == BusError::Kind::no_connection) dead = failure;
  }
}

/// One poll of the class, unless its device has failed already; why it failed, if it did.
awaitable<std::optional<BusError>> Poller::read_whole(PollTaskPtr task, std::optional<BusError> failure) {
  begin(*task);
  std::vector<Reading> readings;
  const auto& settings = task->device->settings;
  const Millis pause = settings.reading.pause;
  while (!failure && !task->todo.empty()) {
    if (pause > Millis{0}) co_await clock_.sleep_for(pause);
    PollStep result = co_await blocks_.step(task, pause > Millis{0} ? 1 : task->todo.size(), settings.timeout);
    std::ranges::move(result.readings, std::back_inserter(readings));
    failure = result.failure;
    if (result.busy) co_await clock_.sleep_for(kBusyPause);
  }
  if (failure)
    report_.lose(*task, *failure, readings);
  else
    report_.remind_missing(*task, readings);
  report_.deliver(*task, std::move(readings));
  co_return failure;
}

}  // namespace anlan::edge
