#include "edge/app/write_desk.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

ProfilePoint setpoint() {
  ProfilePoint point;
  point.name = "setpoint";
  point.unit = "°C";
  point.source = ModbusSource{.address = 5};
  point.scale = 0.1;
  point.write_function = 6;
  return point;
}

Config config() {
  Config made;
  made.file = "/etc/anlan/edge.toml";
  made.site = "s";
  Profile profile;
  profile.id = "acme";
  profile.points = {setpoint(), setpoint()};
  profile.points[1].name = "level";
  profile.points[1].write_function = 0;
  made.profiles["acme"] = profile;
  DeviceConfig device;
  device.name = "tank";
  device.profile = "acme";
  device.writable = {"setpoint"};
  made.devices = {device, device};
  made.devices[1].name = "other";
  made.devices[1].writable = {};
  for (std::size_t d = 0; d < 2; ++d)
    for (std::size_t p = 0; p < 2; ++p) {
      PointDefinition point;
      point.path = {"s", made.devices[d].name, profile.points[p].name};
      made.definition.edit().points.push_back(point);
      made.origins.push_back({d, p});
    }
  return made;
}

TEST(WriteDesk, APointIsNamedWithOrWithoutItsSite) {
  EXPECT_EQ(writable_point(config(), "tank/setpoint"), 0u);
  EXPECT_EQ(writable_point(config(), "s/tank/setpoint"), 0u);
  EXPECT_EQ(writable_point(config(), "t/tank/setpoint").error().code, Errc::not_found);
  EXPECT_NE(writable_point(config(), "tank/setpiont").error().message.find("tank/setpoint"), std::string::npos);
}

TEST(WriteDesk, WritingIsOffUnlessProfileAndDeviceBothSwitchItOn) {
  const auto off = writable_point(config(), "other/setpoint");
  ASSERT_FALSE(off);
  EXPECT_EQ(off.error().code, Errc::refused);
  EXPECT_EQ(
      off.error().message,
      "other/setpoint is not switched on for writing: add [device.points.setpoint] writable = true to device other "
      "in /etc/anlan/edge.toml, then anlan-edge reload --by NAME");
  const auto undeclared = writable_point(config(), "tank/level");
  ASSERT_FALSE(undeclared);
  EXPECT_NE(undeclared.error().message.find("writable = true at the point in profile acme"), std::string::npos);
}

PointWrite made(Words before, Words wanted, BusResult<Words> after) {
  return {.point = setpoint(), .before = std::move(before), .wanted = std::move(wanted), .after = std::move(after)};
}

BusError no_answer() { return {BusError::Kind::no_answer, 0, "no answer in 1 s"}; }

TEST(WriteOutcome, IsWhatWasReadBack) {
  const Written written = judge(made({450}, {473}, Words{473}), true);
  EXPECT_EQ(written.outcome, WriteOutcome::written);
  EXPECT_EQ(written.before + " " + written.wanted + " " + written.after, "45 °C 47.3 °C 47.3 °C");
  const Written differs = judge(made({450}, {473}, Words{450}), true);
  EXPECT_EQ(differs.outcome, WriteOutcome::differs);
  EXPECT_TRUE(differs.says.starts_with("the device confirmed it, and has 45 °C: ")) << differs.says;
  EXPECT_EQ(judge(made({450}, {473}, Words{450}), false).outcome, WriteOutcome::checked);
}

