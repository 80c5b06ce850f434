#include "edge/sensor/poller.hpp"

#include <algorithm>
#include <utility>

#include "common/base/log.hpp"

namespace anlan::edge {
namespace {

constexpr int kIllegalAddress = 2, kIllegalValue = 3;

PollOutcome outcome(const std::optional<BusError>& failure) {
  if (!failure) return PollOutcome::answered;
  return failure->kind == BusError::Kind::no_connection ? PollOutcome::endpoint_dead : PollOutcome::unit_silent;
}

}  // namespace

Poller::Poller(Clock& clock, std::unique_ptr<Bus> bus, std::vector<Device> devices, ReadingSink sink, EventSink events,
               Metrics& metrics, std::uint64_t seed)
    : clock_(clock),
      bus_(std::move(bus)),
      sink_(std::move(sink)),
      events_(std::move(events)),
      polls_(metrics.counter("anlan_edge_polls_total", "Polls of Modbus devices")),
      late_(metrics.counter("anlan_edge_polls_late_total", "Polls that began more than a tenth of their period late")),
      requests_(metrics.counter("anlan_edge_bus_requests_total", "Modbus requests")),
      metrics_(metrics),
      seed_(seed) {
  for (Device& device : devices) {
    State state;
    state.next_slots.assign(device.plan.size(), 0);
    state.device = std::move(device);
    states_.push_back(std::move(state));
  }
}

boost::asio::awaitable<void> Poller::run() {
  std::vector<PollSchedule::Device> devices;
  for (const State& state : states_) devices.push_back({state.device.unit, state.device.period, state.device.timeout});
  schedule_.emplace(std::move(devices), clock_.mono(), seed_);
  for (;;) {
    const MonoTime now = clock_.mono();
    const auto turn = schedule_->next(now);
    if (!turn) {
      co_await clock_.sleep_until(schedule_->wake(now));
      continue;
    }
    const auto& slots = states_[turn->device].next_slots;
    if (std::ranges::all_of(slots, [&](std::uint64_t slot) { return turn->slot < slot; })) {
      schedule_->skip(*turn, now);
      continue;
    }
    polls_.add();
    if (schedule_->healthy(turn->device) && now - turn->due > states_[turn->device].device.period / 10) late_.add();
    Poll result = co_await poll(states_[turn->device], turn->slot);
    settle(*turn, std::move(result));
  }
}

boost::asio::awaitable<void> Poller::read_once(std::function<void(const std::string&, const BusError&)> report) {
  std::optional<BusError> dead;
  for (State& state : states_) {
    Poll result;
    if (dead)
      result.failure = dead;
    else
      result = co_await poll(state, 0);
    if (result.failure) {
      report(state.device.name, *result.failure);
      lose(state, *result.failure, &result);
      if (result.failure->kind == BusError::Kind::no_connection) dead = result.failure;
    }
    sink_(std::move(result.readings));
  }
}

/// Reads the classes that are due at `slot`, until one fails.
boost::asio::awaitable<Poller::Poll> Poller::poll(State& state, std::uint64_t slot) {
  Poll result;
  for (std::size_t i = 0; i < state.device.plan.size(); ++i) {
    PollClass& poll_class = state.device.plan[i];
    if (slot < state.next_slots[i]) continue;
    if (!co_await read_class(state, poll_class, result)) break;
    const auto every = static_cast<std::uint64_t>(poll_class.every);
    state.next_slots[i] = (slot / every + 1) * every;
  }
  co_return result;
}

/// False where the device did not answer. A block that the device refuses is split for good, down to the points that it
/// really refuses: its maker's table may name registers that this unit lacks.
boost::asio::awaitable<bool> Poller::read_class(State& state, PollClass& poll_class, Poll& result) {
  auto& blocks = poll_class.blocks;
  for (std::size_t i = 0; i < blocks.size();) {
    const ReadRequest request{.unit = state.device.unit,
                              .table = blocks[i].table,
                              .address = blocks[i].address,
                              .count = blocks[i].count,
                              .timeout = state.device.timeout};
    requests_.add();
    const auto words = co_await bus_->read(request);
    if (words) {
      take(state, blocks[i], *words, result);
      ++i;
      continue;
    }
    const BusError& error = words.error();
    metrics_
        .counter("anlan_edge_bus_failures_total", "Modbus requests that failed",
                 "kind=\"" + std::string(cause_of(error)) + "\"")
        .add();
    if (error.kind != BusError::Kind::exception) {
      result.failure = error;
      co_return false;
    }
    const bool illegal = error.exception_code == kIllegalAddress || error.exception_code == kIllegalValue;
    if (auto parts = split(blocks[i]); illegal && parts.size() > 1) {
      log::warning("sensor", "the device refuses to read these registers together; reading them apart from now on",
                   {{"device", state.device.name},
                    {"address", blocks[i].address},
                    {"count", blocks[i].count},
                    {"error", error.message}});
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(i));
      blocks.insert(blocks.begin() + static_cast<std::ptrdiff_t>(i), parts.begin(), parts.end());
      continue;
    }
    refuse(state, blocks[i], error, result);
    ++i;
  }
  co_return true;
}

