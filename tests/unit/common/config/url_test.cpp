#include "common/config/url.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(Url, IsReadIntoItsParts) {
  const auto url = parse_url("modbus+tcp://10.1.2.3:502");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "modbus+tcp");
  EXPECT_EQ(url->host, "10.1.2.3");
  EXPECT_EQ(url->port, 502);
  EXPECT_EQ(url->path, "");
  EXPECT_FALSE(url->loopback);
  const auto v6 = parse_url("mqtt://[fe80::1]/site/dust");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "fe80::1");
  EXPECT_TRUE(v6->ipv6);
  EXPECT_EQ(v6->port, 0);
  EXPECT_EQ(v6->path, "/site/dust");
}

TEST(Url, OfADeviceNamesAFileAndHowToUseIt) {
  const auto url = parse_device_url("modbus+rtu:///dev/serial/by-id/usb-A%20B?baud=9600&parity=E");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "modbus+rtu");
  EXPECT_EQ(url->path, "/dev/serial/by-id/usb-A B");
  EXPECT_EQ(url->query, (std::vector<std::pair<std::string, std::string>>{{"baud", "9600"}, {"parity", "E"}}));
  for (const char* text : {"modbus+rtu://dev/ttyS0", "modbus+rtu:/dev/ttyS0", "modbus+rtu:///", "modbus+rtu:///dev/",
                           "modbus+rtu:///dev/a#b", "modbus+rtu:///dev/a?baud",
                           "modbus+rtu:///dev/a?baud=", "modbus+rtu:///dev/a%0Ab", "modbus+rtu://u:p@/dev/a"})
    EXPECT_FALSE(parse_device_url(text)) << text;
}

TEST(Url, KnowsThisMachine) {
  for (const char* text :
       {"mqtt://127.0.0.1", "mqtt://127.9.8.7:1", "mqtt://[::1]:1883", "mqtt://localhost", "mqtt://LocalHost:1"})
    EXPECT_TRUE(parse_url(text).value().loopback) << text;
  for (const char* text :
       {"mqtt://128.0.0.1", "mqtt://[::2]", "mqtt://localhost.example", "mqtt://127.1", "mqtt://[::ffff:10.0.0.1]"})
    EXPECT_FALSE(parse_url(text).value().loopback) << text;
}

TEST(Url, RefusesWhatHoldsSecretsOrMeansNothing) {
  for (const char* text : {"", "host", "10.1.2.3:502", "mqtt:", "mqtt://", "mqtt:///path", "mqtt://127.0.0.1.example",
                           "mqtt://user:pw@host", "mqtt://user@host", "https://host/?token=1", "https://host/#part",
                           "mqtt://host:0", "mqtt://host:65536", "mqtt://host:", "mqtt://ho st", "mqtt://h%6Fst",
                           "https://host/%00", "https://host/%0a", "mqtt://[::1"})
    EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Url, NeverRepeatsWhatMayHoldAPassword) {
  EXPECT_EQ(parse_url("mqtt://user:hunter2@host").error().message, "has a user or password in it");
}

TEST(Listen, TakesNumericAddressesWithAPort) {
  const auto v4 = parse_listen("127.0.0.1:8080");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->address, "127.0.0.1");
  EXPECT_EQ(v4->port, 8080);
  EXPECT_TRUE(v4->loopback);
  const auto v6 = parse_listen("[::1]:0");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->address, "::1");
  EXPECT_TRUE(v6->loopback);
  EXPECT_FALSE(parse_listen("0.0.0.0:80").value().loopback);
  EXPECT_FALSE(parse_listen("[::]:80").value().loopback);
}

TEST(Listen, RefusesTheRest) {
  for (const char* text : {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x",
                           "127.0.0.1: 80", "localhost:80", "::1:80", "[]:80", "[127.0.0.1]:80", "127.0.0.1:+80"})
    EXPECT_FALSE(parse_listen(text)) << text;
}

}  // namespace
}  // namespace anlan
