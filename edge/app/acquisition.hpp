// Everything that reads devices: one poller per Modbus endpoint, one subscriber per sensor broker, each a coroutine of
// its own, so that a hung one delays only itself. Joins edge/sensor to edge/sample.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/base/metrics.hpp"
#include "common/model/protocol.hpp"
#include "edge/app/config.hpp"
#include "edge/sensor/bus.hpp"

namespace anlan::edge {

class Acquisition {
 public:
  using Samples = std::function<void(std::vector<Sample>)>;
  using Events = std::function<void(EdgeEvent)>;

  /// `bus`: makes the buses of Modbus endpoints. `client_id`: how brokers of sensors know this process; a number is
  /// added for each.
  Acquisition(boost::asio::any_io_executor executor, Clock& clock, BusFactory bus, std::string client_id,
              Samples samples, Events events, Metrics& metrics, std::uint64_t seed);
  ~Acquisition();

  /// Starts what is new in this configuration and stops what is gone; an endpoint whose devices, profiles and points
  /// are the same goes on undisturbed. On the loop.
  void configure(const Config& config);

  /// No sample of what changes with `config` comes after this returns.
  void stop_changed(const Config& config);

  /// Until cancelled; returns when every reader has ended.
  boost::asio::awaitable<void> run();

 private:
  struct Reader;
  struct Spec;
  using Specs = std::map<Endpoint, Spec>;

  static Specs specs_of(const Config& config);
  void start(const Endpoint& endpoint, const Spec& spec);
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
};

}  // namespace anlan::edge
