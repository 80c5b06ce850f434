#include "edge/annunciator/mqtt_sounder.hpp"

#include <gtest/gtest.h>

#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;

struct HandClock final : Clock {
  WallTime wall() const override { return wall_from_ms(0); }
  MonoTime mono() const override { return now; }
  asio::awaitable<void> sleep_until(MonoTime) override { co_return; }
  MonoTime now = mono_from_ms(5000);
};

struct Broker {
  bool up = true;
  int connects = 0;
  std::vector<MqttPublish> published;
  std::vector<MqttOptions> options;
  MqttClient* client = nullptr;
};

struct FakeClient final : MqttClient {
  FakeClient(Broker& b) : broker(b) { broker.client = this; }
  ~FakeClient() override { broker.client = nullptr; }
  asio::awaitable<Result<void>> connect(Millis) override {
    ++broker.connects;
    if (!broker.up) co_return fail(Errc::unavailable, "connection refused");
    co_return Result<void>{};
  }
  asio::awaitable<Result<void>> subscribe(std::vector<std::string>, Millis) override { co_return Result<void>{}; }
  Result<void> publish(MqttPublish message) override {
    if (!broker.up) return fail(Errc::unavailable, "not connected");
    broker.published.push_back(std::move(message));
    return {};
  }
  asio::awaitable<void> disconnect(Millis) override { co_return; }
  Broker& broker;
};

MqttOptions options() {
  MqttOptions o;
  o.broker = "mqtt://127.0.0.1:1883";
  o.client_id = "edge-a-annunciator";
  return o;
}

struct MqttSounderTest : testing::Test {
  std::string show(bool sound, Level level = Level::red, std::uint16_t beat = 7) {
    const auto result = test::run_coro(sounder.show({sound, level, beat}));
    return result ? "shown" : result.error().message;
  }

  Broker broker;
  HandClock clock;
  MqttSounder sounder{[this](MqttOptions wanted) {
                        broker.options.push_back(std::move(wanted));
                        return std::make_unique<FakeClient>(broker);
                      },
                      options(),
                      "site-a/horn",
                      Millis{1000},
                      clock,
                      1};
};

TEST_F(MqttSounderTest, PublishesSoundLevelAndBeat) {
  EXPECT_EQ(show(true), "shown");
  ASSERT_EQ(broker.published.size(), 1u);
  const MqttPublish& message = broker.published[0];
  EXPECT_EQ(message.topic, "site-a/horn");
  EXPECT_EQ(message.payload, R"({"sound":true,"level":"red","beat":7})");
  EXPECT_EQ(message.qos, 1);
  EXPECT_FALSE(message.retain);
  EXPECT_EQ(message.expiry, std::chrono::seconds{3});
  EXPECT_EQ(sounder_payload({}), R"({"sound":false,"level":"none","beat":0})");
}

TEST_F(MqttSounderTest, KeepsOneConnection) {
  show(false);
  show(true);
  EXPECT_EQ(broker.connects, 1);
  EXPECT_EQ(broker.options.at(0).client_id, "edge-a-annunciator");
  EXPECT_EQ(sounder.name(), "mqtt://127.0.0.1:1883 topic site-a/horn");
}

TEST_F(MqttSounderTest, WaitsBeforeItConnectsAgainAndSaysWhy) {
  broker.up = false;
  EXPECT_EQ(show(true), "connection refused");
  EXPECT_EQ(show(true), "connection refused");
  EXPECT_EQ(broker.connects, 1);
  clock.now += Millis{1000};
  broker.up = true;
  EXPECT_EQ(show(true), "shown");
  EXPECT_EQ(broker.connects, 2);
}

TEST_F(MqttSounderTest, NeverWaitsLongerThanFiveSeconds) {
  broker.up = false;
  for (int i = 0; i < 20; ++i) {
    show(true);
    clock.now += Millis{5000};
  }
  EXPECT_EQ(broker.connects, 20);
}

TEST_F(MqttSounderTest, ConnectsAnewWhenTheConnectionHasEnded) {
  show(false);
  broker.client->on_lost("keep-alive timed out");
  EXPECT_EQ(broker.client, nullptr);
  EXPECT_EQ(show(true), "keep-alive timed out");
  clock.now += Millis{1000};
  EXPECT_EQ(show(true), "shown");
  EXPECT_EQ(broker.connects, 2);
}

TEST_F(MqttSounderTest, ConnectsAnewWhenAMessageIsNotTaken) {
  show(false);
  broker.up = false;
  EXPECT_EQ(show(true), "not connected");
  broker.up = true;
  clock.now += Millis{1000};
  EXPECT_EQ(show(true), "shown");
  EXPECT_EQ(broker.connects, 2);
}

}  // namespace
}  // namespace anlan::edge
