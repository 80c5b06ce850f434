#include "edge/cli/read.hpp"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/async/event.hpp"
#include "common/base/log.hpp"
#include "common/base/metrics.hpp"
#include "common/io/paho_client.hpp"
#include "common/io/random.hpp"
#include "edge/cli/read_table.hpp"
#include "edge/cli/scan_command.hpp"
#include "edge/cli/traced_bus.hpp"
#include "edge/sample/sampler.hpp"
#include "edge/sensor/modbus_bus.hpp"
#include "edge/sensor/mqtt_sensor.hpp"
#include "edge/sensor/poller.hpp"

namespace anlan::edge {
namespace {

using boost::asio::awaitable;

/// What was read, by the definition's index; and each failed device's reason and advice.
class Outcome {
 public:
  explicit Outcome(const Config& config)
      : config_(config), points_(config.devices.size()), samples_(config.origins.size()) {
    std::vector<ProfilePoint> profile_points;
    for (std::size_t i = 0; i < config.origins.size(); ++i) {
      const auto& origin = config.origins[i];
      const Profile& profile = config.profiles.at(config.devices[origin.device].profile);
      profile_points.push_back(profile.points[origin.profile_point]);
      points_[origin.device].resize(profile.points.size());
      points_[origin.device][origin.profile_point] = static_cast<std::uint32_t>(i);
    }
    profile_points_ = profile_points;
    sampler_ = Sampler(std::move(profile_points));
  }

  const std::vector<std::uint32_t>& points_of(std::size_t device) const { return points_[device]; }

  void describe(std::uint32_t point, const ProfilePoint& described) {
    profile_points_[point] = described;
    sampler_.describe(point, described);
  }
  void take(const std::vector<Reading>& readings) {
    for (const Sample& sample : sampler_(readings)) samples_[sample.point] = sample;
  }
  void failed(const std::string& device, const std::string& reason, const std::string& advice) {
    failures_[device] = reason + "\n    check: " + advice;
  }

  /// What was asked of the units of these devices.
  void traced(std::vector<std::size_t> devices, std::vector<TracedRead> reads) {
    traces_.push_back({std::move(devices), std::move(reads)});
  }

  int print(std::ostream& out) const {
    std::vector<ReadRow> rows;
    std::size_t good = 0;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      rows.push_back(row(i));
      good += samples_[i] && samples_[i]->quality == Quality::good;
    }
    print_table(rows, out);
    print_requests(out);
    for (const auto& [device, reason] : failures_) out << "\n" << device << ": " << reason << "\n";
    out << "\n" << good << " of " << rows.size() << " points are good\n";
    return good == rows.size() ? 0 : 1;
  }

 private:
  struct Trace {
    std::vector<std::size_t> devices;
    std::vector<TracedRead> reads;
  };

  ReadRow row(std::size_t i) const {
    ReadRow made{&config_.definition->points[i], &profile_points_[i], samples_[i], "", ""};
    const auto* source = std::get_if<ModbusSource>(&profile_points_[i].source);
    if (source == nullptr) return made;
    made.place = register_name(source->table, source->address);
    const std::size_t device = config_.origins[i].device;
    for (const Trace& trace : traces_)
      if (std::ranges::find(trace.devices, device) != trace.devices.end())
        made.raw = words_text(traced_words(trace.reads, config_.devices[device].unit, *source), 4);
    return made;
  }

  /// Each request with the time that it took; a refusal by what it touched.
  void print_requests(std::ostream& out) const {
    for (const Trace& trace : traces_)
      for (const TracedRead& read : trace.reads) {
        const ReadRequest& request = read.request;
        out << (&trace == &traces_.front() && &read == &trace.reads.front() ? "\n" : "") << "asked "
            << config_.devices[trace.devices.front()].connect.connection().str() << " unit " << request.unit << " for "
            << register_names(request.table, request.address, request.count) << ": " << read.took.count() << " ms, ";
        if (read.result)
          out << words_text(*read.result, 8) << "\n";
        else
          out << read.error_text() << "\n";
      }
  }

