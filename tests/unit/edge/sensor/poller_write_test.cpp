// Points that somebody has written: through the poller, on a fake endpoint, on the test's own time.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "edge/sensor/poller.hpp"
#include "tests/support/fake_bus.hpp"
#include "tests/support/manual_clock.hpp"

namespace anlan::edge {
namespace {

using test::FakeEndpoint;

ProfilePoint at(int address, Table table = Table::holding_registers, int write_function = 0) {
  ProfilePoint point;
  point.name = "p" + std::to_string(address);
  point.source = ModbusSource{.table = table,
                              .address = static_cast<std::uint16_t>(address),
                              .type = table == Table::coils ? ValueType::boolean : ValueType::u16,
                              .order = {}};
  point.write_function = write_function;
  return point;
}

/// Unit 1 with a setpoint (10), a measurement (11), a coil (3) and one by function 16 (20); unit 2 with one setpoint.
struct Fixture {
  boost::asio::io_context io;
  test::ManualClock clock;
  FakeEndpoint endpoint;
  Metrics metrics;
  std::vector<Reading> readings;
  std::vector<EdgeEvent> events;
  boost::asio::cancellation_signal stop;
  std::vector<Poller::Device> devices{device(1,
                                             {at(10, Table::holding_registers, 6), at(11), at(3, Table::coils, 5),
                                              at(20, Table::holding_registers, 16)},
                                             0),
                                      device(2, {at(10, Table::holding_registers, 6)}, 4)};
  std::unique_ptr<Poller> poller;
  std::vector<Result<PointWrite>> results;

  static Poller::Device device(int unit, std::vector<ProfilePoint> profile, std::uint32_t first) {
    Poller::Device made;
    made.name = "site/unit-" + std::to_string(unit);
    made.unit = unit;
    made.timeout = Millis{200};
    made.profile = std::move(profile);
    made.paces.assign(made.profile->size(), Pace{Millis{60'000}, Millis{60'000}});
    for (std::size_t i = 0; i < made.profile->size(); ++i) made.points.push_back(first++);
    return made;
  }

