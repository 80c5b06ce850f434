#include "edge/sensor/poll_schedule.hpp"

#include <algorithm>
#include <utility>

namespace anlan::edge {
namespace {

constexpr Millis kFirstRetry{1'000}, kMostRetry{30'000};

}  // namespace

PollSchedule::PollSchedule(std::vector<Device> devices, MonoTime start, std::uint64_t seed)
    : devices_(std::move(devices)), start_(start), seed_(seed), slots_(devices_.size(), 0) {
  for (const Device& device : devices_) units_[device.unit];
}

MonoTime PollSchedule::slot_time(std::size_t device, std::uint64_t slot) const {
  return start_ + devices_[device].period * static_cast<Millis::rep>(slot);
}

MonoTime PollSchedule::due(std::size_t device) const {
  const MonoTime slot = slot_time(device, slots_[device]);
  const Health& unit = units_.at(devices_[device].unit);
  return unit.backoff ? std::max(slot, unit.retry) : slot;
}

/// Of the devices whose unit fails, or of those whose unit is well: the one that has been due longest.
std::optional<std::size_t> PollSchedule::first_due(MonoTime now, bool failing) const {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < devices_.size(); ++i)
    if (unit_fails(i) == failing && due(i) <= now && (!first || due(i) < due(*first))) first = i;
  return first;
}

std::optional<PollSchedule::Turn> PollSchedule::next(MonoTime now) const {
  if (endpoint_.backoff && now < endpoint_.retry) return std::nullopt;
  const auto turn = [&](std::size_t i) { return Turn{i, slots_[i], due(i)}; };
  const auto well = first_due(now, false), failing = first_due(now, true);
  if (failing && now >= units_.at(devices_[*failing].unit).most_wait) return turn(*failing);
  if (well) return turn(*well);
  if (!failing) return std::nullopt;
  for (std::size_t i = 0; i < devices_.size(); ++i)
    if (!unit_fails(i) && due(i) < now + devices_[*failing].timeout) return std::nullopt;
  return turn(*failing);
}

MonoTime PollSchedule::wake(MonoTime now) const {
  MonoTime first = MonoTime::max();
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const MonoTime when = due(i);
    if (when > now)
      first = std::min(first, when);
    else if (unit_fails(i))
      first = std::min(first, units_.at(devices_[i].unit).most_wait);
  }
  if (endpoint_.backoff && endpoint_.retry > now) first = endpoint_.retry;
  return std::max(first, now + Millis{1});
}

void PollSchedule::fail(Health& health, Millis at_least, MonoTime now) {
  if (!health.backoff)
    health.backoff.emplace(std::max(kFirstRetry, std::min(at_least, kMostRetry)), kMostRetry, ++seed_);
  const Millis wait = health.backoff->next();
  health.retry = now + wait;
  health.most_wait = health.retry + wait;
}

void PollSchedule::skip(const Turn& turn, MonoTime now) {
  const auto passed = (now - start_) / devices_[turn.device].period;  // slots before it are over
  slots_[turn.device] = std::max(turn.slot + 1, static_cast<std::uint64_t>(std::max<Millis::rep>(passed, 0)));
}

bool PollSchedule::done(const Turn& turn, PollOutcome outcome, MonoTime now) {
  const Device& device = devices_[turn.device];
  skip(turn, now);
  Health& unit = units_.at(device.unit);
  const bool unit_failed = unit.backoff.has_value(), endpoint_failed = endpoint_.backoff.has_value();
  if (outcome == PollOutcome::endpoint_dead) {
    fail(endpoint_, Millis{0}, now);
    return !endpoint_failed;
  }
  endpoint_.backoff.reset();
  if (outcome == PollOutcome::unit_silent)
    fail(unit, device.period, now);
  else
    unit.backoff.reset();
  return endpoint_failed || unit_failed != unit.backoff.has_value();
}

bool PollSchedule::healthy(std::size_t device) const { return !endpoint_.backoff && !unit_fails(device); }

}  // namespace anlan::edge
