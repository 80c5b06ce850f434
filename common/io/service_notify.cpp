#include "common/io/service_notify.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <systemd/sd-daemon.h>

namespace anlan {
namespace {

constexpr Millis kNeverAsked{3600'000};

void tell(const std::string& state) { sd_notify(0, state.c_str()); }

/// How often to feed, or nothing where nobody asks this process.
std::optional<Millis> feeding_period() {
  std::uint64_t micros = 0;
  if (sd_watchdog_enabled(0, &micros) <= 0) return std::nullopt;
  return std::max(Millis{1}, std::chrono::floor<Millis>(std::chrono::microseconds(micros / 3)));
}

}  // namespace

void ServiceNotify::ready() { tell("READY=1"); }
void ServiceNotify::reloading() { tell("RELOADING=1"); }
void ServiceNotify::stopping() { tell("STOPPING=1"); }

void ServiceNotify::status(const std::string& line) {
  if (line == said_) return;
  said_ = line;
  std::string one_line = line;
  for (char& c : one_line)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';  // a line end would begin another assignment
  tell("STATUS=" + one_line);
}

boost::asio::awaitable<void> ServiceNotify::feed_watchdog(Clock& clock) const {
  const auto period = feeding_period();
  while (true) {
    if (period) tell("WATCHDOG=1");
    co_await clock.sleep_for(period.value_or(kNeverAsked));
  }
}

}  // namespace anlan
