#include "edge/sample/entered_value.hpp"

#include <gtest/gtest.h>

#include "edge/sample/encoder.hpp"

namespace anlan::edge {
namespace {

ProfilePoint point(ValueType type, double scale = 1, double offset = 0) {
  ProfilePoint made;
  made.source = ModbusSource{.type = type};
  made.scale = scale;
  made.offset = offset;
  made.unit = "°C";
  return made;
}

ProfilePoint valve() {
  ProfilePoint made = point(ValueType::u16);
  made.meanings = {{0, "关"}, {1, "开"}, {7, "半开"}};
  return made;
}

TEST(EnteredValue, IsANumberInThePointsUnit) {
  EXPECT_EQ(entered_value(point(ValueType::i16, 0.1), "47.3"), 47.3);
  EXPECT_EQ(entered_value(point(ValueType::i16, 0.1), "-4.73e1"), -47.3);
  for (const char* wrong : {"", "hot", "4 7", "47,3", "0x10", "nan", "inf", "1e999"})
    EXPECT_FALSE(entered_value(point(ValueType::f64), wrong)) << wrong;
}

TEST(EnteredValue, IsNeverRounded) {
  EXPECT_EQ(entered_value(point(ValueType::u64), "123456789012345"), 123456789012345.0);
  EXPECT_EQ(entered_value(point(ValueType::u64), "9007199254740993").error().message,
            "has more than 15 significant digits, which would be rounded");
  EXPECT_TRUE(entered_value(point(ValueType::u64), "10000000000000000000"));
  EXPECT_TRUE(entered_value(point(ValueType::f64), "0.000000000000000000123"));
}

TEST(EnteredValue, IsAMeaningWhereThePointHasSome) {
  EXPECT_EQ(entered_value(valve(), "半开"), 7);
  EXPECT_EQ(entered_value(valve(), "7"), 7);
  EXPECT_EQ(entered_value(valve(), "开着").error().message,
            "is no value of it; right would be one of 0 (关), 1 (开), 7 (半开)");
  ProfilePoint twice = valve();
  twice.meanings[8] = "开";
  EXPECT_FALSE(entered_value(twice, "开"));
  ProfilePoint scaled = valve();
  scaled.scale = 10;
  EXPECT_EQ(entered_value(scaled, "半开"), 70);
}

TEST(EnteredValue, ANumberThatMeansNothingIsNotWritten) {
  EXPECT_EQ(encode(valve(), 7), std::vector<std::uint16_t>{7});
  EXPECT_EQ(encode(valve(), 2).error().message, "means nothing; right would be one of 0 (关), 1 (开), 7 (半开)");
  ProfilePoint real = point(ValueType::f32);
  real.meanings = {{2, "二"}};
  EXPECT_TRUE(encode(real, 2));
  EXPECT_FALSE(encode(real, 2.5));
}

TEST(EnteredValue, IsShownAsPeopleReadIt) {
  const auto shown = [](const ProfilePoint& of, double value) { return shown_value(of, encode(of, value).value()); };
  EXPECT_EQ(shown(point(ValueType::i16, 0.1), 47.3), "47.3 °C");
  EXPECT_EQ(shown(point(ValueType::f32), 47.3), "47.3 °C") << "as short as the float is";
  EXPECT_EQ(shown(valve(), 1), "1 (开)");
  ProfilePoint plain = point(ValueType::u16);
  plain.unit = "1";
  EXPECT_EQ(shown(plain, 3), "3");
  plain.fault_patterns = {0xFFFF};
  EXPECT_EQ(shown_value(plain, std::vector<std::uint16_t>{0xFFFF}), "no value");
}

}  // namespace
}  // namespace anlan::edge
