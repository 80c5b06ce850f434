#include "common/io/broker_uri.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(BrokerUri, ReadsHostAndPort) {
  EXPECT_EQ(*parse_broker_uri("mqtt://127.0.0.1:12345"), (BrokerUri{false, "127.0.0.1", 12345}));
  EXPECT_EQ(*parse_broker_uri("mqtts://collector.example:8884"), (BrokerUri{true, "collector.example", 8884}));
  EXPECT_EQ(*parse_broker_uri("mqtt://[::1]:1"), (BrokerUri{false, "::1", 1}));
}

TEST(BrokerUri, KnowsThePortOfEachScheme) {
  EXPECT_EQ(parse_broker_uri("mqtt://a")->port, 1883);
  EXPECT_EQ(parse_broker_uri("mqtts://a")->port, 8883);
  EXPECT_EQ(parse_broker_uri("mqtt://[fe80::1]")->port, 1883);
}

TEST(BrokerUri, GivesPahoItsOwnForm) {
  EXPECT_EQ(parse_broker_uri("mqtt://a:1")->paho("10.0.0.1"), "tcp://10.0.0.1:1");
  EXPECT_EQ(parse_broker_uri("mqtts://a")->paho("a"), "ssl://a:8883");
  EXPECT_EQ(parse_broker_uri("mqtt://[::1]")->paho("::1"), "tcp://[::1]:1883");
}

TEST(BrokerUri, RefusesWhatIsNone) {
  for (const char* text :
       {"", "mqtt:", "mqtt://", "tcp://a", "http://a", "mqtt://:1883", "mqtt://a:", "mqtt://a:0", "mqtt://a:65536",
        "mqtt://a:-1", "mqtt://a:1x", "mqtt://a/topic", "mqtt://[::1", "mqtt://[::1]x", "mqtt://a b", "mqtt://[]"}) {
    const auto uri = parse_broker_uri(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_EQ(uri.error().code, Errc::invalid_argument);
    EXPECT_NE(uri.error().message.find("mqtt://host[:port]"), std::string::npos);
  }
}

TEST(BrokerUri, NeverRepeatsAPassword) {
  const auto uri = parse_broker_uri("mqtt://user:secret@host");
  ASSERT_FALSE(uri);
  EXPECT_EQ(uri.error().message.find("secret"), std::string::npos) << uri.error().message;
}

}  // namespace
}  // namespace anlan
