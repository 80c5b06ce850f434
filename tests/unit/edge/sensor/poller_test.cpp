#include "edge/sensor/poller.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "tests/support/fake_bus.hpp"
#include "tests/support/manual_clock.hpp"

namespace anlan::edge {
namespace {

using test::FakeEndpoint;

ProfilePoint at(int address, Table table = Table::holding_registers, int every = 1) {
  ProfilePoint point;
  point.source =
      ModbusSource{.table = table, .address = static_cast<std::uint16_t>(address), .type = ValueType::u16, .order = {}};
  point.every = every;
  return point;
}

/// A poller on a fake endpoint, with what it says.
struct Fixture {
  boost::asio::io_context io;
  test::ManualClock clock;
  FakeEndpoint endpoint;
  Metrics metrics;
  std::vector<Reading> readings;
  std::vector<EdgeEvent> events;
  std::vector<Poller::Device> devices;
  std::uint32_t points = 0;
  std::unique_ptr<Poller> poller;
  boost::asio::cancellation_signal stop;
  bool ended = false;
  MonoTime start = clock.mono();

  ~Fixture() {
    stop.emit(boost::asio::cancellation_type::terminal);
    clock.run_ready(io);
    EXPECT_TRUE(ended || !poller);
  }

  void add(int unit, std::vector<ProfilePoint> profile, Pace pace = {}) {
    Poller::Device device{.name = "site/device-" + std::to_string(devices.size()),
                          .unit = unit,
                          .timeout = Millis{200},
                          .reading = {},
                          .profile = {},
                          .paces = {},
                          .points = {}};
    for (ProfilePoint& point : profile) {
      point.name = "p" + std::to_string(device.points.size());
      device.paces.push_back(pace.times(point.every));
      device.points.push_back(points++);
    }
    device.profile = std::move(profile);
    devices.push_back(std::move(device));
  }
  void run() {
    poller = std::make_unique<Poller>(
        clock, std::make_unique<test::FakeBus>(clock, endpoint), devices,
        [this](std::vector<Reading> some) { readings.insert(readings.end(), some.begin(), some.end()); },
        [this](EdgeEvent event) { events.push_back(std::move(event)); }, metrics, 1);
    boost::asio::co_spawn(
        io, poller->run(),
        boost::asio::bind_cancellation_slot(stop.slot(), [this](std::exception_ptr) { ended = true; }));
    clock.run_ready(io);
  }
  void pass(Millis duration) { clock.advance(io, duration); }
  std::vector<Reading> of(std::uint32_t point) const {
    std::vector<Reading> some;
    for (const Reading& r : readings)
      if (r.point == point) some.push_back(r);
    return some;
  }
  std::size_t count(std::uint32_t point, Quality quality) const {
    const auto some = of(point);
    return static_cast<std::size_t>(
        std::ranges::count_if(some, [&](const Reading& r) { return r.quality == quality; }));
  }
};

TEST(Poller, DeliversEachPointsRegistersWithTheTimeOfTheAnswer) {
  Fixture f;
  f.endpoint.set(1, Table::holding_registers, 10, {111, 222});
  f.endpoint.latency = Millis{30};
  f.add(1, {at(11), at(10)});
  f.run();
  f.pass(Millis{2'100});
  ASSERT_EQ(f.of(0).size(), 3u);
  EXPECT_EQ(f.of(0)[0].registers[0], 222);
  EXPECT_EQ(f.of(1)[0].registers[0], 111);
  EXPECT_EQ(f.of(1)[0].form, Reading::Form::registers);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(f.of(0)[static_cast<std::size_t>(i)].mono, f.start + Millis{1000 * i + 30});
  EXPECT_EQ(f.of(0)[0].time - f.of(0)[0].mono.time_since_epoch(), f.clock.wall() - f.clock.mono().time_since_epoch());
  EXPECT_EQ(f.endpoint.asked.size(), 3u);
}

TEST(Poller, SlowClassesAreReadAtEachNthPoll) {
  Fixture f;
  f.add(1, {at(0), at(1, Table::input_registers, 5)});
  f.run();
  f.pass(Millis{10'500});
  EXPECT_EQ(f.of(0).size(), 11u);
  EXPECT_EQ(f.of(1).size(), 3u);
}

TEST(Poller, ADeviceOfSlowClassesOnlyIsAskedOnlyThen) {
  Fixture f;
  f.add(1, {at(0, Table::holding_registers, 10)});
  f.run();
  f.pass(Millis{20'500});
  EXPECT_EQ(f.of(0).size(), 3u);
  EXPECT_EQ(f.endpoint.asked.size(), 3u);
}

TEST(Poller, ADeadUnitSaysSoAtOnceAndThenNoMoreOftenThanItIsTried) {
  Fixture f;
  f.add(1, {at(0), at(5)});
  f.run();
  f.pass(Millis{2'500});
  f.endpoint.silent.insert(1);
  f.pass(Millis{1'000});
  EXPECT_EQ(f.count(0, Quality::comm_failure), 1u);
  EXPECT_EQ(f.count(1, Quality::comm_failure), 1u);
  EXPECT_EQ(f.of(0).back().form, Reading::Form::none);
  f.pass(kFailureReminder - Millis{1'000});
  EXPECT_EQ(f.count(0, Quality::comm_failure), 1u);
  f.pass(Millis{600'000});
  EXPECT_GE(f.count(0, Quality::comm_failure), 20u);  // back-off ends at half a minute
  EXPECT_LE(f.count(0, Quality::comm_failure), 45u);
  ASSERT_EQ(f.events.size(), 1u);
  EXPECT_EQ(f.events[0].what, "device-lost");
  EXPECT_EQ(f.events[0].subject, "site/device-0");
}

TEST(Poller, ADeviceThatComesBackIsReadAtItsPeriodAgain) {
  Fixture f;
  f.add(1, {at(0)});
  f.endpoint.silent.insert(1);
  f.run();
  f.pass(Millis{100'000});
  f.endpoint.silent.clear();
  f.readings.clear();
  f.pass(Millis{90'000});
  EXPECT_GE(f.count(0, Quality::good), 58u);
  EXPECT_EQ(f.count(0, Quality::comm_failure), 0u);
  ASSERT_EQ(f.events.size(), 2u);
  EXPECT_EQ(f.events[1].what, "device-back");
}

TEST(Poller, ADeadUnitLeavesItsNeighboursTheirPeriod) {
  Fixture f;
  for (int unit = 1; unit <= 4; ++unit) f.add(unit, {at(0)});
  f.endpoint.silent.insert(2);
  f.endpoint.latency = Millis{5};
  f.run();
  f.pass(Millis{120'000});
  for (const std::uint32_t well : {0u, 2u, 3u}) {
    const auto some = f.of(well);
    ASSERT_GE(some.size(), 120u);
    for (std::size_t i = 1; i < some.size(); ++i) {  // the first second knows nothing of the dead unit yet
      const auto late = (some[i].mono - f.start).count() % 1000;
      EXPECT_LT(late, 100) << "point " << well << " poll " << i;
    }
  }
}

TEST(Poller, ADeadEndpointFailsAllItsDevicesAndBringsAllBack) {
  Fixture f;
  f.add(1, {at(0)});
  f.add(2, {at(0), at(1, Table::holding_registers, 100)});
  f.run();
  f.pass(Millis{500});
  f.endpoint.dead = true;
  f.pass(Millis{1'000});
  for (const std::uint32_t point : {0u, 1u, 2u}) EXPECT_EQ(f.count(point, Quality::comm_failure), 1u) << point;
  const auto asked = f.endpoint.asked.size();
  f.pass(Millis{50'000});
  EXPECT_LE(f.endpoint.asked.size() - asked, 12u);  // one attempt for both
  f.endpoint.dead = false;
  f.readings.clear();
  f.pass(Millis{35'000});
  for (const std::uint32_t point : {0u, 1u, 2u}) EXPECT_GE(f.count(point, Quality::good), 1u) << point;
  EXPECT_EQ(f.events.size(), 4u);
}

TEST(Poller, ARefusedRegisterCostsOnlyItsOwnPoint) {
  Fixture f;
  f.endpoint.exceptions[{1, Table::holding_registers, 3}] = 2;
  f.add(1, {at(0), at(1), at(3), at(4)});
  f.run();
  f.pass(Millis{30'500});
  for (const std::uint32_t well : {0u, 1u, 3u}) EXPECT_EQ(f.count(well, Quality::good), 31u) << well;
  EXPECT_EQ(f.count(2, Quality::device_fault), 7u);  // a reminder each 5 s, and not each second
  EXPECT_EQ(f.of(2).size(), 7u);
  f.endpoint.asked.clear();
  f.pass(Millis{60'000});
  EXPECT_EQ(f.endpoint.asked.size(), 2u * 60) << "two requests around it at each poll";
  ASSERT_EQ(f.events.size(), 1u) << "said once";
  EXPECT_EQ(f.events[0].what, "value-refused");
  EXPECT_EQ(f.events[0].subject, "site/device-0");
  for (const char* part : {"holding register 3", "p2", "exception 2", "illegal data address", "manual"})
    EXPECT_NE(f.events[0].detail.find(part), std::string::npos) << part << " in " << f.events[0].detail;
}

TEST(Poller, ARefusedRegisterIsAskedAgainAfterAnHourAndThenReadWithTheOthers) {
  Fixture f;
  f.endpoint.exceptions[{1, Table::holding_registers, 1}] = 2;
  f.add(1, {at(0), at(1), at(2)}, {Millis{60'000}, Millis{60'000}});
  f.run();
  f.pass(Millis{1'000});
  f.endpoint.exceptions.clear();
  f.pass(kAskRefusedAgain - Millis{2'000});
  EXPECT_EQ(f.count(1, Quality::good), 0u);
  f.pass(Millis{30'000});
  EXPECT_EQ(f.count(1, Quality::good), 1u);
  f.endpoint.asked.clear();
  f.pass(Millis{600'000});
  EXPECT_EQ(f.endpoint.asked.size(), 10u);
  EXPECT_EQ(f.count(1, Quality::good), 11u);
  ASSERT_EQ(f.events.size(), 2u);
  EXPECT_EQ(f.events[1].what, "value-back");
}

TEST(Poller, ARefusedRegisterIsAskedAgainWhenTheDeviceComesBack) {
  Fixture f;
  f.endpoint.exceptions[{1, Table::holding_registers, 1}] = 2;
  f.add(1, {at(0), at(1)});
  f.run();
  f.pass(Millis{5'500});
  f.endpoint.silent.insert(1);
  f.endpoint.exceptions.clear();
  f.pass(Millis{20'000});
  f.endpoint.silent.clear();
  f.pass(Millis{40'000});
  EXPECT_GE(f.count(1, Quality::good), 5u);
}

TEST(Poller, ARegisterThatDoesNotExistBetweenTwoPointsCostsNothing) {
  Fixture f;
  f.endpoint.exceptions[{1, Table::holding_registers, 5}] = 2;
  f.add(1, {at(4), at(6)});
  f.run();
  f.pass(Millis{5'500});
  EXPECT_EQ(f.count(0, Quality::good), 6u);
  EXPECT_EQ(f.count(1, Quality::good), 6u);
  EXPECT_EQ(f.endpoint.asked.size(), 1u + 6u * 2);  // the refusal once, then apart
  EXPECT_TRUE(f.events.empty());
}

TEST(Poller, AFunctionThatTheDeviceDoesNotKnowIsNotAskedForRegisterByRegister) {
  Fixture f;
  for (std::uint16_t i = 0; i < 20; ++i) f.endpoint.exceptions[{1, Table::input_registers, i}] = 1;
  std::vector<ProfilePoint> points{at(0)};
  for (int i = 0; i < 20; ++i) points.push_back(at(i, Table::input_registers));
  f.add(1, points);
  f.run();
  f.pass(Millis{10'500});
  EXPECT_EQ(f.endpoint.asked.size(), 11u + 1u);
  EXPECT_EQ(f.events.size(), 1u);
  EXPECT_EQ(f.count(0, Quality::good), 11u);
}

TEST(Poller, ABusyDeviceIsAskedAgainSoonAndNotSplit) {
  Fixture f;
  f.endpoint.exceptions[{1, Table::holding_registers, 4}] = 6;
  f.add(1, {at(4), at(6)}, {Millis{60'000}, Millis{60'000}});
  f.run();
  f.pass(Millis{200});
  EXPECT_EQ(f.endpoint.asked.size(), 1u);
  f.endpoint.exceptions.clear();
  f.pass(Millis{1'000});
  EXPECT_EQ(f.endpoint.asked.size(), 2u);
  EXPECT_EQ(f.count(0, Quality::good), 1u);
  EXPECT_EQ(f.of(0).size(), 1u);
  EXPECT_TRUE(f.events.empty());
}

TEST(Poller, ADeviceThatStaysBusyIsAtFaultUntilTheNextPoll) {
  Fixture f;
  f.endpoint.exceptions[{1, Table::holding_registers, 4}] = 5;
  f.add(1, {at(4), at(0, Table::input_registers)}, {Millis{60'000}, Millis{60'000}});
  f.run();
  f.pass(Millis{30'000});
  EXPECT_EQ(f.count(0, Quality::device_fault), 1u);
  EXPECT_EQ(f.count(1, Quality::good), 1u) << "what it did answer is kept";
  EXPECT_LE(f.endpoint.asked.size(), 6u);
  f.endpoint.exceptions.clear();
  f.pass(Millis{60'000});
  EXPECT_EQ(f.count(0, Quality::good), 1u);
}

TEST(Poller, AFaultOfTheDeviceIsSaidAtEachPollAndSplitsNothing) {
  Fixture f;
  f.endpoint.exceptions[{1, Table::holding_registers, 4}] = 4;
  f.add(1, {at(4), at(6)});
  f.run();
  f.pass(Millis{4'500});
  EXPECT_EQ(f.count(0, Quality::device_fault), 5u);
  EXPECT_EQ(f.endpoint.asked.size(), 5u);
  EXPECT_TRUE(f.events.empty());
}

TEST(Poller, ADeadUnitCostsOneSmallRequestWhateverItsPlan) {
  Fixture f;
  f.add(1, {at(0), at(40), at(90), at(0, Table::input_registers), at(7, Table::coils)});
  f.endpoint.silent.insert(1);
  f.run();
  f.pass(Millis{1'000});
  f.endpoint.asked.clear();
  f.pass(Millis{60'000});
  ASSERT_GE(f.endpoint.asked.size(), 2u);
  EXPECT_LE(f.endpoint.asked.size(), 12u);
  for (const auto& asked : f.endpoint.asked) EXPECT_EQ(asked.request.count, 1);
}

TEST(Poller, ADeviceThatNeedsAPauseBetweenRequestsGetsIt) {
  Fixture f;
  f.add(1, {at(0), at(1000), at(2000), at(0, Table::input_registers, 2)});
  f.devices[0].reading.pause = Millis{40};
  f.endpoint.latency = Millis{10};
  f.run();
  f.pass(Millis{5'500});
  EXPECT_EQ(f.of(0).size(), 6u);
  EXPECT_EQ(f.of(3).size(), 3u);
  ASSERT_EQ(f.endpoint.asked.size(), 6u * 3 + 3u);
  for (std::size_t i = 1; i < f.endpoint.asked.size(); ++i)
    EXPECT_GE(f.endpoint.asked[i].at - f.endpoint.asked[i - 1].at, Millis{50}) << i;
}

TEST(Poller, ALongReadLeavesOthersOnTheLineTheirTurns) {
  Fixture f;
  std::vector<ProfilePoint> many;
  for (int i = 0; i < 30; ++i) many.push_back(at(i * 1000));  // a request each
  f.endpoint.latency = Millis{100};
  f.add(1, many, {Millis{60'000}, Millis{60'000}});
  f.add(2, {at(0)});
  f.run();
  f.pass(Millis{20'000});
  EXPECT_EQ(f.of(29).size(), 1u);
  const auto some = f.of(30);
  ASSERT_GE(some.size(), 20u);
  for (const Reading& reading : some) EXPECT_LE((reading.mono - f.start).count() % 1000, 200);
}

TEST(Poller, RaisedRiskIsReadAtItsOwnPace) {
  Fixture f;
  f.add(1, {at(0), at(1)}, {Millis{60'000}, Millis{5'000}});
  f.run();
  f.pass(Millis{10'500});
  EXPECT_EQ(f.of(0).size(), 1u);
  f.poller->raise(1);
  f.pass(Millis{10'000});
  EXPECT_EQ(f.of(0).size(), 3u) << "the class of the point";
  f.poller->raise(17);  // a point of somebody else
}

// ---- devices that come and go
// ------------------------------------------------------------------------------------------------------

TEST(Poller, AChangedDeviceLeavesItsNeighbourItsSlots) {
  Fixture f;
  f.add(1, {at(0)});
  f.add(2, {at(0)});
  f.run();
  f.pass(Millis{5'300});
  auto devices = f.devices;
  devices[1].profile.edit().push_back(at(7));
  devices[1].profile.edit().back().name = "new";
  devices[1].paces.push_back({});
  devices[1].points.push_back(2);
  f.poller->configure(devices);
  f.pass(Millis{5'000});
  EXPECT_EQ(f.of(0).size(), 11u);
  for (const Reading& reading : f.of(0)) EXPECT_EQ((reading.mono - f.start).count() % 1000, 0);
  EXPECT_EQ(f.of(2).size(), 6u);
  EXPECT_LE(f.of(2).front().mono, f.start + Millis{6'300}) << "within a second";
  EXPECT_TRUE(f.events.empty());
}

TEST(Poller, AReadUnderWayIsDeliveredUnderTheNewIndex) {
  Fixture f;
  f.endpoint.set(1, Table::holding_registers, 0, {42});
  f.endpoint.latency = Millis{50};
  f.add(1, {at(0)});
  f.run();
  f.pass(Millis{20});
  auto devices = f.devices;
  devices[0].points = {9};
  f.poller->configure(devices);
  f.pass(Millis{100});
  EXPECT_TRUE(f.of(0).empty());
  ASSERT_EQ(f.of(9).size(), 1u);
  EXPECT_EQ(f.of(9)[0].registers[0], 42);
}

TEST(Poller, NothingComesOfADeviceThatIsGone) {
  Fixture f;
  f.endpoint.latency = Millis{50};
  f.add(1, {at(0)});
  f.add(2, {at(0)});
  f.run();
  f.pass(Millis{70});  // the second is asked
  const auto before = f.of(1).size();
  f.poller->configure({f.devices[0]});
  f.pass(Millis{10'000});
  EXPECT_EQ(f.of(1).size(), before);
  EXPECT_GE(f.of(0).size(), 10u);
  f.poller->configure({});
  f.pass(Millis{10'000});
  f.poller->configure(f.devices);
  f.readings.clear();
  f.pass(Millis{1'100});
  EXPECT_GE(f.of(1).size(), 1u) << "asked again";
}

TEST(Poller, ADeadUnitStaysKnownAsDeadWhereItsNeighbourChanges) {
  Fixture f;
  f.add(1, {at(0)});
  f.add(2, {at(0)});
  f.endpoint.silent.insert(1);
  f.run();
  f.pass(Millis{60'000});
  f.endpoint.asked.clear();
  f.poller->configure({f.devices[0]});
  f.pass(Millis{1'000});
  EXPECT_LE(f.endpoint.asked.size(), 1u);
  EXPECT_EQ(f.events.size(), 1u);
}

TEST(Poller, WhatWasReadBeforeTheDeviceFellSilentIsKept) {
  Fixture f;
  f.add(1, {at(0), at(0, Table::input_registers)});
  f.run();
  f.endpoint.latency = Millis{10};
  f.pass(Millis{1'011});  // the first block of the second poll has its answer, the second is under way
  f.endpoint.silent.insert(1);
  f.pass(Millis{1'500});
  EXPECT_EQ(f.of(0).size(), 3u);  // two values, one failure
  EXPECT_EQ(f.count(0, Quality::good), 2u);
}

TEST(Poller, ASteppedWallClockChangesNoPeriod) {
  Fixture f;
  f.add(1, {at(0)});
  f.run();
  f.pass(Millis{2'500});
  f.clock.step_wall(Millis{-3'600'000});
  f.pass(Millis{3'000});
  ASSERT_EQ(f.of(0).size(), 6u);
  EXPECT_LT(f.of(0)[3].time, f.of(0)[2].time);
  EXPECT_EQ(f.of(0)[3].mono - f.of(0)[2].mono, Millis{1'000});
}

}  // namespace
}  // namespace anlan::edge
