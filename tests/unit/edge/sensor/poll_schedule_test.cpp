#include "edge/sensor/poll_schedule.hpp"

#include <map>

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

const MonoTime kStart = mono_from_ms(50'000);

using Device = PollSchedule::Device;
using Starts = std::map<std::size_t, std::vector<std::int64_t>>;  // by device: when reads began, ms after the start

/// Runs the schedule until `end`: a read takes `cost` ms and ends as `outcome` says.
template <class F>
Starts simulate(PollSchedule& schedule, Millis end, std::int64_t cost, F outcome) {
  Starts starts;
  MonoTime now = kStart;
  while (now < kStart + end) {
    const auto turn = schedule.next(now);
    if (!turn) {
      const MonoTime wake = schedule.wake(now);
      EXPECT_GT(wake, now);
      now = wake;
      continue;
    }
    starts[turn->device].push_back((now - kStart).count());
    const auto [result, took] = outcome(turn->device, now);
    now += Millis{took < 0 ? cost : took};
    schedule.done(*turn, result, now);
  }
  return starts;
}

std::pair<PollOutcome, std::int64_t> fine(std::size_t, MonoTime) { return {PollOutcome::answered, -1}; }

TEST(PollSchedule, KeepsThePhaseWhateverTheReadsTake) {
  PollSchedule schedule({Device{1, Millis{1000}, Millis{500}}}, kStart, 1);
  const auto starts = simulate(schedule, Millis{10'000}, 137, fine);
  ASSERT_EQ(starts.at(0).size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(starts.at(0)[i], static_cast<std::int64_t>(i) * 1000);
}

TEST(PollSchedule, LeavesMissedSlotsOutInsteadOfMakingThemUp) {
  PollSchedule schedule({Device{1, Millis{100}, Millis{500}}}, kStart, 1);
  const auto starts = simulate(schedule, Millis{2'000}, 250, fine);
  for (std::size_t i = 1; i < starts.at(0).size(); ++i) EXPECT_GE(starts.at(0)[i] - starts.at(0)[i - 1], 250);
  EXPECT_EQ(starts.at(0).size(), 8u);
}

TEST(PollSchedule, DevicesOfDifferentPeriodsAllGetTheirTurns) {
  PollSchedule schedule({Device{1, Millis{100}, Millis{50}}, Device{2, Millis{1000}, Millis{50}}}, kStart, 1);
  const auto starts = simulate(schedule, Millis{5'000}, 10, fine);
  EXPECT_EQ(starts.at(0).size(), 50u);
  EXPECT_EQ(starts.at(1).size(), 5u);
}

TEST(PollSchedule, ADeadUnitIsTriedEverMoreRarelyAndDelaysOthersLittle) {
  PollSchedule schedule({Device{1, Millis{1000}, Millis{200}}, Device{2, Millis{1000}, Millis{200}}}, kStart, 1);
  const auto starts = simulate(schedule, Millis{600'000}, 10, [](std::size_t device, MonoTime) {
    return device == 1 ? std::pair{PollOutcome::unit_silent, std::int64_t{200}}
                       : std::pair{PollOutcome::answered, std::int64_t{10}};
  });
  EXPECT_EQ(starts.at(0).size(), 600u);
  std::size_t late = 0;
  for (std::size_t i = 0; i < 600; ++i) late += starts.at(0)[i] - static_cast<std::int64_t>(i) * 1000 >= 100;
  EXPECT_EQ(late, 0u);  // there is always room for an attempt of 200 ms in a second
  EXPECT_GE(starts.at(1).size(), 20u);
  EXPECT_LE(starts.at(1).size(), 50u);
}

TEST(PollSchedule, ADeadUnitIsTriedAlsoWhereTheOthersLeaveNoRoom) {
  PollSchedule schedule({Device{1, Millis{100}, Millis{500}}, Device{2, Millis{1000}, Millis{500}}}, kStart, 1);
  const auto starts = simulate(schedule, Millis{300'000}, 5, [](std::size_t device, MonoTime) {
    return device == 1 ? std::pair{PollOutcome::unit_silent, std::int64_t{500}}
                       : std::pair{PollOutcome::answered, std::int64_t{5}};
  });
  EXPECT_GE(starts.at(1).size(), 4u);
}

TEST(PollSchedule, BackOffBelongsToTheUnitSoTwoDevicesOfOneUnitShareIt) {
  PollSchedule schedule({Device{7, Millis{1000}, Millis{100}}, Device{7, Millis{1000}, Millis{100}}}, kStart, 1);
  const auto first = schedule.next(kStart);
  ASSERT_TRUE(first);
  EXPECT_TRUE(schedule.done(*first, PollOutcome::unit_silent, kStart + Millis{100}));
  EXPECT_FALSE(schedule.healthy(0));
  EXPECT_FALSE(schedule.healthy(1));
  EXPECT_FALSE(schedule.next(kStart + Millis{100}));
}

TEST(PollSchedule, ADeadEndpointIsTriedOnBehalfOfAllAndComesBackForAll) {
  PollSchedule schedule({Device{1, Millis{1000}, Millis{100}}, Device{2, Millis{1000}, Millis{100}}}, kStart, 1);
  const MonoTime back = kStart + Millis{100'000};
  int attempts = 0;
  const auto starts = simulate(schedule, Millis{160'000}, 10, [&](std::size_t, MonoTime now) {
    if (now >= back) return std::pair{PollOutcome::answered, std::int64_t{10}};
    ++attempts;
    return std::pair{PollOutcome::endpoint_dead, std::int64_t{1}};
  });
  EXPECT_GE(attempts, 5);
  EXPECT_LE(attempts, 15);
  for (const std::size_t device : {0u, 1u}) {
    std::int64_t first = 0;
    std::size_t after = 0;
    for (const auto at : starts.at(device))
      if (at >= 100'000) first = after++ == 0 ? at : first;
    EXPECT_LE(first, 131'000);
    EXPECT_GE(after, 28u);
  }
}

TEST(PollSchedule, SaysWhenHealthChanges) {
  PollSchedule schedule({Device{1, Millis{1000}, Millis{100}}}, kStart, 1);
  const PollSchedule::Turn turn{0, 0, kStart};
  EXPECT_FALSE(schedule.done(turn, PollOutcome::answered, kStart));
  EXPECT_TRUE(schedule.done(turn, PollOutcome::unit_silent, kStart));
  EXPECT_FALSE(schedule.done(turn, PollOutcome::unit_silent, kStart));
  EXPECT_TRUE(schedule.done(turn, PollOutcome::answered, kStart));
  EXPECT_TRUE(schedule.done(turn, PollOutcome::endpoint_dead, kStart));
  EXPECT_FALSE(schedule.done(turn, PollOutcome::endpoint_dead, kStart));
  EXPECT_TRUE(schedule.done(turn, PollOutcome::answered, kStart));
}

}  // namespace
}  // namespace anlan::edge