  const Config& config_;
  std::vector<Trace> traces_;
  std::vector<std::vector<std::uint32_t>> points_;  // by device and profile point
  std::vector<ProfilePoint> profile_points_;
  Sampler sampler_{0};
  std::vector<std::optional<Sample>> samples_;
  std::map<std::string, std::string> failures_;
};

std::string advice(const Config& config, const DeviceConfig& device, const BusError& error) {
  switch (error.kind) {
    case BusError::Kind::no_connection:
      return "is it switched on, is the cable in, is " + device.connect.str() +
             " its address, does a firewall stand between?";
    case BusError::Kind::no_answer:
      return device.connect.str() + " is there, but unit " + std::to_string(device.unit) +
             " is not: is that its unit number, is it wired to the gateway, does it need more than " +
             to_words(device.timeout) + "?";
    case BusError::Kind::malformed:
      return "have two devices the same unit number, does the gateway mix up answers, is it a Modbus TCP port?";
    default:
      return "does profile " + config.profiles.at(device.profile).id + " describe this device and its firmware?";
  }
}

awaitable<void> read_modbus(const Config& config, ReadTools& tools, Outcome& result, Metrics& metrics,
                            std::vector<std::size_t> which) {
  std::vector<Poller::Device> devices;
  std::map<std::string, const DeviceConfig*> by_name;
  for (const std::size_t i : which) {
    const DeviceConfig& device = config.devices[i];
    by_name[device.name] = &device;
    const Profile& profile = config.profiles.at(device.profile);
    devices.push_back({device.name, device.unit, device.timeout, profile.reading, profile.points,
                       std::vector<Pace>(profile.points.size(), device.pace), result.points_of(i), profile.revisions});
  }
  const Endpoint& endpoint = config.devices[which.front()].connect;
  std::vector<TracedRead> trace;
  Poller poller(
      tools.clock, std::make_unique<TracedBus>(tools.bus(endpoint), tools.clock, trace), std::move(devices),
      [&](std::vector<Reading> readings) { result.take(readings); }, {}, metrics, 0);
  poller.describe_to([&](std::uint32_t point, const ProfilePoint& described) { result.describe(point, described); });
  co_await poller.read_once([&](const std::string& name, const BusError& error) {
    result.failed(name, error.message, advice(config, *by_name.at(name), error));
  });
  result.traced(std::move(which), std::move(trace));
}

awaitable<void> read_mqtt(const Config& config, ReadTools& tools, Outcome& result, Metrics& metrics,
                          std::vector<std::size_t> which) {
  using namespace boost::asio::experimental::awaitable_operators;
  const Endpoint& endpoint = config.devices[which.front()].connect;
  std::vector<MqttSensor::Device> devices;
  std::map<std::string, std::string> topics;
  std::set<std::uint32_t> awaited;
  for (const std::size_t i : which) {
    const DeviceConfig& device = config.devices[i];
    topics[device.name] = device.connect.path.empty() ? "#" : device.connect.path + "/#";
    awaited.insert(result.points_of(i).begin(), result.points_of(i).end());
    devices.push_back({device.name, device.connect.path, device.stale_after, config.profiles.at(device.profile).points,
                       result.points_of(i)});
  }
  const Endpoint broker = endpoint.connection();
  Event complete(tools.io.get_executor());
  const auto sink = [&](std::vector<Reading> readings) {
    for (const Reading& reading : readings) awaited.erase(reading.point);
    result.take(readings);
    if (awaited.empty()) complete.set();
  };
  const auto events = [&](const EdgeEvent& event) {
    if (event.what == "device-lost")
      result.failed(event.subject, event.detail,
                    "does the broker at " + broker.str() + " run, and does the sensor publish below " +
                        topics.at(event.subject) + "? (mosquitto_sub -h " + broker.host + " -p " +
                        std::to_string(broker.port) + " -t '" + topics.at(event.subject) + "' -v)");
  };
  MqttOptions options;
  options.broker = broker.str();
  options.client_id = "anlan-read-" + random_id<Incarnation>().hex();
  MqttSensor sensor(tools.io.get_executor(), tools.clock, tools.mqtt, options, std::move(devices), sink, events,
                    metrics, 0);
  co_await (sensor.run() || complete.wait(kReadPatience));
}

}  // namespace

int run_read(const Config& config, ReadTools tools, std::ostream& out) {
  std::map<Endpoint, std::vector<std::size_t>> endpoints;
  for (std::size_t i = 0; i < config.devices.size(); ++i) {
    endpoints[config.devices[i].connect.connection()].push_back(i);
  }
  Outcome result(config);
  Metrics metrics;
  for (const auto& [endpoint, which] : endpoints) {
    if (taken_by_daemon(config, endpoint, tools.daemon_runs)) {
      for (const std::size_t i : which)
        result.failed(config.devices[i].name, "not read: the running daemon has " + endpoint.str() + " for itself",
                      "anlan-edge status shows how it is; stop the daemon to read by hand");
      continue;
    }
    const auto read = endpoint.is_modbus() ? read_modbus : read_mqtt;
    boost::asio::co_spawn(tools.io, read(config, tools, result, metrics, which), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  }
  tools.io.run();
  return result.print(out);
}

int run_read(const Config& config, bool daemon_runs, std::ostream& out) {
  log::set_level(log::Level::error);  // the table and what stands below it say it all
  boost::asio::io_context io(1);
  SystemClock clock;
  Metrics metrics;
  return run_read(
      config,
      {io, clock, modbus_factory(io.get_executor(), metrics, random64()), paho_factory(io.get_executor()), daemon_runs},
      out);
}

}  // namespace anlan::edge
