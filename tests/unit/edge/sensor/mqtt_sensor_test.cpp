#include "edge/sensor/mqtt_sensor.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "tests/support/fake_mqtt.hpp"
#include "tests/support/manual_clock.hpp"

namespace anlan::edge {
namespace {

ProfilePoint from(std::string topic, std::string pointer) {
  ProfilePoint point;
  point.source = MqttSource{.topic = std::move(topic), .pointer = std::move(pointer)};
  return point;
}

/// Device 0: points 10 and 11 as JSON at dust/1, point 12 as a scalar at dust/1/battery. Device 1: point 20 at crane.
struct Fixture {
  boost::asio::io_context io;
  test::ManualClock clock;
  test::FakeMqtt broker;
  Metrics metrics;
  std::vector<Reading> readings;
  std::vector<EdgeEvent> events;
  boost::asio::cancellation_signal stop;
  bool ended = false;
  std::unique_ptr<MqttSensor> sensor;
  std::vector<MqttSensor::Device> devices{
      {"s/dust", "dust/1", Millis{3000}, {from("", "/pm25"), from("", "/pm10"), from("battery", "")}, {10, 11, 12}},
      {"s/crane", "", Millis{10'000}, {from("crane", "/load")}, {20}}};

  explicit Fixture(bool refuses = false) {
    broker.refuses = refuses;
    sensor = std::make_unique<MqttSensor>(
        io.get_executor(), clock, broker.factory(), MqttOptions{}, devices,
        [this](std::vector<Reading> some) { readings.insert(readings.end(), some.begin(), some.end()); },
        [this](EdgeEvent event) { events.push_back(std::move(event)); }, metrics, 1);
    boost::asio::co_spawn(
        io, sensor->run(),
        boost::asio::bind_cancellation_slot(stop.slot(), [this](std::exception_ptr) { ended = true; }));
    clock.run_ready(io);
  }
  ~Fixture() {
    stop.emit(boost::asio::cancellation_type::terminal);
    clock.run_ready(io);
    EXPECT_TRUE(ended);
  }
  void say(std::string topic, std::string payload, bool retained = false) {
    broker.deliver({.topic = std::move(topic), .payload = std::move(payload), .retained = retained});
  }
  void pass(Millis duration) { clock.advance(io, duration); }
  std::size_t count(std::uint32_t point, Quality quality) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(readings, [&](const Reading& r) { return r.point == point && r.quality == quality; }));
  }
};

TEST(MqttSensor, SubscribesToTheTopicsOfItsDevices) {
  Fixture f;
  EXPECT_EQ(f.broker.filters, (std::vector<std::string>{"crane", "dust/1", "dust/1/battery"}));
  EXPECT_EQ(f.broker.connections(), 1u);
}

TEST(MqttSensor, AMessageBecomesReadingsWithItsTimeOfArrival) {
  Fixture f;
  f.pass(Millis{1234});
  f.say("dust/1", R"({"pm25": 35.5, "pm10": 80})");
  f.say("dust/1/battery", "3.6");
  ASSERT_EQ(f.readings.size(), 3u);
  EXPECT_EQ(f.readings[0].point, 10u);
  EXPECT_EQ(f.readings[0].number, 35.5);
  EXPECT_EQ(f.readings[0].time, f.clock.wall());
  EXPECT_EQ(f.readings[0].mono, f.clock.mono());
  EXPECT_EQ(f.readings[1].number, 80);
  EXPECT_EQ(f.readings[2].point, 12u);
  EXPECT_EQ(f.readings[2].form, Reading::Form::number);
}

TEST(MqttSensor, AMessageMaySpeakOfSomePointsOnly) {
  Fixture f;
  f.say("dust/1", R"({"pm10": 80})");
  ASSERT_EQ(f.readings.size(), 1u);
  EXPECT_EQ(f.readings[0].point, 11u);
}

TEST(MqttSensor, AMalformedMessageIsAFaultOfItsPointsAndCounted) {
  Fixture f;
  f.say("dust/1", "{\"pm25\": 3");
  EXPECT_EQ(f.count(10, Quality::device_fault), 1u);
  EXPECT_EQ(f.count(11, Quality::device_fault), 1u);
  EXPECT_EQ(f.readings.size(), 2u);
  EXPECT_EQ(f.metrics.counter("anlan_edge_mqtt_malformed_total", "").value(), 1);
  f.say("dust/1", R"({"pm25": null, "pm10": 5})");
  EXPECT_EQ(f.count(10, Quality::device_fault), 2u);
  EXPECT_EQ(f.count(11, Quality::good), 1u);
}

TEST(MqttSensor, ARetainedMessageIsNoReading) {
  Fixture f;
  f.say("crane", R"({"load": 5})", true);
  EXPECT_TRUE(f.readings.empty());
  EXPECT_EQ(f.metrics.counter("anlan_edge_mqtt_retained_total", "").value(), 1);
}

TEST(MqttSensor, SilenceIsStaleAtOnceAndThenARemindersTimeApart) {
  Fixture f;
  f.say("dust/1", R"({"pm25": 1, "pm10": 2})");
  f.pass(Millis{2'900});
  EXPECT_EQ(f.count(10, Quality::stale), 0u);
  f.pass(Millis{900});
  EXPECT_EQ(f.count(10, Quality::stale), 1u);
  f.pass(kFailureReminder - Millis{1'000});
  EXPECT_EQ(f.count(10, Quality::stale), 1u);
  EXPECT_EQ(f.count(20, Quality::stale), 0u);
  f.pass(10 * kFailureReminder);
  EXPECT_GE(f.count(10, Quality::stale), 9u);  // the looking itself takes up to a quarter of stale_after
  EXPECT_LE(f.count(10, Quality::stale), 11u);
  EXPECT_GE(f.count(20, Quality::stale), 7u);
}

TEST(MqttSensor, AVoiceAfterSilenceIsHeardAndItsNextSilenceToo) {
  Fixture f;
  f.pass(Millis{5'000});
  f.say("dust/1", R"({"pm25": 1})");
  f.pass(Millis{4'000});
  EXPECT_EQ(f.count(10, Quality::stale), 2u);
  EXPECT_EQ(f.count(10, Quality::good), 1u);
  std::vector<std::string> whats;
  for (const EdgeEvent& event : f.events)
    if (event.subject == "s/dust") whats.push_back(event.what);
  EXPECT_EQ(whats, (std::vector<std::string>{"device-lost", "device-back", "device-lost"}));
}

TEST(MqttSensor, ABrokerThatIsNotThereIsACommFailureNowAndThenAndTriedWithBackOff) {
  Fixture f(true);
  f.pass(Millis{1});
  EXPECT_EQ(f.count(10, Quality::comm_failure), 1u);
  EXPECT_EQ(f.count(20, Quality::comm_failure), 1u);
  f.pass(Millis{600'000});
  EXPECT_GE(f.count(10, Quality::comm_failure), 20u);  // at most as often as it is tried
  EXPECT_LE(f.count(10, Quality::comm_failure), 50u);
  EXPECT_EQ(f.count(10, Quality::stale), 0u);
  EXPECT_GE(f.broker.connects, 20);
  EXPECT_LE(f.broker.connects, 60);
}

TEST(MqttSensor, ConnectsAgainAfterALoss) {
  Fixture f;
  f.broker.drop();
  f.pass(Millis{2'000});
  EXPECT_EQ(f.broker.connections(), 1u);
  f.say("crane", R"({"load": 7})");
  EXPECT_EQ(f.count(20, Quality::good), 1u);
  EXPECT_EQ(f.count(20, Quality::comm_failure), 0u);  // a moment's loss is none
}

TEST(MqttSensor, ARefusedSubscriptionIsNoConnection) {
  Fixture f(true);
  f.broker.refuses = false;
  f.broker.refuses_subscription = true;
  f.pass(Millis{70'000});
  EXPECT_GE(f.count(10, Quality::comm_failure), 2u);
  EXPECT_EQ(f.count(10, Quality::stale), 0u);
}

TEST(MqttSensor, AReloadConcernsOnlyTheDeviceThatChanged) {
  Fixture f;
  f.say("dust/1", R"({"pm25": 1, "pm10": 2})");
  f.pass(Millis{2'000});
  f.devices[0].points = {110, 111, 112};  // it stands elsewhere now
  f.devices[1].stale_after = Millis{4'000};
  f.devices.push_back({"s/new", "new/1", Millis{3'000}, {from("", "")}, {30}});
  f.sensor->configure(f.devices);
  f.clock.run_ready(f.io);
  EXPECT_EQ(f.broker.connects, 1);
  EXPECT_EQ(f.broker.filters, std::vector<std::string>{"new/1"}) << "what was heard before is heard on";
  f.pass(Millis{1'800});
  EXPECT_EQ(f.count(110, Quality::stale), 1u) << "its silence goes on where it was";
  EXPECT_EQ(f.count(10, Quality::stale), 0u);
  EXPECT_EQ(f.count(20, Quality::stale), 0u) << "a changed device begins anew";
  f.say("new/1", "7");
  EXPECT_EQ(f.count(30, Quality::good), 1u);
}

TEST(MqttSensor, OfADeviceThatIsGoneNothingComes) {
  Fixture f;
  f.devices.erase(f.devices.begin());
  f.sensor->configure(f.devices);
  f.say("dust/1", R"({"pm25": 1})");
  f.say("crane", R"({"load": 5})");
  f.pass(Millis{5'000});
  ASSERT_EQ(f.readings.size(), 1u);
  EXPECT_EQ(f.readings[0].point, 20u);
  EXPECT_EQ(f.broker.connects, 1);
  EXPECT_TRUE(std::ranges::none_of(f.events, [](const EdgeEvent& event) { return event.subject == "s/dust"; }));
}

TEST(MqttSensor, ATopicThatTheBrokerRefusesCostsANewConnection) {
  Fixture f;
  f.broker.refuses_subscription = true;
  f.devices.push_back({"s/new", "secret", Millis{3'000}, {from("", "")}, {30}});
  f.sensor->configure(f.devices);
  f.pass(Millis{60'000});
  EXPECT_GT(f.broker.connects, 2);
  f.broker.refuses_subscription = false;
  f.pass(Millis{60'000});
  EXPECT_EQ(f.broker.connections(), 1u);
  EXPECT_EQ(f.broker.filters.size(), 4u);
}

}  // namespace
}  // namespace anlan::edge