TEST(WriteOutcome, WhatNobodyKnowsIsSaidToBeUnknown) {
  PointWrite write = made({450}, {473}, std::unexpected(no_answer()));
  Written written = judge(write, true);
  EXPECT_EQ(written.outcome, WriteOutcome::unknown);
  EXPECT_EQ(written.after, "");
  EXPECT_TRUE(written.says.starts_with("the device confirmed it, and it could not be read back")) << written.says;
  write.failure = no_answer();
  EXPECT_TRUE(
      judge(write, true).says.starts_with("the device did not confirm it (no answer in 1 s), and it could not"));
  write.after = Words{450};
  written = judge(write, true);
  EXPECT_EQ(written.outcome, WriteOutcome::unknown);
  EXPECT_NE(written.says.find("has 45 °C now, but may still take the value"), std::string::npos) << written.says;
  write.after = Words{473};
  written = judge(write, true);
  EXPECT_EQ(written.outcome, WriteOutcome::written) << "it has the value, confirmed or not";
  EXPECT_EQ(written.says, "the device did not confirm it (no answer in 1 s), but has the value");
}

TEST(WriteOutcome, ADeviceThatConfirmsAnotherValueHasMadeUpItsMind) {
  PointWrite write = made({450}, {473}, Words{450});
  write.failure = BusError{BusError::Kind::malformed, 0, "another", "wrong-confirmation"};
  EXPECT_EQ(judge(write, true).outcome, WriteOutcome::differs);
  EXPECT_TRUE(judge(write, true).says.starts_with("the device confirmed another value, and has 45 °C: "));
  write.after = Words{473};
  EXPECT_EQ(judge(write, true).outcome, WriteOutcome::written);
}

TEST(WriteOutcome, ARefusalStandsWhateverTheDeviceHas) {
  PointWrite write = made({450}, {473}, Words{450});
  write.failure = BusError{BusError::Kind::exception, 3, "exception 3 (illegal data value)"};
  EXPECT_EQ(judge(write, true).outcome, WriteOutcome::refused);
  EXPECT_EQ(judge(write, true).says, "the device refuses it: exception 3 (illegal data value); it has 45 °C");
  write.after = std::unexpected(no_answer());
  EXPECT_EQ(judge(write, true).says,
            "the device refuses it: exception 3 (illegal data value); it has an unknown value");
}

struct Desk {
  boost::asio::io_context io;
  test::ManualClock clock;
  Config conf = config();
  std::vector<EdgeEvent> events;
  std::function<void(WriteOrder)> device;
  WriteDesk desk{io.get_executor(), clock, conf, [this](std::uint32_t, WriteOrder order) { device(std::move(order)); },
                 [this](EdgeEvent event) { events.push_back(std::move(event)); }};
  Result<Written> write(const std::string& value, bool only_check = false) {
    return test::run_coro(
        io, desk.write({.point = "tank/setpoint", .value = value, .by = "王工", .only_check = only_check}));
  }
};

TEST(WriteDesk, TheHistorySaysWhoWroteWhatAndWhatCameOfIt) {
  Desk d;
  d.device = [](WriteOrder order) {
    EXPECT_EQ(order.encode(setpoint()), Words{473});
    order.done(made({450}, {473}, Words{473}));
  };
  ASSERT_TRUE(d.write("47.3"));
  ASSERT_EQ(d.events.size(), 1u);
  EXPECT_EQ(d.events[0],
            (EdgeEvent{"s/tank", "written",
                       "setpoint: 45 °C before, 47.3 °C wanted, 47.3 °C now; the device has the value", "王工"}));
  d.device = [](WriteOrder order) { order.done(made({450}, {473}, Words{450})); };
  ASSERT_TRUE(d.write("47.3"));
  EXPECT_EQ(d.events.at(1).what, "write-differs");
}

TEST(WriteDesk, WhatSentNothingIsNoEvent) {
  Desk d;
  d.device = [](WriteOrder order) {
    const auto words = order.encode(setpoint());
    order.done(words ? Result<PointWrite>(made({450}, *words, Words{450})) : fail(words.error()));
  };
  const auto refused = d.write("47.35");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "s/tank/setpoint: 47.35 has no raw number; the nearest value is 47.4; nothing was written");
  EXPECT_TRUE(d.write("47.3", true));
  EXPECT_TRUE(d.events.empty());
}

}  // namespace
}  // namespace anlan::edge