Reading Poller::reading(const State& state, std::size_t point) const {
  Reading made;
  made.point = state.device.points[point];
  made.time = clock_.wall();
  made.mono = clock_.mono();
  return made;
}

void Poller::take(State& state, const Block& block, const std::vector<std::uint16_t>& words, Poll& result) {
  for (const Block::Place& place : block.places) {
    Reading made = reading(state, place.point);
    made.form = Reading::Form::registers;
    std::copy_n(words.begin() + place.offset, place.count, made.registers.begin());
    result.readings.push_back(made);
    result.read.insert(place.point);
    if (state.refused.erase(place.point) > 0)
      log::info("sensor", "the device answers for a point again",
                {{"device", state.device.name}, {"point", place.point}});
  }
}

void Poller::refuse(State& state, const Block& block, const BusError& error, Poll& result) {
  for (const Block::Place& place : block.places) {
    result.read.insert(place.point);
    const auto known = state.refused.find(place.point);
    if (known != state.refused.end() && clock_.mono() - known->second < kFailureReminder) continue;
    if (known == state.refused.end())
      log::warning(
          "sensor", "the device refuses a point",
          {{"device", state.device.name}, {"address", block.address + place.offset}, {"error", error.message}});
    state.refused[place.point] = clock_.mono();
    Reading made = reading(state, place.point);
    made.quality = Quality::device_fault;
    result.readings.push_back(made);
  }
}

/// Readings that say that the device does not answer, for every point that has none in `result`; not more often than
/// the reminder.
void Poller::lose(State& state, const BusError& error, Poll* result) {
  const MonoTime now = clock_.mono();
  if (state.lost && now - state.last_reminder < kFailureReminder) return;
  if (!std::exchange(state.lost, true)) {
    log::warning("sensor", "the device is lost", {{"device", state.device.name}, {"error", error.message}});
    if (events_) events_({.subject = state.device.name, .what = "device-lost", .detail = error.message, .actor = {}});
  }
  state.last_reminder = now;
  state.next_slots.assign(state.next_slots.size(), 0);  // it is back only when it has answered, so ask at once
  std::vector<Reading> readings;
  for (const PollClass& poll_class : state.device.plan)
    for (const Block& block : poll_class.blocks)
      for (const Block::Place& place : block.places) {
        if (result != nullptr && result->read.contains(place.point)) continue;
        readings.push_back(reading(state, place.point));
        readings.back().quality = Quality::comm_failure;
      }
  if (result != nullptr)
    std::ranges::move(readings, std::back_inserter(result->readings));
  else if (!readings.empty())
    sink_(std::move(readings));
}

void Poller::settle(const PollSchedule::Turn& turn, Poll poll) {
  State& state = states_[turn.device];
  schedule_->done(turn, outcome(poll.failure), clock_.mono());
  if (!poll.failure && std::exchange(state.lost, false)) {
    log::info("sensor", "the device is back", {{"device", state.device.name}});
    if (events_) events_({.subject = state.device.name, .what = "device-back", .detail = {}, .actor = {}});
  }
  const auto failure = poll.failure;
  if (failure) lose(state, *failure, &poll);
  if (!poll.readings.empty()) sink_(std::move(poll.readings));
  if (!failure) return;
  for (State& other : states_) {
    const bool concerned = failure->kind == BusError::Kind::no_connection || other.device.unit == state.device.unit;
    if (&other != &state && concerned) lose(other, *failure, nullptr);
  }
}

}  // namespace anlan::edge
