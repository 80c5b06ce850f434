#include "tests/plant/scenario.hpp"

#include <gtest/gtest.h>

namespace anlan::plant {
namespace {

constexpr auto farm = R"(seed = 9
broker = "mqtt://127.0.0.1:1883"
[[endpoint]]
name = "farm"
listen = "127.0.0.1:1502"
[[device]]
name = "tank-1"
endpoint = "farm"
unit = 3
  [[device.point]]
  name = "temperature"
  table = "holding"
  address = 2
  type = "f32"
  order = "cdab"
  value = 20.5
  noise = 0.1
[[device]]
name = "dust-1"
topic = "plant/dust-1"
every_ms = 500
  [[device.point]]
  name = "pm25"
  field = "pm25"
  [[device.point]]
  name = "wind"
  topic = "wind"
[[step]]
at_ms = 2000
do = "set tank-1/temperature 30"
[[step]]
at_ms = 1000
do = "fault tank-1 hang"
)";

std::vector<std::string> faults_of(const std::string& text) {
  const auto scenario = parse_scenario(text, "s.toml");
  std::vector<std::string> faults;
  if (!scenario)
    for (const auto& fault : scenario.error()) faults.push_back(std::to_string(fault.line) + ": " + fault.what);
  return faults;
}

/// `farm` with one piece of text replaced.
std::string with(std::string_view old, std::string_view now) {
  std::string text = farm;
  text.replace(text.find(old), old.size(), now);
  return text;
}

TEST(Scenario, ReadsEndpointsDevicesPointsAndStepsInOrderOfTime) {
  const auto scenario = parse_scenario(farm, "s.toml");
  ASSERT_TRUE(scenario) << to_text(scenario.error());
  EXPECT_EQ(scenario->seed, 9u);
  EXPECT_EQ(scenario->endpoints.at(0).listen.port, 1502);
  const auto& tank = scenario->devices.at(0);
  EXPECT_EQ(tank.unit, 3);
  const auto& place = std::get<Place>(tank.points.at(0).place);
  EXPECT_EQ(place.address, 2);
  EXPECT_EQ(place.type, ValueType::f32);
  EXPECT_EQ(place.order, ByteOrder::cdab);
  EXPECT_EQ(tank.points.at(0).value, 20.5);
  const auto& dust = scenario->devices.at(1);
  EXPECT_EQ(dust.topic, "plant/dust-1");
  EXPECT_EQ(dust.every, Millis{500});
  EXPECT_EQ(std::get<JsonField>(dust.points.at(0).place).key, "pm25");
  EXPECT_EQ(std::get<ScalarTopic>(dust.points.at(1).place).suffix, "wind");
  EXPECT_EQ(scenario->steps.at(0).text, "fault tank-1 hang");
  EXPECT_EQ(scenario->steps.at(1).at, Millis{2000});
}

TEST(Scenario, NamesEachFaultWithItsLine) {
  using Faults = std::vector<std::string>;
  EXPECT_EQ(faults_of(with("endpoint = \"farm\"", "endpoint = \"barn\"")),
            Faults{"8: device.endpoint is not declared"});
  EXPECT_EQ(faults_of(with("name = \"dust-1\"", "name = \"tank-1\"")), Faults{"19: device.name is taken"});
  EXPECT_EQ(faults_of(with("address = 2", "address = 65535")),
            Faults{"13: device.point.address leaves no room for the value"});
  EXPECT_EQ(faults_of(with("value = 20.5", "value = 1e300")), Faults{"16: device.point.value does not fit"});
  EXPECT_EQ(faults_of(with("type = \"f32\"", "type = \"boolean\"")).at(0),
            "14: device.point.type does not go with the table");
  EXPECT_EQ(faults_of(with("table = \"holding\"", "table = \"input\"\nwritable = true")),
            Faults{"13: device.point.writable is true on a read-only table"});
  EXPECT_EQ(faults_of(with("broker = \"mqtt://127.0.0.1:1883\"\n", "")), Faults{"19: device.topic needs a broker"});
  EXPECT_EQ(faults_of(with("topic = \"plant/dust-1\"", "topic = \"plant/#\"")),
            Faults{"20: device.topic is no topic to publish on"});
  EXPECT_EQ(faults_of(with("set tank-1/temperature 30", "set tank-1/pressure 30")),
            Faults{"30: step.do cannot be done"});
  EXPECT_EQ(faults_of(with("set tank-1/temperature 30", "warm up")), Faults{"30: step.do is not understood"});
  EXPECT_EQ(faults_of(with("noise = 0.1", "nois = 0.1")).size(), 1u);
}

TEST(Scenario, TwoPointsOnOneRegisterAreAFault) {
  const auto faults = faults_of(with("[[device]]\nname = \"dust-1\"", R"(  [[device.point]]
  name = "level"
  table = "holding"
  address = 3
[[device]]
name = "dust-1")"));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("temperature and level on one address"), std::string::npos) << faults[0];
}

TEST(Scenario, ReportsAllFaultsAtOnce) {
  std::string text = with("unit = 3", "unit = 300");
  text.replace(text.find("every_ms = 500"), 14, "every_ms = 1");
  text += "[[step]]\nat_ms = -1\ndo = \"show\"\n";
  EXPECT_EQ(faults_of(text).size(), 3u);
}

}  // namespace
}  // namespace anlan::plant
