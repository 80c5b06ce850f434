#include "edge/sensor/mqtt_sensor.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/base/log.hpp"
#include "edge/sensor/mqtt_payload.hpp"
#include "edge/sensor/sensor_metrics.hpp"
#include "edge/sensor/silence_watch.hpp"

namespace anlan::edge {
namespace {

constexpr Millis kConnectTimeout{5'000}, kFirstRetry{500}, kMostRetry{30'000}, kComplain{60'000};

std::string join(const std::string& prefix, const std::string& topic) {
  return prefix.empty() || topic.empty() ? prefix + topic : prefix + "/" + topic;
}

std::vector<Millis> silences(Millis each, std::size_t points) { return std::vector<Millis>(points, each); }

/// The profile's points that speak MQTT.
std::vector<std::size_t> spoken(const std::vector<ProfilePoint>& profile) {
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < profile.size(); ++i)
    if (std::holds_alternative<MqttSource>(profile[i].source)) which.push_back(i);
  return which;
}

}  // namespace

struct MqttSensor::Listener {
  Listener(Device of, MonoTime now)
      : device(std::move(of)),
        points(spoken(device.profile)),
        silence(silences(device.stale_after, points.size()), kFailureReminder, now) {}

  bool silent() const {
    for (std::size_t i = 0; i < points.size(); ++i)
      if (!silence.is_silent(i)) return false;
    return true;
  }

