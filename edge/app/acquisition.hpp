// Everything that reads devices: one poller per Modbus endpoint, one subscriber per sensor broker, each a coroutine of
// its own, so that a hung one delays only itself. Joins edge/sensor to edge/sample.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/base/metrics.hpp"
#include "common/model/protocol.hpp"
#include "edge/app/config.hpp"
#include "edge/sample/sampler.hpp"
#include "edge/sensor/bus.hpp"

namespace anlan::edge {

class Poller;
struct WriteOrder;

class Acquisition {
 public:
  using Samples = std::function<void(std::vector<Sample>)>;
  using Events = std::function<void(EdgeEvent)>;

  /// `bus`: makes the buses of Modbus endpoints. `client_id`: how brokers of sensors know this process; a number is
  /// added for each.
  Acquisition(boost::asio::any_io_executor executor, Clock& clock, BusFactory bus, std::string client_id,
              Samples samples, Events events, Metrics& metrics, std::uint64_t seed);
  ~Acquisition();

  /// Starts what is new in this configuration and stops what is gone. What is the same goes on undisturbed: each Modbus
  /// device with its timers, each MQTT device with its silence, each connection that still has a device.
  /// Samples carry the indices of the new definition from now on, and none of what is gone or changed comes any more:
  /// tell the samples' taker first. On the loop.
  void configure(const Config& config);

  /// The risk of this point of the definition is raised now: it is read at its raised pace.
  void raise(std::uint32_t point);

  /// Has this point of the definition written between the polls of its endpoint. Errors come by order.done;
  /// unsupported: it is not read over Modbus.
  void write(std::uint32_t point, WriteOrder order);

  /// What a device (site/device) answered last when it was asked for its firmware, before this process or in it; and
  /// each answer. Set before configure().
  std::function<std::optional<std::string>(const std::string& device)> known_firmware;
  std::function<void(const std::string& device, const std::string& firmware)> on_firmware;

  /// Until cancelled; returns when every reader has ended.
  boost::asio::awaitable<void> run();

 private:
  struct Reader;
  struct Spec;
  using Specs = std::map<Endpoint, Spec>;

  Specs specs_of(const Config& config) const;
  void start(const Endpoint& endpoint, const Spec& spec);
  static void change(Reader& reader, const Spec& spec);
  void stop(Reader& reader);

  boost::asio::any_io_executor executor_;
  Clock& clock_;
  BusFactory bus_;
  std::string client_id_;
  Samples samples_;
  Events events_;
  Metrics& metrics_;
  std::uint64_t seed_;
  Event ended_;
  int running_ = 0;
  std::map<Endpoint, std::shared_ptr<Reader>> readers_;
  Sampler sampler_{0};            // for all readers: it is as large as the definition
  std::vector<Poller*> pollers_;  // by point of the definition; null: it publishes by itself
};

}  // namespace anlan::edge
