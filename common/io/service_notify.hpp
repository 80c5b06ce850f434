// What the service manager is told of this process (sd_notify(3)): when it serves, reloads and stops, one line of what
// it does, and that its event loop still turns. Where no service manager asks (no NOTIFY_SOCKET), every call does
// nothing. The only place that includes libsystemd's sd-daemon.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"

namespace anlan {

/// Not thread-safe; the loop's thread only, for the watchdog is to prove that the loop turns.
class ServiceNotify {
 public:
  /// It serves: start-up is over.
  void ready();
  /// It reads its configuration again; ready() ends that, whether the new one came into force or not.
  void reloading();
  /// It ends; the watchdog is not asked any more.
  void stopping();
  /// One line for `systemctl status`. What was said before is not said again.
  void status(const std::string& line);

  /// Feeds the watchdog three times in each period that the service manager asks for (WATCHDOG_USEC), until cancelled:
  /// a loop that hangs feeds nothing and is ended. Asked for nothing, it only waits to be cancelled.
  boost::asio::awaitable<void> feed_watchdog(Clock& clock) const;

 private:
  std::string said_;
};

}  // namespace anlan
