#include "edge/sensor/mqtt_payload.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

using Kind = PayloadField::Kind;

PayloadField one(std::string_view payload, const std::string& pointer) {
  return read_payload(payload, std::vector{pointer})[0];
}

TEST(MqttPayload, ReadsFieldsByPointer) {
  const auto fields = read_payload(R"({"pm25": 35.5, "a": {"b/c": [1, -2e3]}, "on": true})",
                                   std::vector<std::string>{"/pm25", "/a/b~1c/1", "/on"});
  EXPECT_EQ(fields[0].number, 35.5);
  EXPECT_EQ(fields[1].number, -2000);
  EXPECT_EQ(fields[2].number, 1);
}

TEST(MqttPayload, ReadsPlainScalars) {
  EXPECT_EQ(one("12.75", "").number, 12.75);
  EXPECT_EQ(one(" -3 \r\n", "").number, -3);
  EXPECT_EQ(one("true", "").number, 1);
  EXPECT_EQ(one("false", "").number, 0);
  EXPECT_EQ(one("1e-3", "").number, 0.001);
}

TEST(MqttPayload, DecimalsComeOutAsTheNearestDouble) {
  for (const std::string text : {"0.1", "0.3", "23.45", "1013.25", "0.0001", "-40.6", "99.999", "123456.789"}) {
    EXPECT_EQ(one("{\"v\":" + text + "}", "/v").number, std::stod(text)) << text;
    EXPECT_EQ(one(text, "").number, std::stod(text)) << text;
  }
}

TEST(MqttPayload, AFieldThatIsNotThereSaysNothing) {
  EXPECT_EQ(one(R"({"a": 1})", "/b").kind, Kind::absent);
  EXPECT_EQ(one(R"({"a": 1})", "/a/b").kind, Kind::absent);
  EXPECT_EQ(one(R"([1])", "/5").kind, Kind::absent);
}

TEST(MqttPayload, WhatIsNoNumberIsAFault) {
  for (const char* payload : {R"({"a": null})", R"({"a": "12"})", R"({"a": {}})", R"({"a": [1]})"})
    EXPECT_EQ(one(payload, "/a").kind, Kind::fault) << payload;
  for (const char* payload : {"", "abc", "1 2", "nan", "inf", "0x10", "1,5"})
    EXPECT_EQ(one(payload, "").kind, Kind::fault) << payload;
}

TEST(MqttPayload, EveryTruncationOfAMessageIsAFaultOrAbsent) {
  const std::string whole = R"({"a": {"b": [1, 2.5, "x\u00e9"]}, "c": 7})";
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_EQ(one(whole.substr(0, n), "/c").kind, Kind::fault) << whole.substr(0, n);
  EXPECT_EQ(one(whole, "/c").number, 7);
}

TEST(MqttPayload, DeepAndHugePayloadsAreFaults) {
  EXPECT_EQ(one(std::string(10'000, '['), "/0").kind, Kind::fault);
  EXPECT_EQ(one("{\"a\":1,\"pad\":\"" + std::string(kMaxSensorPayload, 'x') + "\"}", "/a").kind, Kind::fault);
  EXPECT_EQ(one("1e999", "").kind, Kind::fault);
}

}  // namespace
}  // namespace anlan::edge
