#include "edge/sensor/poll_schedule.hpp"

#include <algorithm>

namespace anlan::edge {
namespace {

constexpr Millis kFirstRetry{1'000}, kMostRetry{30'000};
constexpr unsigned kFullEvery = 4;  // of so many probes one has the whole timeout: a slow device is not a dead one
constexpr int kShortestProbe = 4;   // a short probe has at least the timeout divided by this

/// The slot after the one that was due, or the one that has begun meanwhile.
MonoTime next_slot(MonoTime start, MonoTime due, MonoTime now, Millis period) {
  return start + period * std::max((due - start) / period + 1, (now - start) / period);
}

}  // namespace

PollSchedule::TaskId PollSchedule::add(const Task& task, MonoTime now) {
  tasks_.emplace(next_id_, State{.task = task, .start = now, .due = now, .not_before = now});
  ++units_[task.unit].tasks;
  return next_id_++;
}

void PollSchedule::remove(TaskId task) {
  const auto found = tasks_.find(task);
  if (found == tasks_.end()) return;
  const auto unit = units_.find(found->second.task.unit);
  if (--unit->second.tasks == 0) units_.erase(unit);
  tasks_.erase(found);
}

/// When the first task of a healthy unit may have its turn; `now` where one may already.
MonoTime PollSchedule::next_ready(MonoTime now) const {
  MonoTime first = MonoTime::max();
  for (const auto& [id, state] : tasks_)
    if (!fails(state)) first = std::min(first, state.ready());
  return std::max(first, now);
}

/// Of the tasks that are due and whose unit is well: the one whose next slot comes first.
std::optional<PollSchedule::Turn> PollSchedule::first_due(MonoTime now) const {
  std::optional<Turn> turn;
  MonoTime deadline{};
  for (const auto& [id, state] : tasks_) {
    if (fails(state) || state.ready() > now) continue;
    const MonoTime own = state.due + state.period(now);
    if (turn && own >= deadline) continue;
    turn = Turn{id, false, state.due, state.task.timeout};
    deadline = own;
  }
  return turn;
}

/// The probe of a failing unit that may be made now; of several the one that waits longest.
std::optional<PollSchedule::Turn> PollSchedule::probe(MonoTime now) const {
  const Millis free = next_ready(now) - now;
  std::optional<Turn> turn;
  for (const auto& [id, state] : tasks_) {
    const Health& health = units_.at(state.task.unit).health;
    if (!health.backoff || now < health.retry || (turn && health.retry >= turn->due)) continue;
    const Millis whole = state.task.timeout;
    const bool may_be_short = now >= health.short_from && health.tries % kFullEvery != 0;
    if (now >= health.forced || free >= whole)
      turn = Turn{id, true, health.retry, whole};
    else if (may_be_short && free >= whole / kShortestProbe && free > Millis{0})
      turn = Turn{id, true, health.retry, free};
  }
  return turn;
}

std::optional<PollSchedule::Turn> PollSchedule::next(MonoTime now) const {
  if (tasks_.empty()) return std::nullopt;
  if (endpoint_.backoff) {
    if (now < endpoint_.retry) return std::nullopt;
    const auto well = std::ranges::find_if(tasks_, [&](const auto& entry) { return !fails(entry.second); });
    const auto& [id, state] = well == tasks_.end() ? *tasks_.begin() : *well;
    return Turn{id, true, endpoint_.retry, state.task.timeout};
  }
  const auto tried = probe(now);
  if (tried && now >= units_.at(tasks_.at(tried->task).task.unit).health.forced) return tried;
  const auto well = first_due(now);
  return well ? well : tried;
}

MonoTime PollSchedule::wake(MonoTime now) const {
  MonoTime first = MonoTime::max();
  const auto consider = [&](MonoTime when) {
    if (when > now) first = std::min(first, when);
  };
  if (endpoint_.backoff) {
    consider(endpoint_.retry);
  } else {
    for (const auto& [id, state] : tasks_) {
      const Health& health = units_.at(state.task.unit).health;
      if (health.backoff)
        for (const MonoTime when : {health.retry, health.short_from, health.forced}) consider(when);
      else
        consider(state.ready());
    }
  }
  return std::max(first, now + Millis{1});
}

void PollSchedule::fail(Health& health, Millis at_least, MonoTime now) {
  if (!health.backoff) {
    health.backoff.emplace(std::max(kFirstRetry, std::min(at_least, kMostRetry)), kMostRetry, ++seed_);
    health.tries = 0;
  }
  ++health.tries;
  const Millis wait = health.backoff->next();
  health.retry = now + wait;
  health.short_from = health.retry + wait / 2;
  health.forced = health.retry + wait;
}

/// After a silence it is back only when every class has been read.
void PollSchedule::ask_at_once(std::optional<int> unit, MonoTime now) {
  for (auto& [id, state] : tasks_)
    if (!unit || state.task.unit == *unit) state.due = state.not_before = now;
}

void PollSchedule::more(const Turn& turn, MonoTime when) {
  if (const auto found = tasks_.find(turn.task); found != tasks_.end()) found->second.not_before = when;
}

bool PollSchedule::done(const Turn& turn, PollOutcome outcome, MonoTime now) {
  const auto found = tasks_.find(turn.task);
  if (found == tasks_.end()) return false;
  State& state = found->second;
  Health& unit = units_.at(state.task.unit).health;
  const bool unit_failed = unit.backoff.has_value(), endpoint_failed = endpoint_.backoff.has_value();
  if (!turn.probe) {
    const Millis period = state.period(now);
    state.due = state.not_before = next_slot(state.start, state.due, now, period);
  }
  if (outcome == PollOutcome::endpoint_dead) {
    fail(endpoint_, Millis{0}, now);
    return !endpoint_failed;
  }
  endpoint_.backoff.reset();
  if (outcome == PollOutcome::unit_silent)
    fail(unit, state.task.pace.period, now);
  else
    unit.backoff.reset();
  if (endpoint_failed)
    ask_at_once(std::nullopt, now);
  else if (unit_failed && !unit.backoff)
    ask_at_once(state.task.unit, now);
  return endpoint_failed || unit_failed != unit.backoff.has_value();
}

bool PollSchedule::raise(TaskId task, MonoTime now) {
  const auto found = tasks_.find(task);
  if (found == tasks_.end()) return false;
  State& state = found->second;
  const Pace& pace = state.task.pace;
  if (pace.raised >= pace.period) return false;
  const bool already = now < state.raised_until;
  state.raised_until = now + std::max<Millis>(kRaisedHold, 3 * pace.raised);
  if (already) return false;
  const MonoTime sooner = next_slot(state.start, now, now, pace.raised);
  if (sooner >= state.due) return false;
  state.due = state.not_before = sooner;
  return true;
}

bool PollSchedule::healthy(TaskId task) const {
  const auto found = tasks_.find(task);
  return found != tasks_.end() && !endpoint_.backoff && !fails(found->second);
}

}  // namespace anlan::edge
