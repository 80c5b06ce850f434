// The simulated plant: what its devices answer now, and how that is changed. Pure apart from a mutex: time comes in,
// and any thread may ask.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/plant/modbus.hpp"
#include "tests/plant/scenario.hpp"

namespace anlan::plant {

class Plant {
 public:
  /// Steps of the scenario are the caller's to apply when their time comes.
  Plant(const Scenario& scenario, MonoTime start);

  /// Changes something, or says what is (Show; lines for people, each ended by a newline). Quit does nothing here.
  /// Errors: not_found (no such point, device or endpoint), invalid_argument (a value that its register cannot hold, a
  /// misbehaviour that the target cannot show).
  Result<std::string> apply(const Action& action, MonoTime now);

  /// What the unit behind this endpoint answers. A unit that is not there: exception 11, as a gateway says. Registers
  /// that no point covers: exception 2. A value that left its register's range on its way: exception 4.
  Answer answer(const std::string& endpoint, const Request& request, MonoTime now);

  /// False while the endpoint is gone: nobody listens.
  bool listening(const std::string& endpoint) const;

  struct Publication {
    std::string topic, payload;
  };
  /// What an MQTT device publishes now: its fields as one JSON object, then its scalars. Empty while it hangs.
  std::vector<Publication> publications(const std::string& device, MonoTime now) const;

  /// Called after a master changed a value, on the thread that asked. Set before anybody asks.
  std::function<void(const std::string& point, double before, double after)> on_written;

 private:
  struct LivePoint {
    Point is;
    Signal signal;
  };
  struct LiveDevice {
    Device is;
    std::vector<LivePoint> points;
    std::map<std::pair<Table, int>, std::pair<std::size_t, std::size_t>> cells;  // address → point, word of it
    Misbehaviour misbehaviour;
    std::uint64_t requests = 0;
  };
  struct LiveEndpoint {
    std::string name;
    Misbehaviour misbehaviour;
  };
  struct Written {
    std::string point;
    double before, after;
  };

  LivePoint* find_point(const std::string& path);
  template <class Self>
  auto* find_device(this Self& self, std::string_view name);
  template <class Self>
  auto* find_endpoint(this Self& self, std::string_view name);
  Result<std::string> move(const Move&, MonoTime now);
  Result<std::string> make_noise(const MakeNoise&);
  Result<std::string> misbehave(const Misbehave&);
  Result<std::string> show(const std::string& what, MonoTime now) const;
  static Answer read(const LiveDevice&, const Request&, MonoTime now);
  static Answer write(LiveDevice&, const Request&, MonoTime now, std::vector<Written>& written);

  mutable std::mutex mutex_;
  std::vector<LiveEndpoint> endpoints_;
  std::vector<LiveDevice> devices_;
};

}  // namespace anlan::plant
