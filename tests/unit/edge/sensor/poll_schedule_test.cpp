#include "edge/sensor/poll_schedule.hpp"

#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

const MonoTime kStart = mono_from_ms(50'000);

struct Cost {
  PollOutcome outcome = PollOutcome::answered;
  std::int64_t ms = 10;
};
constexpr Cost kWell{};

struct Read {
  std::int64_t at = 0;  // ms after the start
  bool probe = false;
  std::int64_t timeout = 0;
};
using Reads = std::map<PollSchedule::TaskId, std::vector<Read>>;

Pace every(std::int64_t period, std::int64_t raised = 0) { return {Millis{period}, Millis{raised ? raised : period}}; }

struct Line {
  PollSchedule schedule{1};
  MonoTime now = kStart;
  Reads reads;

  PollSchedule::TaskId add(int unit, Pace pace, std::int64_t timeout = 200) {
    return schedule.add({unit, pace, Millis{timeout}}, now);
  }
  /// Runs until `end` ms after the start; `cost` says how a task's read ends.
  template <class F>
  void run(std::int64_t end, F cost) {
    while (now < kStart + Millis{end}) {
      const auto turn = schedule.next(now);
      if (!turn) {
        const MonoTime wake = schedule.wake(now);
        ASSERT_GT(wake, now);
        now = std::min(wake, kStart + Millis{end});
        continue;
      }
      reads[turn->task].push_back({(now - kStart).count(), turn->probe, turn->timeout.count()});
      Cost ended = cost(turn->task, now);
      if (ended.outcome == PollOutcome::unit_silent) ended.ms = turn->timeout.count();
      now += Millis{ended.ms};
      schedule.done(*turn, ended.outcome, now);
    }
  }
  void run(std::int64_t end) {
    run(end, [](auto, auto) { return kWell; });
  }
  std::size_t count(PollSchedule::TaskId task) const { return reads.contains(task) ? reads.at(task).size() : 0; }
  /// The most by which a read of the task was late on its own grid.
  std::int64_t jitter(PollSchedule::TaskId task, std::int64_t period, std::int64_t from = 0) const {
    std::int64_t most = 0;
    for (const Read& read : reads.at(task))
      if (read.at >= from) most = std::max(most, read.at % period);
    return most;
  }
};

TEST(PollSchedule, KeepsThePhaseWhateverTheReadsTake) {
  Line line;
  const auto task = line.add(1, every(1000));
  line.run(10'000, [](auto, auto) { return Cost{PollOutcome::answered, 137}; });
  ASSERT_EQ(line.count(task), 10u);
  EXPECT_EQ(line.jitter(task, 1000), 0);
}

TEST(PollSchedule, LeavesMissedSlotsOutInsteadOfMakingThemUp) {
  Line line;
  const auto task = line.add(1, every(100));
  line.run(2'000, [](auto, auto) { return Cost{PollOutcome::answered, 250}; });
  EXPECT_EQ(line.count(task), 8u);
}

TEST(PollSchedule, TasksOfDifferentPeriodsAllGetTheirTurns) {
  Line line;
  const auto fast = line.add(1, every(100)), slow = line.add(2, every(1000));
  line.run(5'000);
  EXPECT_EQ(line.count(fast), 50u);
  EXPECT_EQ(line.count(slow), 5u);
}

TEST(PollSchedule, ALongReadOfASlowClassGoesOnInTheGapsOfAFastOne) {
  Line line;
  const auto fast = line.add(1, every(1000)), slow = line.add(2, every(60'000));
  int left = 40;  // requests of 100 ms each
  std::vector<std::int64_t> fast_at;
  while (line.now < kStart + Millis{10'000}) {
    const auto turn = line.schedule.next(line.now);
    if (!turn) {
      line.now = line.schedule.wake(line.now);
      continue;
    }
    if (turn->task == fast) fast_at.push_back((line.now - kStart).count());
    line.now += Millis{turn->task == fast ? 10 : 100};
    if (turn->task == slow && --left > 0)
      line.schedule.more(*turn, line.now);
    else
      line.schedule.done(*turn, PollOutcome::answered, line.now);
  }
  EXPECT_EQ(left, 0);
  ASSERT_EQ(fast_at.size(), 10u);
  for (std::size_t i = 0; i < fast_at.size(); ++i) EXPECT_LE(fast_at[i] - static_cast<std::int64_t>(i) * 1000, 100);
}

TEST(PollSchedule, AnOverloadedLineStarvesNobody) {
  Line line;
  const auto greedy = line.add(1, every(100)), slow = line.add(2, every(5000));
  line.run(60'000, [&](auto task, auto) { return Cost{PollOutcome::answered, task == greedy ? 150 : 400}; });
  EXPECT_GE(line.count(slow), 10u);
  EXPECT_GE(line.count(greedy), 300u);
}

TEST(PollSchedule, WhatAsksForPatienceIsLeftAloneSoLong) {
  Line line;
  line.add(1, every(1000));
  const auto turn = line.schedule.next(kStart);
  ASSERT_TRUE(turn);
  line.schedule.more(*turn, kStart + Millis{250});
  EXPECT_FALSE(line.schedule.next(kStart + Millis{249}));
  EXPECT_EQ(line.schedule.wake(kStart), kStart + Millis{250});
  EXPECT_TRUE(line.schedule.next(kStart + Millis{250}));
}

// ---- units that do not answer
// ------------------------------------------------------------------------------------------------

/// The line of the budget poll.jitter: 16 units at 9600 baud, about 75 ms a read, five of them dead.
TEST(PollSchedule, FiveDeadOfSixteenUnitsOnALineLeaveTheOthersTheirPeriod) {
  Line line;
  std::vector<PollSchedule::TaskId> tasks;
  for (int unit = 1; unit <= 16; ++unit) tasks.push_back(line.add(unit, every(5000), 1000));
  const auto dead = [&](PollSchedule::TaskId task) { return task % 3 == 1; };
  line.run(600'000, [&](auto task, auto) {
    return dead(task) ? Cost{PollOutcome::unit_silent, 0} : Cost{PollOutcome::answered, 75};
  });
  for (const auto task : tasks) {
    if (dead(task)) {
      EXPECT_GE(line.count(task), 15u);
      EXPECT_LE(line.count(task), 50u);
      continue;
    }
    EXPECT_GE(line.count(task), 119u);
    std::int64_t least = 5000, most = 0;
    for (const Read& read : line.reads.at(task)) {
      if (read.at < 10'000) continue;  // nobody knows yet who is dead
      least = std::min(least, read.at % 5000);
      most = std::max(most, read.at % 5000);
    }
    EXPECT_LT(most - least, 500) << task;
  }
}

TEST(PollSchedule, ADeadUnitIsProbedEverMoreRarely) {
  Line line;
  const auto well = line.add(1, every(1000)), dead = line.add(2, every(1000));
  line.run(600'000, [&](auto task, auto) { return task == dead ? Cost{PollOutcome::unit_silent} : kWell; });
  EXPECT_EQ(line.count(well), 600u);
  EXPECT_EQ(line.jitter(well, 1000, 1000), 0);
  EXPECT_GE(line.count(dead), 20u);
  EXPECT_LE(line.count(dead), 50u);
  EXPECT_FALSE(line.reads.at(dead).front().probe);
  for (std::size_t i = 1; i < line.count(dead); ++i) EXPECT_TRUE(line.reads.at(dead)[i].probe);
}

TEST(PollSchedule, WhereTheTimeoutFitsNoGapMostProbesAreShorterAndDelayNobody) {
  Line line;
  const auto well = line.add(1, every(500), 1000), dead = line.add(2, every(500), 1000);
  line.run(600'000, [&](auto task, auto) { return task == dead ? Cost{PollOutcome::unit_silent} : kWell; });
  std::size_t whole = 0;
  for (const Read& read : line.reads.at(dead)) whole += read.timeout == 1000;
  EXPECT_GE(line.count(dead), 15u);
  EXPECT_GE(whole, 3u) << "a slow device is found too";
  EXPECT_LE(whole, line.count(dead) / 3);
  std::size_t late = 0;
  for (const Read& read : line.reads.at(well)) late += read.at % 500 >= 50;
  EXPECT_LE(late, 2 * whole) << "only whole timeouts cost anybody";
}

TEST(PollSchedule, ADeadUnitIsProbedAlsoWhereTheOthersLeaveNoRoom) {
  Line line;
  line.add(1, every(100), 500);
  const auto dead = line.add(2, every(1000), 500);
  line.run(300'000, [&](auto task, auto) { return task == dead ? Cost{PollOutcome::unit_silent} : kWell; });
  EXPECT_GE(line.count(dead), 4u);
}

TEST(PollSchedule, OneProbeIsForAllTasksOfTheUnitAndBringsAllBackAtOnce) {
  Line line;
  const auto fast = line.add(7, every(1000)), slow = line.add(7, every(3'600'000));
  const MonoTime back = kStart + Millis{60'000};
  line.run(120'000, [&](auto, MonoTime now) { return now < back ? Cost{PollOutcome::unit_silent} : kWell; });
  EXPECT_LE(line.count(fast) + line.count(slow), 12u + 61u);
  EXPECT_GE(line.count(fast), 29u);
  ASSERT_FALSE(line.reads.at(slow).empty());
  EXPECT_GE(line.reads.at(slow).back().at, 60'000);
  EXPECT_FALSE(line.reads.at(slow).back().probe);
}

TEST(PollSchedule, ADeadEndpointIsTriedOnBehalfOfAllAndComesBackForAll) {
  Line line;
  const auto a = line.add(1, every(1000)), b = line.add(2, every(1000));
  const MonoTime back = kStart + Millis{100'000};
  int attempts = 0;
  line.run(160'000, [&](auto, MonoTime now) {
    if (now >= back) return kWell;
    ++attempts;
    return Cost{PollOutcome::endpoint_dead, 1};
  });
  EXPECT_GE(attempts, 5);
  EXPECT_LE(attempts, 15);
  for (const auto task : {a, b}) {
    std::size_t after = 0;
    for (const Read& read : line.reads.at(task)) after += read.at >= 100'000;
    EXPECT_GE(after, 28u);
  }
}

TEST(PollSchedule, TwoEndpointsThatDieTogetherDoNotComeBackInOneMoment) {
  std::map<std::int64_t, int> retries;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    PollSchedule schedule(seed * 1'000'003);
    schedule.add({1, every(1000), Millis{200}}, kStart);
    schedule.done(*schedule.next(kStart), PollOutcome::endpoint_dead, kStart);
    ++retries[(schedule.wake(kStart) - kStart).count() / 100];
  }
  for (const auto& [tenth, count] : retries) EXPECT_LE(count, 40) << tenth;
}

TEST(PollSchedule, SaysWhenHealthChanges) {
  PollSchedule schedule(1);
  const auto task = schedule.add({1, every(1000), Millis{100}}, kStart);
  const PollSchedule::Turn turn{task, false, kStart, Millis{100}};
  EXPECT_FALSE(schedule.done(turn, PollOutcome::answered, kStart));
  EXPECT_TRUE(schedule.done(turn, PollOutcome::unit_silent, kStart));
  EXPECT_FALSE(schedule.healthy(task));
  EXPECT_FALSE(schedule.done(turn, PollOutcome::unit_silent, kStart));
  EXPECT_TRUE(schedule.done(turn, PollOutcome::answered, kStart));
  EXPECT_TRUE(schedule.done(turn, PollOutcome::endpoint_dead, kStart));
  EXPECT_FALSE(schedule.done(turn, PollOutcome::endpoint_dead, kStart));
  EXPECT_TRUE(schedule.done(turn, PollOutcome::answered, kStart));
  EXPECT_TRUE(schedule.healthy(task));
}

// ---- raised risk
// -------------------------------------------------------------------------------------------------------------

TEST(PollSchedule, ReadsFasterWhileTheRiskIsRaisedAndForAWhileAfter) {
  Line line;
  const auto task = line.add(1, every(60'000, 5'000));
  line.run(60'000);
  ASSERT_EQ(line.count(task), 1u);
  line.run(180'000, [&](auto id, MonoTime now) {  // raised from 60 s to 180 s, as each sample says
    line.schedule.raise(id, now);
    return kWell;
  });
  EXPECT_EQ(line.count(task), 1u + 24u);
  line.run(180'000 + kRaisedHold.count());
  EXPECT_EQ(line.count(task), 25u + 12u) << "hysteresis";
  line.run(1'200'000);
  EXPECT_LE(line.count(task), 37u + 18u) << "and back at its own pace";
}

TEST(PollSchedule, ARaisedTaskIsReadAtTheNextRaisedSlotAndNotAtItsOwn) {
  Line line;
  const auto task = line.add(1, every(3'600'000, 60'000));
  line.run(100'000);
  line.schedule.raise(task, line.now);
  line.run(121'000);
  EXPECT_EQ(line.count(task), 2u);
  EXPECT_EQ(line.reads.at(task)[1].at, 120'000);
}

// ---- changes in place
// --------------------------------------------------------------------------------------------------------

TEST(PollSchedule, ATaskThatComesOrGoesChangesNobodysSlots) {
  Line line;
  const auto stays = line.add(1, every(1000)), goes = line.add(2, every(1000));
  line.run(5'300);
  const auto comes = line.add(3, every(1000));
  line.schedule.remove(goes);
  line.run(10'000);
  EXPECT_EQ(line.count(stays), 10u);
  EXPECT_EQ(line.jitter(stays, 1000), 0);
  EXPECT_EQ(line.count(goes), 6u);
  EXPECT_EQ(line.count(comes), 5u);
  EXPECT_EQ(line.reads.at(comes)[0].at, 5'300);
}

TEST(PollSchedule, TheEndOfATurnWhoseTaskIsGoneIsNobodysTrouble) {
  PollSchedule schedule(1);
  const auto task = schedule.add({1, every(1000), Millis{100}}, kStart);
  const auto turn = schedule.next(kStart);
  schedule.remove(task);
  EXPECT_FALSE(schedule.done(*turn, PollOutcome::unit_silent, kStart));
  schedule.more(*turn, kStart);
  schedule.raise(task, kStart);
  EXPECT_FALSE(schedule.next(kStart));
  EXPECT_FALSE(schedule.shared());
}

}  // namespace
}  // namespace anlan::edge
