// When to read what behind one endpoint. Pure: time comes in, decisions go out.
//
// A task is one poll class of one device. It is due at its start + n × period, whatever the reads take (no drift); a
// slot that was missed altogether is left out, never made up for. Of the tasks that are due, the one whose next slot
// comes first has its turn: a long read of a slow class goes on in the gaps of the fast ones.
//
// A unit that does not answer is asked for one cheap probe at a time, with back-off, for all its tasks; and where the
// line has no free time for that, seldom. An endpoint that does not answer is asked on behalf of everybody.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "common/base/backoff.hpp"
#include "common/base/time.hpp"
#include "edge/sensor/pace.hpp"

namespace anlan::edge {

/// A task keeps its raised pace so long after it was last asked for (hysteresis), and at least three raised periods.
inline constexpr Millis kRaisedHold{60'000};

enum class PollOutcome {
  answered,       // whatever it answered, exceptions too
  unit_silent,    // no answer or no valid one: this unit's trouble
  endpoint_dead,  // no connection: everybody's
};

class PollSchedule {
 public:
  using TaskId = std::uint32_t;  // never used again

  struct Task {
    int unit = 1;
    Pace pace;
    Millis timeout{1000};  // how long one answer may take
  };

  explicit PollSchedule(std::uint64_t seed) : seed_(seed) {}

  /// Due at once. REQUIRES 0 < raised <= period.
  TaskId add(const Task& task, MonoTime now);
  void remove(TaskId task);

  struct Turn {
    TaskId task = 0;
    bool probe = false;  // one cheap request to the task's unit is enough
    MonoTime due{};      // when it should have begun
    Millis timeout{};    // of each request; a probe's may be shorter than the task's
  };

  /// What to read now; nullopt: nothing before wake(now).
  std::optional<Turn> next(MonoTime now) const;

  /// When to ask again where next(now) has none. Later than `now`.
  MonoTime wake(MonoTime now) const;

  /// The turn's task has more to read, not before `when`: another task may have its turn meanwhile.
  void more(const Turn& turn, MonoTime when);

  /// How the turn ended, at `now`. True where this changed the health of the unit or endpoint.
  bool done(const Turn& turn, PollOutcome outcome, MonoTime now);

  /// The risk of one of the task's points is raised now. True where the task is due earlier by that.
  bool raise(TaskId task, MonoTime now);

  bool healthy(TaskId task) const;

  /// Whether several units share the endpoint.
  bool shared() const { return units_.size() > 1; }

 private:
  struct Health {
    std::optional<Backoff> backoff;  // set while it fails
    MonoTime retry{};
    MonoTime short_from{}, forced{};  // from when on a probe may be short, and must be made whoever is due
    unsigned tries = 0;
  };
  struct State {
    Task task;
    MonoTime start{}, due{}, not_before{};
    MonoTime raised_until = MonoTime::min();
    MonoTime ready() const { return std::max(due, not_before); }
    Millis period(MonoTime now) const { return now < raised_until ? task.pace.raised : task.pace.period; }
  };
  struct Unit {
    Health health;
    int tasks = 0;
  };

  bool fails(const State& state) const { return units_.at(state.task.unit).health.backoff.has_value(); }
  std::optional<Turn> probe(MonoTime now) const;
  MonoTime next_ready(MonoTime now) const;
  std::optional<Turn> first_due(MonoTime now) const;
  void fail(Health& health, Millis at_least, MonoTime now);
  void ask_at_once(std::optional<int> unit, MonoTime now);

  std::map<TaskId, State> tasks_;
  std::map<int, Unit> units_;
  Health endpoint_;
  TaskId next_id_ = 0;
  std::uint64_t seed_;
};

}  // namespace anlan::edge
