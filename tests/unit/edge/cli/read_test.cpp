#include "edge/cli/read.hpp"

#include <sstream>

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/cli/read_table.hpp"
#include "tests/support/fake_bus.hpp"
#include "tests/support/fake_mqtt.hpp"
#include "tests/support/manual_clock.hpp"

namespace anlan::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Two points at holding registers 0 and 1: level in % with limits, and a valve's state by name.
Profile tank() {
  ProfilePoint level, valve;
  level.name = "level";
  level.unit = "%";
  level.source = ModbusSource{.address = 0};
  level.limits.high.of(Level::orange) = 80;
  level.limits.high.of(Level::red) = 95;
  valve.name = "valve";
  valve.source = ModbusSource{.address = 1};
  valve.meanings = {{0, "shut"}, {2, "半开"}};
  Profile profile;
  profile.id = "tank";
  profile.points = {level, valve};
  return profile;
}

Config config_of(std::vector<DeviceConfig> devices) {
  Config config;
  config.site = "s";
  config.profiles["tank"] = tank();
  for (DeviceConfig& device : devices) {
    device.profile = "tank";
    for (std::size_t i = 0; i < 2; ++i) {
      const ProfilePoint& point = config.profiles["tank"].points[i];
      config.origins.push_back({config.devices.size(), i});
      config.definition.edit().points.push_back({.path = {"s", device.name, point.name},
                                                 .name = {},
                                                 .unit = point.unit,
                                                 .asset = {},
                                                 .limits = point.limits});
    }
    config.devices.push_back(device);
  }
  return config;
}

DeviceConfig device(std::string name, int unit) {
  DeviceConfig made;
  made.name = std::move(name);
  made.connect = {.host = "10.0.0.1", .port = 502, .path = {}};
  made.unit = unit;
  made.timeout = Millis{0};
  return made;
}

struct Fixture {
  boost::asio::io_context io;
  test::ManualClock clock;
  test::FakeEndpoint endpoint;
  test::FakeMqtt broker;
  std::ostringstream out;

  int read(const Config& config) {
    return run_read(config,
                    {io, clock, [this](const Endpoint&) { return std::make_unique<test::FakeBus>(clock, endpoint); },
                     broker.factory()},
                    out);
  }
};

TEST(Read, PrintsEveryPointWithUnitQualityLevelAndTime) {
  Fixture f;
  f.endpoint.set(3, Table::holding_registers, 0, {85, 2});
  EXPECT_EQ(f.read(config_of({device("tank-3", 3)})), 0);
  EXPECT_EQ(
      f.out.str(),
      "DEVICE  POINT   VALUE  UNIT  QUALITY  LEVEL              REGISTER       RAW     TIME\n"
      "tank-3  level      85  %     good     orange (limit 80)  holding 40001  0x0055  2027-01-15T08:00:00.000Z\n"
      "tank-3  valve  2 (半开)        good     no limits          holding 40002  0x0002  2027-01-15T08:00:00.000Z\n"
      "\nasked modbus+tcp://10.0.0.1:502 unit 3 for holding 40001 to 40002: 0 ms, 0x0055 0x0002\n"
      "\n2 of 2 points are good\n");
}

TEST(Read, ADeviceThatDoesNotAnswerIsExplainedAndTheOthersAreRead) {
  Fixture f;
  f.endpoint.set(1, Table::holding_registers, 0, {10, 0});
  f.endpoint.silent.insert(2);
  EXPECT_EQ(f.read(config_of({device("a", 1), device("b", 2)})), 1);
  EXPECT_THAT(f.out.str(), HasSubstr("\nb: no answer\n    check: "));
  EXPECT_THAT(f.out.str(), HasSubstr("unit 2 is not: is that its unit number"));
  EXPECT_THAT(f.out.str(), HasSubstr("comm-failure"));
  EXPECT_THAT(f.out.str(), HasSubstr("0 (shut)"));
  EXPECT_THAT(f.out.str(), Not(HasSubstr("\na: ")));
  EXPECT_THAT(f.out.str(), HasSubstr("2 of 4 points are good"));
}

TEST(Read, ADeadEndpointIsTriedOnceForAllItsDevices) {
  Fixture f;
  f.endpoint.dead = true;
  EXPECT_EQ(f.read(config_of({device("a", 1), device("b", 2)})), 1);
  EXPECT_EQ(f.endpoint.asked.size(), 1u);
  EXPECT_THAT(f.out.str(), HasSubstr("\na: connection refused\n    check: is it switched on"));
  EXPECT_THAT(f.out.str(), HasSubstr("\nb: connection refused\n"));
}

TEST(Read, APointThatTheDeviceRefusesIsADeviceFault) {
  Fixture f;
  f.endpoint.exceptions[{1, Table::holding_registers, 1}] = 2;
  EXPECT_EQ(f.read(config_of({device("a", 1)})), 1);
  EXPECT_THAT(f.out.str(), HasSubstr("device-fault"));
  EXPECT_THAT(f.out.str(), HasSubstr("unit 1 for holding 40002: 0 ms, refused with exception 2, illegal data address"));
  EXPECT_THAT(f.out.str(), HasSubstr("1 of 2 points are good"));
}

TEST(ReadTable, TheHighestLevelReachedCountsOnEitherSide) {
  Limits limits;
  limits.high.of(Level::blue) = 10;
  limits.high.of(Level::red) = 20;
  limits.low.of(Level::yellow) = 2;
  EXPECT_EQ(reached(limits, 9.9).level, Level::none);
  EXPECT_EQ(reached(limits, 10).level, Level::blue);
  EXPECT_EQ(reached(limits, 25).level, Level::red);
  EXPECT_EQ(reached(limits, 25).limit, 20);
  EXPECT_EQ(reached(limits, 2).level, Level::yellow);
  EXPECT_EQ(reached(limits, -5).limit, 2);
}

}  // namespace
}  // namespace anlan::edge
