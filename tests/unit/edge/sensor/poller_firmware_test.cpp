// A device is asked which firmware it has before it is read, and is read as that firmware wants it.
#include <cmath>

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

constexpr Table kHolding = Table::holding_registers;

ProfilePoint point(const char* name, int address) {
  ProfilePoint made;
  made.name = name;
  made.source = ModbusSource{.address = static_cast<std::uint16_t>(address)};
  return made;
}

/// level at 10, flow at 20; v2 has the level at 100, and no flow.
Revisions two_revisions(FirmwareQuestion question) {
  Revisions made;
  made.question = question;
  made.list = {{"v1", {.below = "2"}, {}, {}}, {"v2", {.from = "2", .below = "3"}, {{0, point("level", 100)}}, {1}}};
  return made;
}

struct Fixture : testing::Test {
  boost::asio::io_context io;
  test::ManualClock clock;
  test::FakeEndpoint endpoint;
  Metrics metrics;
  std::vector<Reading> readings;
  std::vector<EdgeEvent> events;
  std::map<std::uint32_t, ProfilePoint> described;
  std::unique_ptr<Poller> poller;
  boost::asio::cancellation_signal stop;
  bool ended = false;

  Fixture() {
    endpoint.set(1, kHolding, 10, {1010});
    endpoint.set(1, kHolding, 20, {2020});
    endpoint.set(1, kHolding, 100, {1100});
  }
  ~Fixture() override {
    stop.emit(boost::asio::cancellation_type::terminal);
    clock.run_ready(io);
    EXPECT_TRUE(ended);
  }
  void run(FirmwareQuestion question = {.object = 2, .source = {}}) {
    Poller::Device device{.name = "site/meter",
                          .unit = 1,
                          .timeout = Millis{200},
                          .reading = {},
                          .profile = std::vector{point("level", 10), point("flow", 20)},
                          .paces = {Pace{}, Pace{}},
                          .points = {0, 1},
                          .revisions = two_revisions(question)};
    poller = std::make_unique<Poller>(
        clock, std::make_unique<test::FakeBus>(clock, endpoint), std::vector{device},
        [this](std::vector<Reading> some) { readings.insert(readings.end(), some.begin(), some.end()); },
        [this](EdgeEvent event) { events.push_back(std::move(event)); }, metrics, 1);
    poller->describe_to([this](std::uint32_t i, const ProfilePoint& p) { described[i] = p; });
    boost::asio::co_spawn(
        io, poller->run(),
        boost::asio::bind_cancellation_slot(stop.slot(), [this](std::exception_ptr) { ended = true; }));
    clock.run_ready(io);
  }
  void pass(Millis duration) { clock.advance(io, duration); }
  void firmware(std::string text) { endpoint.identities[1].objects[2] = std::move(text); }

  /// The last word of the point, -1 where it says that it has none.
  int last(std::uint32_t i) const {
    int word = -2;
    for (const Reading& r : readings)
      if (r.point == i) word = r.form == Reading::Form::registers ? r.registers[0] : -1;
    return word;
  }
  bool asked(int address) const {
    return std::ranges::any_of(endpoint.asked, [&](const auto& a) { return a.request.address == address; });
  }
  std::vector<std::string> said(std::string_view what) const {
    std::vector<std::string> details;
    for (const EdgeEvent& event : events)
      if (event.what == what) details.push_back(event.detail);
    return details;
  }
};
using PollerFirmware = Fixture;

TEST_F(PollerFirmware, ReadsAsTheFirmwareWantsIt) {
  firmware("V2.1");
  run();
  EXPECT_EQ(last(0), 1100);
  EXPECT_EQ(last(1), -1) << "this firmware has no flow";
  EXPECT_FALSE(asked(20));
  EXPECT_EQ(std::get<ModbusSource>(described.at(0).source).address, 100);
  EXPECT_TRUE(said("firmware").empty()) << "nothing changed";
}

TEST_F(PollerFirmware, ARegisterMayTellIt) {
  endpoint.set(1, kHolding, 500, {0x5631, 0x2E37});  // "V1.7"
  run({.object = std::nullopt, .source = {.address = 500, .type = ValueType::text, .length = 2}});
  EXPECT_EQ(last(0), 1010);
  EXPECT_EQ(last(1), 2020);
}

TEST_F(PollerFirmware, AMissingPointSaysSoAgainAndAgain) {
  firmware("2");
  run();
  pass(Millis{60'000});
  const auto missing = std::ranges::count_if(readings, [](const Reading& r) { return r.point == 1; });
  EXPECT_GE(missing, 11);
  EXPECT_LE(missing, 13);
  for (const Reading& r : readings)
    if (r.point == 1) EXPECT_EQ(r.quality, Quality::device_fault);
}

TEST_F(PollerFirmware, AnUpdateIsNoticedWhenTheDeviceComesBack) {
  firmware("1.5");
  run();
  EXPECT_EQ(last(0), 1010);
  endpoint.silent.insert(1);
  pass(Millis{5'000});
  firmware("2.0");
  endpoint.silent.clear();
  pass(Millis{60'000});
  EXPECT_EQ(last(0), 1100);
  EXPECT_EQ(last(1), -1);
  EXPECT_EQ(said("firmware"), (std::vector<std::string>{"1.5 before, 2.0 now, read as revision v2"}));
  EXPECT_EQ(std::get<ModbusSource>(described.at(0).source).address, 100);
}

TEST_F(PollerFirmware, WhatNoRevisionIsForIsNotReadAndSaid) {
  firmware("7");
  run();
  pass(Millis{10'000});
  EXPECT_EQ(last(0), -1);
  EXPECT_EQ(last(1), -1);
  EXPECT_TRUE(endpoint.asked.empty()) << "nothing is read on a guess";
  ASSERT_EQ(said("firmware").size(), 1u);
  firmware("1");  // somebody put it right
  pass(kAskUnknownAgain + Millis{1'000});
  EXPECT_EQ(last(0), 1010);
}

TEST_F(PollerFirmware, ADeviceThatIsNotThereIsLostBeforeItIsAsked) {
  endpoint.silent.insert(1);
  run();
  pass(Millis{1'000});
  EXPECT_EQ(said("device-lost").size(), 1u);
  EXPECT_EQ(last(0), -1);
  firmware("1");
  endpoint.silent.clear();
  pass(Millis{60'000});
  EXPECT_EQ(last(0), 1010);
  EXPECT_EQ(said("device-back").size(), 1u);
}

TEST_F(PollerFirmware, AReloadLeavesWhatIsKnownAndDescribesItAgain) {
  firmware("2");
  run();
  described.clear();
  Poller::Device device{.name = "site/meter",
                        .unit = 1,
                        .timeout = Millis{200},
                        .reading = {},
                        .profile = std::vector{point("level", 10), point("flow", 20)},
                        .paces = {Pace{}, Pace{}},
                        .points = {5, 6},
                        .revisions = two_revisions({.object = 2, .source = {}})};
  poller->configure({device});
  EXPECT_EQ(std::get<ModbusSource>(described.at(5).source).address, 100);
  pass(Millis{1'100});
  EXPECT_EQ(last(5), 1100);
}

}  // namespace
}  // namespace anlan::edge
