#include "edge/app/acquisition.hpp"

#include <algorithm>

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

/// What one endpoint's reader reads.
struct Acquisition::Spec {
  struct Device {
    std::string name;  // site/device
    DeviceConfig config;
    Shared<Profile> profile;
    std::vector<Pace> paces;            // of each of the profile's points
    std::vector<std::uint32_t> points;  // index into the definition of each of the profile's points
    std::optional<std::string> firmware;
  };
  std::vector<Device> devices;

  std::vector<Poller::Device> for_poller() const;
  std::vector<MqttSensor::Device> for_subscriber() const;
  std::vector<std::uint32_t> indices() const;
};

/// One endpoint.
struct Acquisition::Reader {
  std::unique_ptr<Poller> poller;  // one of the two
  std::unique_ptr<MqttSensor> subscriber;
  boost::asio::cancellation_signal cancel;
  bool stopped = false;
};

std::vector<Poller::Device> Acquisition::Spec::for_poller() const {
  std::vector<Poller::Device> made;
  for (const Device& device : devices)
    made.push_back({.name = device.name,
                    .unit = device.config.unit,
                    .timeout = device.config.timeout,
                    .reading = device.profile->reading,
                    .profile = device.profile.part(&Profile::points),
                    .paces = device.paces,
                    .points = device.points,
                    .revisions = device.profile.part(&Profile::revisions),
                    .firmware = device.firmware});
  return made;
}

std::vector<MqttSensor::Device> Acquisition::Spec::for_subscriber() const {
  std::vector<MqttSensor::Device> made;
  for (const Device& device : devices)
    made.push_back(
        {device.name, device.config.connect.path, device.config.stale_after, device.profile->points, device.points});
  return made;
}

std::vector<std::uint32_t> Acquisition::Spec::indices() const {
  std::vector<std::uint32_t> all;
  for (const Device& device : devices) all.insert(all.end(), device.points.begin(), device.points.end());
  return all;
}

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

Acquisition::Specs Acquisition::specs_of(const Config& config) const {
  Specs specs;
  std::map<std::string, Shared<Profile>> profiles(config.profiles.begin(), config.profiles.end());
  std::vector<Spec::Device> devices;
  for (const DeviceConfig& device : config.devices) {
    const Shared<Profile>& profile = profiles.at(device.profile);
    devices.push_back({config.site + "/" + device.name, device, profile, {}, {}, {}});
    if (known_firmware) devices.back().firmware = known_firmware(devices.back().name);
    for (const ProfilePoint& point : profile->points) devices.back().paces.push_back(pace_of(config, device, point));
    devices.back().points.resize(profile->points.size());
  }
  for (std::size_t i = 0; i < config.origins.size(); ++i)
    devices[config.origins[i].device].points[config.origins[i].profile_point] = static_cast<std::uint32_t>(i);
  for (Spec::Device& device : devices) {
    const Endpoint endpoint = device.config.connect.connection();
    specs[endpoint].devices.push_back(std::move(device));
  }
  return specs;
}

void Acquisition::configure(const Config& config) {
  Specs specs = specs_of(config);
  sampler_ = Sampler(config.definition->points.size());
  for (std::size_t i = 0; i < config.origins.size(); ++i) {
    const auto& origin = config.origins[i];
    sampler_.describe(static_cast<std::uint32_t>(i),
                      config.profiles.at(config.devices[origin.device].profile).points[origin.profile_point]);
  }
  std::erase_if(readers_, [&](auto& entry) {
    if (specs.contains(entry.first)) return false;
    stop(*entry.second);
    return true;
  });
  pollers_.assign(config.definition->points.size(), nullptr);
  for (auto& [endpoint, spec] : specs) {
    if (const auto running = readers_.find(endpoint); running != readers_.end())
      change(*running->second, spec);
    else
      start(endpoint, spec);
    for (const std::uint32_t point : spec.indices()) pollers_[point] = readers_.at(endpoint)->poller.get();
  }
}

void Acquisition::change(Reader& reader, const Spec& spec) {
  if (reader.poller) reader.poller->configure(spec.for_poller());
  if (reader.subscriber) reader.subscriber->configure(spec.for_subscriber());
}

void Acquisition::raise(std::uint32_t point) {
  if (pollers_[point] != nullptr) pollers_[point]->raise(point);
}

void Acquisition::write(std::uint32_t point, WriteOrder order) {
  if (pollers_[point] == nullptr) return order.done(fail(Errc::unsupported, "only Modbus devices are written"));
  pollers_[point]->write(point, std::move(order));
}

void Acquisition::stop(Reader& reader) {
  reader.stopped = true;
  reader.cancel.emit(boost::asio::cancellation_type::terminal);
}

void Acquisition::start(const Endpoint& endpoint, const Spec& spec) {
  auto reader = std::make_shared<Reader>();
  const std::weak_ptr<Reader> weak = reader;
  const auto sink = [this, weak](std::vector<Reading> readings) {
    const auto alive = weak.lock();
    if (alive && !alive->stopped) samples_(sampler_(readings));
  };
  const auto events = [this, weak](EdgeEvent event) {
    const auto alive = weak.lock();
    if (alive && !alive->stopped) events_(std::move(event));
  };
  if (endpoint.is_modbus()) {
    reader->poller =
        std::make_unique<Poller>(clock_, bus_(endpoint), spec.for_poller(), sink, events, metrics_, seed_++);
    reader->poller->describe_to([this, weak](std::uint32_t point, const ProfilePoint& described) {
      if (const auto alive = weak.lock(); alive && !alive->stopped) sampler_.describe(point, described);
    });
    reader->poller->learned_to([this](const std::string& device, const std::string& firmware) {
      if (on_firmware) on_firmware(device, firmware);
    });
  } else {
    MqttOptions options;
    options.broker = endpoint.str();
    options.client_id = client_id_ + "-" + std::to_string(seed_ % 100'000);
    reader->subscriber = std::make_unique<MqttSensor>(executor_, clock_, paho_factory(executor_), std::move(options),
                                                      spec.for_subscriber(), sink, events, metrics_, seed_++);
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
  pollers_.assign(pollers_.size(), nullptr);
  const MonoTime end = clock_.mono() + kEndWithin;
  while (running_ > 0 && clock_.mono() < end) co_await ended_.wait(end - clock_.mono());
}

}  // namespace anlan::edge
