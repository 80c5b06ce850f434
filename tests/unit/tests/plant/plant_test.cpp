#include "tests/plant/plant.hpp"

#include <bit>

#include <gtest/gtest.h>

namespace anlan::plant {
namespace {

const MonoTime start = mono_from_ms(1000);

/// One endpoint with a tank (unit 1: level f32 at holding 0, a writable setpoint f32 at 2, a horn at coil 0, a switch
/// at discrete 0), another unit 2, and an MQTT device.
Scenario farm() {
  Scenario scenario;
  scenario.endpoints = {{"farm", {"127.0.0.1", 0, true}}};
  Device tank{.name = "tank-1", .endpoint = "farm", .topic = {}, .points = {}};
  tank.points = {{"level", Place{.type = ValueType::f32}, 8.5},
                 {"setpoint", Place{.address = 2, .type = ValueType::f32}, 1, 0, true},
                 {"horn", Place{.table = Table::coils, .type = ValueType::boolean}, 0, 0, true},
                 {"open", Place{.table = Table::discrete_inputs, .type = ValueType::boolean}, 1}};
  Device other{.name = "tank-2", .endpoint = "farm", .unit = 2, .topic = {}, .points = {}};
  other.points = {{"level", Place{.table = Table::input_registers}, 7}};
  Device dust{.name = "dust-1", .endpoint = {}, .topic = "site/dust", .points = {}};
  dust.points = {{"pm25", JsonField{"pm25"}, 35.5}, {"pm10", JsonField{"pm10"}, 80}, {"wind", ScalarTopic{"wind"}, 3}};
  scenario.devices = {tank, other, dust};
  return scenario;
}

std::string told(Plant& plant, std::string_view line, MonoTime now = start) {
  const auto done = plant.apply(*parse_action(line), now);
  return done ? *done : "error: " + done.error().message;
}

Answer read(Plant& plant, int function, int address, int count, int unit = 1, MonoTime now = start) {
  return plant.answer("farm", {.unit = unit, .function = function, .address = address, .count = count}, now);
}

using Words = std::vector<std::uint16_t>;

TEST(Plant, AnswersFromTheTableThatIsAsked) {
  Plant plant(farm(), start);
  EXPECT_EQ(read(plant, 3, 0, 2).values, (Words{0x4108, 0x0000}));  // 8.5f
  EXPECT_EQ(read(plant, 2, 0, 1).values, Words{1});
  EXPECT_EQ(read(plant, 4, 0, 1, 2).values, Words{7});
  EXPECT_EQ(read(plant, 3, 1, 2).values, (Words{0x0000, 0x3F80}));  // cut through two points
}

TEST(Plant, RefusesWithTheProtocolsExceptions) {
  Plant plant(farm(), start);
  EXPECT_EQ(read(plant, 3, 0, 5).exception, illegal_address);  // register 4 is nobody's
  EXPECT_EQ(read(plant, 4, 0, 1).exception, illegal_address);
  EXPECT_EQ(read(plant, 3, 0, 126).exception, illegal_value);
  EXPECT_EQ(read(plant, 3, 0, 0).exception, illegal_value);
  EXPECT_EQ(read(plant, 3, 0, 1, 77).exception, no_such_unit);
  EXPECT_EQ(read(plant, 43, 0, 1).exception, illegal_function);
}

TEST(Plant, ARampBeginsAtTheValueOfNow) {
  Plant plant(farm(), start);
  EXPECT_EQ(told(plant, "ramp tank-2/level 107 10s", start), "");
  EXPECT_EQ(read(plant, 4, 0, 1, 2, start + Millis{5000}).values, Words{57});
  EXPECT_EQ(told(plant, "ramp tank-2/level 7 1s", start + Millis{5000}), "");
  EXPECT_EQ(read(plant, 4, 0, 1, 2, start + Millis{5500}).values, Words{32});
}

TEST(Plant, RefusesToMoveAValueOutOfItsRegister) {
  Plant plant(farm(), start);
  EXPECT_EQ(told(plant, "set tank-2/level 65536"), "error: tank-2/level: the register type u16 cannot hold 65536");
  EXPECT_EQ(told(plant, "sine tank-2/level 5 6 1s").substr(0, 6), "error:");
  EXPECT_EQ(read(plant, 4, 0, 1, 2).values, Words{7});
}

TEST(Plant, NoiseThatLeavesTheRegisterIsADeviceFailureNotAClampedValue) {
  Plant plant(farm(), start);
  told(plant, "set tank-2/level 0");
  told(plant, "noise tank-2/level 1000");
  int failures = 0, values = 0;
  for (int i = 0; i < 50; ++i) {
    const auto answer = read(plant, 4, 0, 1, 2, start + Millis{100 * i});
    failures += answer.exception == device_failure ? 1 : 0;
    values += answer.exception == 0 ? 1 : 0;
  }
  EXPECT_GT(failures, 10);
  EXPECT_GT(values, 10);
  EXPECT_EQ(failures + values, 50);
}

TEST(Plant, WritesLandOnlyWhereAPointIsWritable) {
  Plant plant(farm(), start);
  std::vector<std::string> written;
  plant.on_written = [&](const std::string& point, double before, double after) {
    written.push_back(point + " " + std::to_string(before) + " " + std::to_string(after));
  };
  const auto two_and_a_half = std::bit_cast<std::uint32_t>(2.5f);
  const Words words{static_cast<std::uint16_t>(two_and_a_half >> 16), static_cast<std::uint16_t>(two_and_a_half)};
  const Request request{.unit = 1, .function = 16, .address = 2, .count = 2, .values = words};
  EXPECT_EQ(plant.answer("farm", request, start).exception, 0);
  EXPECT_EQ(plant.answer("farm", request, start).exception, 0);  // the same value again is no change
  EXPECT_EQ(read(plant, 3, 2, 2).values, words);
  EXPECT_EQ(plant.answer("farm", {.unit = 1, .function = 5, .address = 0, .values = {1}}, start).exception, 0);
  EXPECT_EQ(written, (std::vector<std::string>{"tank-1/setpoint 1.000000 2.500000", "tank-1/horn 0.000000 1.000000"}));
  EXPECT_EQ(told(plant, "show tank-1/horn"), "tank-1/horn 1\n");
  EXPECT_EQ(plant.answer("farm", {.unit = 1, .function = 6, .address = 0, .values = {1}}, start).exception,
            illegal_address);
  EXPECT_EQ(
      plant.answer("farm", {.unit = 1, .function = 16, .address = 1, .count = 2, .values = {1, 1}}, start).exception,
      illegal_address);
  EXPECT_EQ(read(plant, 3, 0, 2).values, (Words{0x4108, 0x0000}));
}

TEST(Plant, MisbehavesAsToldAndRecovers) {
  Plant plant(farm(), start);
  told(plant, "fault tank-1 hang");
  EXPECT_TRUE(read(plant, 3, 0, 1).silent);
  EXPECT_FALSE(read(plant, 4, 0, 1, 2).silent);  // the other unit behind the same endpoint is well
  told(plant, "fault tank-1 late 700ms");
  EXPECT_EQ(read(plant, 3, 0, 1).late, Millis{700});
  told(plant, "fault tank-1 wrong-unit");
  EXPECT_TRUE(read(plant, 3, 0, 1).wrong_unit);
  told(plant, "fault tank-1 exception 6");
  EXPECT_EQ(read(plant, 3, 0, 1).exception, 6);
  told(plant, "fault tank-1 none");
  EXPECT_EQ(read(plant, 3, 0, 2).values, (Words{0x4108, 0x0000}));
  told(plant, "fault farm hang");
  EXPECT_TRUE(read(plant, 3, 0, 1).silent);
  EXPECT_TRUE(read(plant, 4, 0, 1, 2).silent);
  EXPECT_TRUE(plant.listening("farm"));
  told(plant, "fault farm gone");
  EXPECT_FALSE(plant.listening("farm"));
  told(plant, "fault farm none");
  EXPECT_TRUE(plant.listening("farm"));
  EXPECT_EQ(told(plant, "fault tank-1 gone").substr(0, 6), "error:");
  EXPECT_EQ(told(plant, "fault dust-1 late 1s").substr(0, 6), "error:");
  EXPECT_EQ(told(plant, "fault tank-9 hang").substr(0, 6), "error:");
}

TEST(Plant, PublishesFieldsAsOneObjectAndScalarsApart) {
  Plant plant(farm(), start);
  const auto all = plant.publications("dust-1", start);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].topic, "site/dust");
  EXPECT_EQ(all[0].payload, R"({"pm25":35.5,"pm10":80})");
  EXPECT_EQ(all[1].topic, "site/dust/wind");
  EXPECT_EQ(all[1].payload, "3");
  told(plant, "fault dust-1 hang");
  EXPECT_TRUE(plant.publications("dust-1", start).empty());
}

TEST(Plant, ShowsWhatIsAskedFor) {
  Plant plant(farm(), start);
  EXPECT_EQ(told(plant, "show tank-2"), "device tank-2 fault none requests 0\ntank-2/level 7\n");
  read(plant, 4, 0, 1, 2);
  EXPECT_EQ(told(plant, "show tank-2"), "device tank-2 fault none requests 1\ntank-2/level 7\n");
  EXPECT_NE(told(plant, "show").find("endpoint farm fault none\n"), std::string::npos);
  EXPECT_EQ(told(plant, "show tank-7").substr(0, 6), "error:");
}

}  // namespace
}  // namespace anlan::plant