  Device device;
  std::vector<std::size_t> points;  // indices into the profile
  SilenceWatch silence;
  bool lost = false;
  std::optional<MonoTime> complained;  // when a malformed payload was last logged
};

bool MqttSensor::Device::same_but_for_indices(const Device& other) const {
  return name == other.name && prefix == other.prefix && stale_after == other.stale_after && profile == other.profile;
}

MqttSensor::MqttSensor(boost::asio::any_io_executor executor, Clock& clock, MqttFactory factory, MqttOptions options,
                       std::vector<Device> devices, ReadingSink sink, std::function<void(EdgeEvent)> events,
                       Metrics& metrics, std::uint64_t seed)
    : clock_(clock),
      factory_(std::move(factory)),
      options_(std::move(options)),
      sink_(std::move(sink)),
      events_(std::move(events)),
      messages_(metrics.at(kSensorMessages)),
      malformed_(metrics.at(kSensorMalformed)),
      retained_(metrics.at(kSensorRetained)),
      backoff_(kFirstRetry, kMostRetry, seed),
      news_(executor) {
  configure(std::move(devices));
}

MqttSensor::~MqttSensor() = default;

void MqttSensor::configure(std::vector<Device> devices) {
  auto before = std::exchange(listeners_, {});
  shortest_ = kFailureReminder;
  for (Device& wanted : devices) {
    const auto same = std::ranges::find_if(
        before, [&](const auto& each) { return each && each->device.same_but_for_indices(wanted); });
    if (same == before.end()) {
      listeners_.push_back(std::make_unique<Listener>(std::move(wanted), clock_.mono()));
    } else {
      (*same)->device.points = std::move(wanted.points);
      listeners_.push_back(std::move(*same));
    }
    shortest_ = std::min(shortest_, listeners_.back()->device.stale_after);
  }
  topics_.clear();
  for (const auto& listener : listeners_)
    for (std::size_t i = 0; i < listener->points.size(); ++i) {
      const auto& source = std::get<MqttSource>(listener->device.profile[listener->points[i]].source);
      Topic& topic = topics_[join(listener->device.prefix, source.topic)];
      topic.ears.push_back({listener.get(), i});
      topic.pointers.push_back(source.pointer);
    }
  news_.set();
}

std::vector<std::string> MqttSensor::topics() const {
  std::vector<std::string> all;
  for (const auto& [topic, points] : topics_) all.push_back(topic);
  return all;
}

boost::asio::awaitable<void> MqttSensor::run() {
  using namespace boost::asio::experimental::awaitable_operators;
  co_await (listen() && watch());
}

/// To what this connection does not hear yet.
boost::asio::awaitable<Result<void>> MqttSensor::subscribe(MqttClient& client) {
  std::vector<std::string> wanted;
  for (const auto& [topic, ears] : topics_)
    if (!subscribed_.contains(topic)) wanted.push_back(topic);
  if (wanted.empty()) co_return Result<void>{};
  subscribed_.insert(wanted.begin(), wanted.end());
  co_return co_await client.subscribe(std::move(wanted), kConnectTimeout);
}

boost::asio::awaitable<Result<void>> MqttSensor::connect(MqttClient& client) {
  subscribed_.clear();
  if (auto connected = co_await client.connect(kConnectTimeout); !connected) co_return connected;
  co_return co_await subscribe(client);
}

boost::asio::awaitable<void> MqttSensor::listen() {
  for (;;) {
    const auto client = factory_(options_);
    std::string reason;
    bool lost = false;
    client->on_message = [this](const MqttMessage& message) { take(message); };
    client->on_lost = [&, this](std::string why) {
      reason = std::move(why);
      lost = true;
      news_.set();
    };
    auto result = co_await connect(*client);
    if (result) {
      if (std::exchange(down_said_, false))
        log::info("sensor", "the sensor broker is back", {{"broker", options_.broker}});
      backoff_.reset();
      connected_ = true;
      for (const auto& listener : listeners_) listener->silence.connected(clock_.mono());
      while (result && !lost) {
        co_await news_.wait(Millis{3600'000});
        if (!lost) result = co_await subscribe(*client);
      }
      connected_ = false;
      if (!result && !lost) reason = result.error().message;
    } else {
      reason = result.error().message;
      for (const auto& listener : listeners_)
        say(*listener, listener->silence.unreachable(clock_.mono()), Quality::comm_failure, reason);
    }
    if (!std::exchange(down_said_, true))
      log::warning("sensor", "no connection to the sensor broker", {{"broker", options_.broker}, {"reason", reason}});
    co_await clock_.sleep_for(backoff_.next());
  }
}

/// Looks for silent points often enough to find each within a quarter of what it may be silent.
boost::asio::awaitable<void> MqttSensor::watch() {
  for (;;) {
    co_await clock_.sleep_for(std::max(Millis{50}, shortest_ / 4));
    if (!connected_) continue;
    for (const auto& listener : listeners_)
      say(*listener, listener->silence.silent(clock_.mono()), Quality::stale, "its messages have stopped");
  }
}

Reading MqttSensor::reading(const Listener& listener, std::size_t point) const {
  Reading made;
  made.point = listener.device.points[listener.points[point]];
  made.time = clock_.wall();
  made.mono = clock_.mono();
  return made;
}

void MqttSensor::take(const MqttMessage& message) {
  const auto topic = topics_.find(message.topic);
  if (topic == topics_.end()) return;
  messages_.add();
  if (message.retained) {
    retained_.add();
    return;
  }
  const auto fields = read_payload(message.payload, topic->second.pointers);
  std::vector<Reading> readings;
  bool faulty = false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == PayloadField::Kind::absent) continue;
    const auto& [listener, point] = topic->second.ears[i];
    readings.push_back(reading(*listener, point));
    if (fields[i].kind == PayloadField::Kind::number) {
      readings.back().form = Reading::Form::number;
      readings.back().number = fields[i].number;
    } else {
      readings.back().quality = Quality::device_fault;
      faulty = true;
      complain(*listener, message.topic, fields[i].fault);
    }
    listener->silence.heard(point, clock_.mono());
    note(*listener, {});
  }
  if (faulty) malformed_.add();
  if (!readings.empty()) sink_(std::move(readings));
}

void MqttSensor::complain(Listener& listener, const std::string& topic, const std::string& why) {
  if (listener.complained && clock_.mono() - *listener.complained < kComplain) return;
  listener.complained = clock_.mono();
  log::warning("sensor", "a message makes no sense",
               {{"device", listener.device.name}, {"topic", topic}, {"why", why}});
}

void MqttSensor::say(Listener& listener, const std::vector<std::size_t>& points, Quality quality,
                     const std::string& why) {
  if (points.empty()) return;
  std::vector<Reading> readings;
  for (const std::size_t point : points) {
    readings.push_back(reading(listener, point));
    readings.back().quality = quality;
  }
  note(listener, why);
  sink_(std::move(readings));
}

/// A device is lost when all its points are silent, and back when one of them is heard.
void MqttSensor::note(Listener& listener, const std::string& why) {
  const bool silent = listener.silent();
  if (std::exchange(listener.lost, silent) == silent) return;
  const std::string& name = listener.device.name;
  if (silent)
    log::warning("sensor", "the device is lost", {{"device", name}, {"why", why}});
  else
    log::info("sensor", "the device is back", {{"device", name}});
  if (events_) events_({.subject = name, .what = silent ? "device-lost" : "device-back", .detail = why, .actor = {}});
}

}  // namespace anlan::edge
