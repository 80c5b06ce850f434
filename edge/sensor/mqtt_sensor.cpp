#include "edge/sensor/mqtt_sensor.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/base/log.hpp"
#include "edge/sensor/mqtt_payload.hpp"
#include "edge/sensor/sensor_metrics.hpp"

namespace anlan::edge {
namespace {

constexpr Millis kConnectTimeout{5'000}, kFirstRetry{500}, kMostRetry{30'000}, kComplain{60'000};

std::string join(const std::string& prefix, const std::string& topic) {
  return prefix.empty() || topic.empty() ? prefix + topic : prefix + "/" + topic;
}

std::vector<Millis> silences(const std::vector<MqttSensor::Device>& devices) {
  std::vector<Millis> all;
  for (const auto& device : devices)
    for (const ProfilePoint& point : device.profile)
      if (std::holds_alternative<MqttSource>(point.source)) all.push_back(device.stale_after);
  return all;
}

}  // namespace

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
      lost_(executor),
      silence_(silences(devices), kFailureReminder, clock.mono()) {
  shortest_ = kFailureReminder;
  for (const Device& device : devices) {
    shortest_ = std::min(shortest_, device.stale_after);
    for (std::size_t i = 0; i < device.profile.size(); ++i) {
      const auto* source = std::get_if<MqttSource>(&device.profile[i].source);
      if (source == nullptr) continue;
      Topic& topic = topics_[join(device.prefix, source->topic)];
      topic.points.push_back(points_.size());
      topic.pointers.push_back(source->pointer);
      points_.push_back({devices_.size(), device.points[i]});
    }
    devices_.push_back({device.name, false, std::nullopt});
  }
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

boost::asio::awaitable<Result<void>> MqttSensor::connect(MqttClient& client) {
  if (auto connected = co_await client.connect(kConnectTimeout); !connected) co_return connected;
  co_return co_await client.subscribe(topics(), kConnectTimeout);
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
      lost_.set();
    };
    if (const auto result = co_await connect(*client); result) {
      if (std::exchange(down_said_, false))
        log::info("sensor", "the sensor broker is back", {{"broker", options_.broker}});
      backoff_.reset();
      connected_ = true;
      silence_.connected(clock_.mono());
      while (!lost) co_await lost_.wait(Millis{3600'000});
      connected_ = false;
    } else {
      reason = result.error().message;
      say(silence_.unreachable(clock_.mono()), Quality::comm_failure, reason);
    }
    if (!std::exchange(down_said_, true))
      log::warning("sensor", "no connection to the sensor broker", {{"broker", options_.broker}, {"reason", reason}});
    co_await clock_.sleep_for(backoff_.next());
  }
}

/// Looks for silent points often enough to find each within a quarter of what it may be silent.
boost::asio::awaitable<void> MqttSensor::watch() {
  const Millis step = std::max(Millis{50}, shortest_ / 4);
  for (;;) {
    co_await clock_.sleep_for(step);
    if (connected_) say(silence_.silent(clock_.mono()), Quality::stale, "its messages have stopped");
  }
}

Reading MqttSensor::reading(std::size_t point) const {
  Reading made;
  made.point = points_[point].index;
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
  const PayloadField* faulty = nullptr;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == PayloadField::Kind::absent) continue;
    const std::size_t point = topic->second.points[i];
    readings.push_back(reading(point));
    if (fields[i].kind == PayloadField::Kind::number) {
      readings.back().form = Reading::Form::number;
      readings.back().number = fields[i].number;
    } else {
      readings.back().quality = Quality::device_fault;
      faulty = &fields[i];
      complain(devices_[points_[point].device], message.topic, fields[i].fault);
    }
    silence_.heard(point, clock_.mono());
  }
  if (faulty != nullptr) malformed_.add();
  note_devices({});
  if (!readings.empty()) sink_(std::move(readings));
}

void MqttSensor::complain(DeviceState& device, const std::string& topic, const std::string& why) {
  if (device.complained && clock_.mono() - *device.complained < kComplain) return;
  device.complained = clock_.mono();
  log::warning("sensor", "a message makes no sense", {{"device", device.name}, {"topic", topic}, {"why", why}});
}

void MqttSensor::say(const std::vector<std::size_t>& points, Quality quality, const std::string& why) {
  if (points.empty()) return;
  std::vector<Reading> readings;
  for (const std::size_t point : points) {
    readings.push_back(reading(point));
    readings.back().quality = quality;
  }
  note_devices(why);
  sink_(std::move(readings));
}

/// A device is lost when all its points are silent, and back when one of them is heard.
void MqttSensor::note_devices(const std::string& why) {
  std::vector<bool> silent(devices_.size(), true);
  for (std::size_t i = 0; i < points_.size(); ++i)
    if (!silence_.is_silent(i)) silent[points_[i].device] = false;
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    DeviceState& device = devices_[i];
    if (std::exchange(device.lost, silent[i]) == silent[i]) continue;
    if (silent[i])
      log::warning("sensor", "the device is lost", {{"device", device.name}, {"why", why}});
    else
      log::info("sensor", "the device is back", {{"device", device.name}});
    if (events_)
      events_({.subject = device.name, .what = silent[i] ? "device-lost" : "device-back", .detail = why, .actor = {}});
  }
}

}  // namespace anlan::edge
