// bench_alert_probe: plays sensors and the receiver of webhooks in one process, so one clock: publishes a dangerous
// value on each of its topics once, and tells how long after that the notification of it was posted.
//   --sensors-port N   the broker that the edge's sensors publish to; topics bench/d0/p0 … of 20 points each
//   --alerts N         at most; a multiple of 20         --every-ms 50   between two, on average
//   --seconds N        begin no alert after that
// Prints "READY webhook_port", publishes a harmless value on every topic, waits for a line on standard input, then
// "ALERT second milliseconds" for each in order of publishing ("ALERT second lost" where none came within 60 s),
// "DONE".
#include <cstdio>
#include <iostream>
#include <optional>
#include <random>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <mosquitto.h>

#include "common/async/clock.hpp"
#include "common/io/http_server.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/arrivals.hpp"

namespace {

using namespace anlan;
using namespace anlan::bench;
namespace asio = boost::asio;

constexpr long kPointsOfDevice = 20;
constexpr std::int64_t kLost = 60'000'000'000;

class Sensors {
 public:
  explicit Sensors(int port) : client_(mosquitto_new(nullptr, true, nullptr)) {
    mosquitto_int_option(client_, MOSQ_OPT_TCP_NODELAY, 1);
    if (mosquitto_connect(client_, "127.0.0.1", port, 600) != 0 || mosquitto_loop_start(client_) != 0) fail();
  }
  ~Sensors() {
    mosquitto_disconnect(client_);
    mosquitto_loop_stop(client_, false);
    mosquitto_destroy(client_);
  }
  void publish(long alert, const std::string& value) {
    const std::string topic =
        "bench/d" + std::to_string(alert / kPointsOfDevice) + "/p" + std::to_string(alert % kPointsOfDevice);
    if (mosquitto_publish(client_, nullptr, topic.c_str(), static_cast<int>(value.size()), value.data(), 1, false) != 0)
      fail();
  }

 private:
  [[noreturn]] static void fail() {
    std::fprintf(stderr, "the sensors' broker does not work\n");
    std::exit(1);
  }
  mosquitto* client_;
};

/// site/dN/pM of a red notification.
std::optional<long> alert_of(const std::string& body) {
  const auto notification = boost::json::parse(body);
  if (notification.at("level").as_string() != "red") return std::nullopt;
  long device = 0, point = 0;
  const std::string source(notification.at("source").as_string());
  if (std::sscanf(source.c_str(), "%*[^/]/d%ld/p%ld", &device, &point) != 2) return std::nullopt;
  return device * kPointsOfDevice + point;
}

struct Probe {
  long alerts, every_ms, seconds;
  std::vector<std::int64_t> sent{}, received{};

  asio::awaitable<HttpResponse> take(HttpRequest request) {
    const std::int64_t now = Arrivals::now();
    const auto alert = alert_of(request.body);
    if (alert && *alert < alerts && received[static_cast<std::size_t>(*alert)] == 0)
      received[static_cast<std::size_t>(*alert)] = now;
    co_return HttpResponse{204, {}, ""};
  }

  bool waiting() const {
    for (std::size_t i = 0; i < sent.size(); ++i)
      if (received[i] == 0 && Arrivals::now() - sent[i] < kLost) return true;
    return false;
  }

  asio::awaitable<void> raise_all(Sensors& sensors, std::int64_t start) {
    SystemClock clock;
    std::mt19937 random(1);
    while (static_cast<long>(sent.size()) < alerts && Arrivals::now() - start < seconds * 1'000'000'000) {
      sent.push_back(Arrivals::now());
      sensors.publish(static_cast<long>(sent.size()) - 1, "100");
      co_await clock.sleep_for(
          Millis{every_ms / 2 + static_cast<long>(random() % static_cast<unsigned long>(every_ms + 1))});
    }
    while (waiting()) co_await clock.sleep_for(Millis{20});
  }

  void print(std::int64_t start) const {
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const double second = static_cast<double>(sent[i] - start) / 1e9;
      if (received[i] == 0)
        std::printf("ALERT %.3f lost\n", second);
      else
        std::printf("ALERT %.3f %.3f\n", second, static_cast<double>(received[i] - sent[i]) / 1e6);
    }
    std::printf("DONE\n");
  }
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments(argc, argv);
  const auto port = static_cast<int>(arguments.number("sensors-port"));
  Probe probe{arguments.number("alerts"), arguments.number("every-ms", 50), arguments.number("seconds", 60)};
  arguments.end();
  probe.received.resize(static_cast<std::size_t>(probe.alerts));

  asio::io_context loop(1);
  auto server =
      HttpServer::start(loop.get_executor(), {}, [&](HttpRequest request) { return probe.take(std::move(request)); });
  if (!server) return std::fprintf(stderr, "%s\n", server.error().message.c_str()), 1;
  std::printf("READY %u\n", (*server)->port());
  std::fflush(stdout);
  mosquitto_lib_init();
  std::string line;
  if (!std::getline(std::cin, line)) return 1;
  Sensors sensors(port);
  for (long i = 0; i < probe.alerts; ++i) sensors.publish(i, "1");
  if (!std::getline(std::cin, line)) return 1;
  const std::int64_t start = Arrivals::now();
  asio::co_spawn(loop, probe.raise_all(sensors, start), [&](std::exception_ptr) {
    probe.print(start);
    std::fflush(stdout);
    loop.stop();
  });
  loop.run();
  return 0;
}
