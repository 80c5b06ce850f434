#include "edge/app/acquisition.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "common/io/paho_client.hpp"
#include "edge/sample/sampler.hpp"
#include "edge/sensor/mqtt_sensor.hpp"
#include "edge/sensor/poller.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

constexpr Millis kEndWithin{1'500};

}  // namespace

/// What one endpoint's reader depends on: equal specs need no restart.
struct Acquisition::Spec {
  struct Device {
    std::string name;  // site/device
    DeviceConfig config;
    Profile profile;
    std::vector<std::uint32_t> points;  // index into the definition of each of the profile's points
    bool operator==(const Device&) const = default;
  };
  std::vector<Device> devices;
  bool operator==(const Spec&) const = default;
};

struct Acquisition::Reader {
  Spec spec;
  Sampler sampler{{}};
  std::unique_ptr<Poller> poller;  // one of the two
  std::unique_ptr<MqttSensor> subscriber;
  boost::asio::cancellation_signal cancel;
  bool stopped = false;
};

Acquisition::Acquisition(boost::asio::any_io_executor executor, Clock& clock, BusFactory bus, std::string client_id,
                         Samples samples, Events events, Metrics& metrics, std::uint64_t seed)
    : executor_(executor),
      clock_(clock),
      bus_(std::move(bus)),
      client_id_(std::move(client_id)),
      samples_(std::move(samples)),
      events_(std::move(events)),
      metrics_(metrics),
      seed_(seed),
      ended_(executor) {}

Acquisition::~Acquisition() = default;

Acquisition::Specs Acquisition::specs_of(const Config& config) {
  Specs specs;
  std::vector<Spec::Device> devices;
  for (const DeviceConfig& device : config.devices)
    devices.push_back({config.site + "/" + device.name, device, config.profiles.at(device.profile), {}});
  for (std::size_t i = 0; i < config.origins.size(); ++i) {
    const auto& origin = config.origins[i];
    auto& points = devices[origin.device].points;
    points.resize(devices[origin.device].profile.points.size());
    points[origin.profile_point] = static_cast<std::uint32_t>(i);
  }
  for (Spec::Device& device : devices) {
    const Endpoint endpoint = device.config.connect.connection();
    specs[endpoint].devices.push_back(std::move(device));
  }
  return specs;
}

void Acquisition::stop_changed(const Config& config) {
  const Specs specs = specs_of(config);
  std::erase_if(readers_, [&](auto& entry) {
    const auto wanted = specs.find(entry.first);
    if (wanted != specs.end() && wanted->second == entry.second->spec) return false;
    stop(*entry.second);
    return true;
  });
}

void Acquisition::configure(const Config& config) {
  stop_changed(config);
  for (const auto& [endpoint, spec] : specs_of(config))
    if (!readers_.contains(endpoint)) start(endpoint, spec);
}

void Acquisition::stop(Reader& reader) {
  reader.stopped = true;
  reader.cancel.emit(boost::asio::cancellation_type::terminal);
}

void Acquisition::start(const Endpoint& endpoint, const Spec& spec) {
  auto reader = std::make_shared<Reader>();
  reader->spec = spec;
  std::vector<ProfilePoint> points;
  for (const auto& device : spec.devices)
    for (std::size_t i = 0; i < device.points.size(); ++i) {
      if (points.size() <= device.points[i]) points.resize(device.points[i] + 1);
      points[device.points[i]] = device.profile.points[i];
    }
  reader->sampler = Sampler(std::move(points));
  const std::weak_ptr<Reader> weak = reader;
  const auto sink = [this, weak](std::vector<Reading> readings) {
    const auto alive = weak.lock();
    if (alive && !alive->stopped) samples_(alive->sampler(readings));
  };
  const auto events = [this, weak](EdgeEvent event) {
    const auto alive = weak.lock();
    if (alive && !alive->stopped) events_(std::move(event));
  };
  if (endpoint.is_modbus()) {
    std::vector<Poller::Device> devices;
    for (const auto& device : spec.devices)
      devices.push_back({device.name, device.config.unit, device.config.poll, device.config.timeout,
                         plan(device.profile), device.points});
    reader->poller =
        std::make_unique<Poller>(clock_, bus_(endpoint), std::move(devices), sink, events, metrics_, seed_++);
  } else {
    std::vector<MqttSensor::Device> devices;
    for (const auto& device : spec.devices)
      devices.push_back(
          {device.name, device.config.connect.path, device.config.stale_after, device.profile.points, device.points});
    MqttOptions options;
    options.broker = endpoint.str();
    options.client_id = client_id_ + "-" + std::to_string(seed_ % 100'000);
    reader->subscriber = std::make_unique<MqttSensor>(executor_, clock_, paho_factory(executor_), std::move(options),
                                                      std::move(devices), sink, events, metrics_, seed_++);
  }
  readers_[endpoint] = reader;
  ++running_;
  auto work = reader->poller ? reader->poller->run() : reader->subscriber->run();
  boost::asio::co_spawn(
      executor_, std::move(work),
      boost::asio::bind_cancellation_slot(reader->cancel.slot(), [this, reader](std::exception_ptr error) {
        --running_;
        ended_.set();
        if (error && !reader->stopped) std::rethrow_exception(error);  // a bug: the process ends and is started anew
      }));
}

awaitable<void> Acquisition::run() {
  try {
    while (true) co_await ended_.wait(Millis{60'000});
  } catch (const boost::system::system_error&) {
    // Cancelled: what reads ends too, and what it refers to must outlive it.
  }
  co_await boost::asio::this_coro::reset_cancellation_state();
  for (auto& [endpoint, reader] : readers_) stop(*reader);
  readers_.clear();
  const MonoTime end = clock_.mono() + kEndWithin;
  while (running_ > 0 && clock_.mono() < end) co_await ended_.wait(end - clock_.mono());
}

}  // namespace anlan::edge