  ~Fixture() {
    stop.emit(boost::asio::cancellation_type::terminal);
    clock.run_ready(io);
  }
  void run() {
    poller = std::make_unique<Poller>(
        clock, std::make_unique<test::FakeBus>(clock, endpoint), devices,
        [this](std::vector<Reading> some) { readings.insert(readings.end(), some.begin(), some.end()); },
        [this](EdgeEvent event) { events.push_back(std::move(event)); }, metrics, 1);
    boost::asio::co_spawn(io, poller->run(),
                          boost::asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {}));
    clock.run_ready(io);
    clock.advance(io, Millis{2'000});  // first polls are over; the next come in a minute
    readings.clear();
    endpoint.asked.clear();
  }
  WriteOrder order(Words words, bool send = true) {
    return {.encode = [words](const ProfilePoint&) -> Result<Words> { return words; },
            .send = send,
            .expires = clock.mono() + Millis{10'000},
            .done = [this](Result<PointWrite> result) { results.push_back(std::move(result)); }};
  }
  PointWrite written(std::uint32_t point, std::uint16_t word, bool send = true) {
    poller->write(point, order({word}, send));
    clock.advance(io, Millis{8'000});
    EXPECT_EQ(results.size(), 1u);
    EXPECT_TRUE(results.at(0)) << results.at(0).error().message;
    return results.at(0).value_or(PointWrite{});
  }
  std::string refused(std::uint32_t point, std::uint16_t word) {
    poller->write(point, order({word}));
    clock.advance(io, Millis{8'000});
    EXPECT_EQ(results.size(), 1u);
    EXPECT_FALSE(results.at(0));
    EXPECT_TRUE(endpoint.written.empty());
    return results.at(0) ? "" : results.at(0).error().message;
  }
};

TEST(PollerWrite, ReadsBeforeAndAfterWithinTwoSecondsThoughNothingIsDue) {
  Fixture f;
  f.endpoint.set(1, Table::holding_registers, 10, {45});
  f.run();
  f.poller->write(0, f.order({47}));
  f.clock.advance(f.io, Millis{2'000});
  ASSERT_EQ(f.results.size(), 1u);
  const PointWrite& made = *f.results[0];
  EXPECT_EQ(made.before, Words{45});
  EXPECT_EQ(made.after, Words{47});
  EXPECT_FALSE(made.failure);
  ASSERT_EQ(f.endpoint.written.size(), 1u);
  EXPECT_FALSE(f.endpoint.written[0].multiple) << "function 6";
  EXPECT_EQ(f.endpoint.asked.size(), 2u);
}

TEST(PollerWrite, WritesByTheFunctionThatTheProfileNames) {
  Fixture f;
  f.run();
  EXPECT_EQ(f.written(2, 1).after, Words{1});
  EXPECT_EQ(f.endpoint.written.at(0).table, Table::coils);
  f.results.clear();
  EXPECT_EQ(f.written(3, 9).after, Words{9});
  EXPECT_TRUE(f.endpoint.written.at(1).multiple) << "function 16";
}

TEST(PollerWrite, WhatIsReadBackIsAReadingLikeAnyOther) {
  Fixture f;
  f.run();
  f.written(0, 47);
  ASSERT_EQ(f.readings.size(), 2u);
  EXPECT_EQ(f.readings[1].point, 0u);
  EXPECT_EQ(f.readings[1].registers[0], 47);
}

TEST(PollerWrite, ACheckSendsNothing) {
  Fixture f;
  f.endpoint.set(1, Table::holding_registers, 10, {45});
  f.run();
  const PointWrite made = f.written(0, 47, false);
  EXPECT_EQ(made.before, Words{45});
  EXPECT_EQ(made.after, Words{45});
  EXPECT_TRUE(f.endpoint.written.empty());
}

TEST(PollerWrite, ADeviceThatCannotBeReadIsNotWritten) {
  Fixture f;
  f.run();
  f.endpoint.silent.insert(1);
  EXPECT_EQ(f.refused(0, 47), "what it is now cannot be read: no answer; nothing was written");
}

TEST(PollerWrite, AnOrderThatWaitedTooLongIsNotCarriedOut) {
  Fixture f;
  f.run();
  WriteOrder order = f.order({47});
  order.expires = f.clock.mono() - Millis{1};
  f.poller->write(0, std::move(order));
  f.clock.advance(f.io, Millis{2'000});
  ASSERT_EQ(f.results.size(), 1u);
  EXPECT_EQ(f.results[0].error().code, Errc::timeout);
  EXPECT_TRUE(f.endpoint.written.empty());
}

TEST(PollerWrite, AValueThatHasNoRegistersIsNotSentAndCostsNoRequest) {
  Fixture f;
  f.run();
  WriteOrder order = f.order({});
  order.encode = [](const ProfilePoint&) -> Result<Words> { return fail(Errc::invalid_argument, "no such value"); };
  f.poller->write(0, std::move(order));
  f.clock.advance(f.io, Millis{2'000});
  EXPECT_EQ(f.results.at(0).error().message, "no such value");
  EXPECT_TRUE(f.endpoint.asked.empty());
}

TEST(PollerWrite, ARefusalIsReadBackToo) {
  Fixture f;
  f.endpoint.set(1, Table::holding_registers, 10, {45});
  f.endpoint.write_exceptions[1] = 3;
  f.run();
  const PointWrite made = f.written(0, 47);
  EXPECT_EQ(made.failure->exception_code, 3);
  EXPECT_EQ(made.after, Words{45});
  EXPECT_EQ(f.endpoint.written.size(), 1u) << "a refused write is not tried again";
}

TEST(PollerWrite, ADeviceThatConfirmsAndDoesNothingIsFoundOut) {
  Fixture f;
  f.endpoint.set(1, Table::holding_registers, 10, {45});
  f.endpoint.stubborn.insert(1);
  f.run();
  const PointWrite made = f.written(0, 47);
  EXPECT_FALSE(made.failure);
  EXPECT_EQ(made.after, Words{45});
}

TEST(PollerWrite, ADeviceThatTakesItsTimeIsReadAgain) {
  Fixture f;
  f.endpoint.set(1, Table::holding_registers, 10, {45});
  f.endpoint.inertia = Millis{600};
  f.run();
  EXPECT_EQ(f.written(0, 47).after, Words{47});
  EXPECT_EQ(f.endpoint.written.size(), 1u);
}

TEST(PollerWrite, WithoutAConfirmationTheReadingBackTellsWhatBecameOfIt) {
  Fixture f;
  f.endpoint.mute.insert(1);
  f.run();
  PointWrite made = f.written(0, 47);
  EXPECT_EQ(made.failure->kind, BusError::Kind::no_answer);
  EXPECT_EQ(made.after, Words{47});
  f.endpoint.stubborn.insert(1);
  f.results.clear();
  made = f.written(0, 48);
  EXPECT_EQ(made.failure->kind, BusError::Kind::no_answer);
  EXPECT_EQ(made.after, Words{47});
  EXPECT_EQ(f.endpoint.written.size(), 2u) << "an unanswered write is not sent again";
}

TEST(PollerWrite, ADeviceThatFallsSilentLeavesItsValueUnknown) {
  Fixture f;
  f.endpoint.mute.insert(1);
  f.run();
  f.poller->write(0, f.order({47}));
  while (f.endpoint.written.empty()) f.clock.advance(f.io, Millis{50});
  f.endpoint.silent.insert(1);
  f.clock.advance(f.io, Millis{8'000});
  ASSERT_EQ(f.results.size(), 1u);
  ASSERT_TRUE(f.results[0]);
  EXPECT_TRUE(f.results[0]->failure);
  EXPECT_FALSE(f.results[0]->after);
}

TEST(PollerWrite, OneAfterTheOtherAndNoMoreThanAFewMayWait) {
  Fixture f;
  f.run();
  for (std::uint16_t i = 0; i <= kMostOrders; ++i) f.poller->write(i % 2 ? 4 : 0, f.order({i}));
  ASSERT_EQ(f.results.size(), 1u) << "the last is refused at once";
  EXPECT_EQ(f.results[0].error().code, Errc::conflict);
  f.clock.advance(f.io, Millis{20'000});
  ASSERT_EQ(f.results.size(), kMostOrders + 1);
  for (std::uint16_t i = 0; i < kMostOrders; ++i) {
    EXPECT_EQ(f.endpoint.written.at(i).values, Words{i});
    EXPECT_EQ(f.results[i + 1u]->after, Words{i});
  }
}

TEST(PollerWrite, TheOthersAreReadInTimeWhileADeviceSettles) {
  Fixture f;
  f.devices[1].paces = {Pace{Millis{100}, Millis{100}}};
  f.endpoint.stubborn.insert(1);
  f.run();
  f.written(0, 47);
  std::size_t of_neighbour = 0;
  for (const Reading& reading : f.readings) of_neighbour += reading.point == 4;
  EXPECT_GE(of_neighbour, 79u);
}

TEST(PollerWrite, ADeviceThatBearsLittleHasItsPauseBetweenTheRequests) {
  Fixture f;
  f.devices[0].reading.pause = Millis{300};
  f.run();
  f.written(0, 47);
  ASSERT_EQ(f.endpoint.asked.size(), 2u);
  EXPECT_GE(f.endpoint.asked[1].at - f.endpoint.asked[0].at, Millis{600});
}

TEST(PollerWrite, WhatTheConfigurationTakesAwayIsWrittenNoMore) {
  Fixture f;
  f.run();
  f.poller->write(0, f.order({47}));
  f.poller->configure({f.devices[1]});
  f.clock.advance(f.io, Millis{2'000});
  ASSERT_EQ(f.results.size(), 1u);
  EXPECT_EQ(f.results[0].error().message, "the configuration was changed meanwhile; nothing was written");
  EXPECT_TRUE(f.endpoint.written.empty());
}

TEST(PollerWrite, WhoeverWaitsAtTheEndIsAnswered) {
  std::optional<Result<PointWrite>> result;
  {
    Fixture f;
    f.run();
    WriteOrder order = f.order({47});
    order.done = [&](Result<PointWrite> each) { result = std::move(each); };
    f.poller->write(0, std::move(order));
    f.stop.emit(boost::asio::cancellation_type::terminal);
    f.clock.run_ready(f.io);
    f.poller.reset();
  }
  ASSERT_TRUE(result);
  EXPECT_FALSE(*result);
}

TEST(PollerWrite, TheFirmwareDecidesWhetherAndWhere) {
  Fixture f;
  Revisions& revisions = f.devices[0].revisions.edit();
  revisions.question = FirmwareQuestion{.object = Identification::revision, .source = {}};
  ProfilePoint moved = (*f.devices[0].profile)[0];
  std::get<ModbusSource>(moved.source).address = 77;
  revisions.list = {Revision{.name = "v2", .rule = {.from = "2.0"}, .points = {{0, moved}}, .absent = {3}}};
  f.endpoint.identities[1].objects[Identification::revision] = "2.1";
  f.run();
  EXPECT_EQ(f.written(0, 47).point.name, "p10");
  EXPECT_EQ(f.endpoint.written.at(0).address, 77);
  f.endpoint.written.clear();
  f.results.clear();
  EXPECT_EQ(f.refused(3, 1),
            "the device's present firmware has no such point, as far as is known; nothing was written");
}

}  // namespace
}  // namespace anlan::edge
