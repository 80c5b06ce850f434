#include "edge/cli/scan_command.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <ostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>

#include "common/base/duration.hpp"
#include "common/base/log.hpp"
#include "edge/app/endpoint_section.hpp"
#include "edge/sensor/modbus_bus.hpp"
#include "edge/sensor/profile_file.hpp"

namespace anlan::edge {
namespace {

namespace fs = std::filesystem;

Result<Endpoint> find_endpoint(const std::string& target, const std::optional<Config>& config) {
  if (target.contains("://")) return parse_endpoint(target);
  if (!config)
    return fail(Errc::invalid_argument, "'" + target +
                                            "' is no address (modbus+tcp://HOST:502), and there is no configuration "
                                            "in which to look for a device of this name");
  for (const DeviceConfig& device : config->devices)
    if (device.name == target) return device.connect.connection();
  return fail(Errc::not_found, "there is no device '" + target + "' in " + config->file);
}

/// Those of the folder that are without fault; a faulty one is said and passed over.
std::vector<Profile> read_profiles(const std::string& folder, std::ostream& out) {
  std::vector<Profile> profiles;
  std::error_code error;
  for (auto at = fs::directory_iterator(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    if (at->path().extension() != ".toml") continue;
    auto profile = load_profile(at->path().string());
    if (profile)
      profiles.push_back(std::move(*profile));
    else
      out << "passing over " << at->path().filename().string() << ", which has faults (anlan-edge check)\n";
  }
  std::ranges::sort(profiles, {}, &Profile::id);
  return profiles;
}

int refuse(const Error& error, std::ostream& out) {
  out << "anlan-edge: " << error.message << "\n";
  return error.code == Errc::invalid_argument || error.code == Errc::malformed || error.code == Errc::not_found ? 2 : 1;
}

struct Course {
  std::size_t found = 0, tried = 0, all = 0;
  Result<void> end;
};

void sum_up(const Course& course, bool interrupted, std::ostream& out) {
  out << course.found << " found, " << course.tried << " of " << course.all << " units asked"
      << (interrupted ? ", then interrupted" : "") << std::endl;
}

/// Ctrl-C ends the process there and then, whatever answer it waits for: a scan only reads, there is nothing to tidy.
boost::asio::awaitable<void> go(std::unique_ptr<Bus> bus, ScanWish wish, std::vector<Profile> profiles, Course& course,
                                std::ostream& out, std::ostream& progress) {
  boost::asio::signal_set stop(co_await boost::asio::this_coro::executor, SIGINT, SIGTERM);
  const auto wipe = [&progress] { progress << "\r" << std::string(40, ' ') << "\r" << std::flush; };
  stop.async_wait([&](boost::system::error_code error, int) {
    if (error) return;
    wipe();
    sum_up(course, true, out);
    std::_Exit(1);
  });
  const auto show = [&](int unit) {
    progress << "\rasking unit " << unit << " (" << ++course.tried << " of " << course.all << ")   " << std::flush;
  };
  const auto tell = [&](const ScanFound& found) {
    ++course.found;
    wipe();
    out << to_text(found) << std::flush;
  };
  course.end = co_await scan(*bus, std::move(wish), std::move(profiles), show, tell);
  wipe();
}

}  // namespace

bool taken_by_daemon(const Config& config, const Endpoint& endpoint, bool daemon_runs) {
  if (!daemon_runs || endpoint.scheme != Endpoint::Scheme::modbus_rtu) return false;
  return std::ranges::any_of(config.devices,
                             [&](const DeviceConfig& device) { return device.connect.device == endpoint.device; });
}

int run_scan(const ScanOrder& order, const std::optional<Config>& config, bool daemon_runs, std::ostream& out,
             std::ostream& progress) {
  log::set_level(log::Level::error);
  const auto endpoint = find_endpoint(order.target, config);
  if (!endpoint) return refuse(endpoint.error(), progress);
  const auto units = parse_units(order.units);
  if (!units) return refuse(units.error(), progress);
  const auto timeout = parse_duration(order.timeout);
  if (!timeout) return refuse(timeout.error(), progress);
  if (*timeout < Millis{10} || *timeout > Millis{60'000})
    return refuse({Errc::invalid_argument, "--timeout " + order.timeout + " is not in 10ms to 60s"}, progress);
  if (!endpoint->is_modbus())
    return refuse({Errc::invalid_argument, endpoint->str() + " is no Modbus address: MQTT has no units"}, progress);
  if (config && taken_by_daemon(*config, *endpoint, daemon_runs))
    return refuse({Errc::conflict, "the running daemon reads " + endpoint->str() +
                                       ", and a serial line has one master: stop it first (systemctl stop anlan-edge)"},
                  progress);
  out << "scanning " << endpoint->str() << ", " << units->size() << " units, at most "
      << to_words(*timeout * static_cast<Millis::rep>(units->size())) << " where nobody answers; Ctrl-C ends it\n";
  boost::asio::io_context io(1);
  Metrics metrics;
  auto bus = modbus_factory(io.get_executor(), metrics, 0)(*endpoint);
  Course course{.all = units->size(), .end = {}};
  boost::asio::co_spawn(
      io,
      go(std::move(bus), {*units, *timeout},
         order.profiles.empty() ? std::vector<Profile>{} : read_profiles(order.profiles, out), course, out, progress),
      [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
      });
  io.run();
  if (!course.end) return refuse(course.end.error(), progress);
  sum_up(course, false, out);
  return 0;
}

}  // namespace anlan::edge
