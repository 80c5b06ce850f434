#include "common/io/service_notify.hpp"

#include <cstdlib>
#include <cstring>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

/// What systemd is to a service: a datagram socket named by NOTIFY_SOCKET.
class FakeManager {
 public:
  FakeManager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = dir_.file("notify");
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~FakeManager() {
    ::close(socket_);
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  FakeManager(const FakeManager&) = delete;

  static void ask_for_watchdog(const char* micros) { ::setenv("WATCHDOG_USEC", micros, 1); }

  std::vector<std::string> heard() {
    std::vector<std::string> all;
    char text[512];
    for (ssize_t n = 0; (n = ::recv(socket_, text, sizeof text, 0)) > 0;)
      all.emplace_back(text, static_cast<std::size_t>(n));
    return all;
  }

 private:
  test::TempDir dir_;
  int socket_;
};

using Words = std::vector<std::string>;

struct Feeding {
  boost::asio::io_context loop;
  test::ManualClock clock;
  ServiceNotify service;
  boost::asio::cancellation_signal stop;

  Feeding() {
    boost::asio::co_spawn(loop, service.feed_watchdog(clock),
                          boost::asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {}));
  }
  ~Feeding() {
    stop.emit(boost::asio::cancellation_type::all);
    test::ManualClock::run_ready(loop);
  }
};

TEST(ServiceNotify, SaysThatItServesReloadsAndStops) {
  FakeManager manager;
  ServiceNotify service;
  service.ready();
  service.reloading();
  service.ready();
  service.stopping();
  EXPECT_EQ(manager.heard(), (Words{"READY=1", "RELOADING=1", "READY=1", "STOPPING=1"}));
}

TEST(ServiceNotify, SaysAStatusOnceAndOnOneLine) {
  FakeManager manager;
  ServiceNotify service;
  service.status("no line to the centre: refused\nREADY=1");
  service.status("no line to the centre: refused\nREADY=1");
  service.status("connected");
  EXPECT_EQ(manager.heard(), (Words{"STATUS=no line to the centre: refused READY=1", "STATUS=connected"}));
}

TEST(ServiceNotify, FeedsTheWatchdogThreeTimesInItsPeriod) {
  FakeManager manager;
  FakeManager::ask_for_watchdog("30000000");
  Feeding feeding;
  feeding.clock.advance(feeding.loop, Millis{29'999});
  EXPECT_EQ(manager.heard(), Words(3, "WATCHDOG=1")) << "at 0, 10 and 20 seconds";
  feeding.clock.advance(feeding.loop, Millis{30'001});
  EXPECT_EQ(manager.heard(), Words(4, "WATCHDOG=1"));
}

TEST(ServiceNotify, FeedsNothingWhileTheLoopDoesNotTurn) {
  FakeManager manager;
  FakeManager::ask_for_watchdog("3000");
  Feeding feeding;
  feeding.clock.advance(feeding.loop, Millis{0});
  EXPECT_EQ(manager.heard(), Words(1, "WATCHDOG=1"));
  test::ManualClock& clock = feeding.clock;
  boost::asio::io_context elsewhere;  // time passes, but not on the daemon's loop
  clock.advance(elsewhere, Millis{60'000});
  EXPECT_EQ(manager.heard(), Words{});
  clock.advance(feeding.loop, Millis{0});
  EXPECT_EQ(manager.heard(), Words(1, "WATCHDOG=1")) << "the loop turns again";
}

TEST(ServiceNotify, FeedsNothingWhereNobodyAsks) {
  FakeManager manager;
  Feeding feeding;
  feeding.clock.advance(feeding.loop, Millis{60'000});
  EXPECT_EQ(manager.heard(), Words{});
}

TEST(ServiceNotify, SaysNothingWithoutAServiceManager) {
  ServiceNotify service;
  service.ready();
  service.status("alone");
  Feeding feeding;
  feeding.clock.advance(feeding.loop, Millis{60'000});
}

}  // namespace
}  // namespace anlan
