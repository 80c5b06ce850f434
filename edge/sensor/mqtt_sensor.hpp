// Listens to the sensors behind one MQTT broker, for ever: one connection, made again with back-off.
//
// Each message becomes readings with its time of arrival. A retained message is left out: how old it is cannot be
// known, and nothing may look fresher than it is. Silence becomes readings too: stale while the broker is there,
// comm-failure while it is not.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/base/backoff.hpp"
#include "common/base/metrics.hpp"
#include "common/io/mqtt_client.hpp"
#include "common/model/protocol.hpp"
#include "edge/sensor/profile.hpp"
#include "edge/sensor/reading.hpp"

namespace anlan::edge {

class MqttSensor {
 public:
  struct Device {
    std::string name;                   // site/device
    std::string prefix;                 // of its topics, without slashes at its ends; may be empty
    Millis stale_after{3000};           // longest silence of each of its points
    std::vector<ProfilePoint> profile;  // the profile's points; those that are not MQTT are left out
    std::vector<std::uint32_t> points;  // index into the definition of each of them

    bool same_but_for_indices(const Device& other) const;
  };

  /// `options`: broker, client id, credentials. References must outlive run(). Everything happens on `executor`'s loop.
  MqttSensor(boost::asio::any_io_executor executor, Clock& clock, MqttFactory factory, MqttOptions options,
             std::vector<Device> devices, ReadingSink sink, std::function<void(EdgeEvent)> events, Metrics& metrics,
             std::uint64_t seed);
  ~MqttSensor();

  /// Until cancelled.
  boost::asio::awaitable<void> run();

  /// Other devices from now on. One that differs in nothing but its points' indices goes on as if nothing had happened;
  /// of one that is gone or changed no reading comes any more. The connection stays; topics that are new are subscribed
  /// to. What nobody wants any more still comes until the next connection, and is left out.
  void configure(std::vector<Device> devices);

  /// Every topic that is listened to.
  std::vector<std::string> topics() const;

 private:
  struct Listener;  // a device
  struct Ear {      // one of its points
    Listener* listener = nullptr;
    std::size_t point = 0;  // of its own
  };
  struct Topic {
    std::vector<Ear> ears;
    std::vector<std::string> pointers;  // parallel
  };

  boost::asio::awaitable<void> listen();
  boost::asio::awaitable<void> watch();
  boost::asio::awaitable<Result<void>> subscribe(MqttClient& client);
  boost::asio::awaitable<Result<void>> connect(MqttClient& client);
  void take(const MqttMessage& message);
  void complain(Listener& listener, const std::string& topic, const std::string& why);
  void say(Listener& listener, const std::vector<std::size_t>& points, Quality quality, const std::string& why);
  void note(Listener& listener, const std::string& why);
  Reading reading(const Listener& listener, std::size_t point) const;

  Clock& clock_;
  MqttFactory factory_;
  MqttOptions options_;
  ReadingSink sink_;
  std::function<void(EdgeEvent)> events_;
  Metric &messages_, &malformed_, &retained_;
  Backoff backoff_;
  Event news_;  // the connection is lost, or there are other topics
  bool connected_ = false;
  bool down_said_ = false;  // that the broker is not there is logged at the change only
  Millis shortest_{};       // of all stale_after
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::map<std::string, Topic, std::less<>> topics_;
  std::set<std::string> subscribed_;  // of the present connection
};

}  // namespace anlan::edge
