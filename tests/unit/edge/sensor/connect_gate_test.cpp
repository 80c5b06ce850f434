#include "edge/sensor/connect_gate.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
using Place = std::unique_ptr<ConnectGate::Place>;
using test::run_until;

struct Gate : testing::Test {
  asio::io_context io;
  ConnectGate gate{io.get_executor(), 1};
  std::vector<Place> inside;
  int refused = 0, pending = 0;

  /// What waits refers to the gate and must end before it.
  void TearDown() override {
    ASSERT_TRUE(run_until(io, [&] {
      inside.clear();
      return pending == 0;
    }));
  }
  void enter(const std::string& host, bool again = false, Millis timeout = Millis{10'000}) {
    ++pending;
    asio::co_spawn(io, gate.enter(host, again, timeout), [this](std::exception_ptr, Place place) {
      --pending;
      if (place)
        inside.push_back(std::move(place));
      else
        ++refused;
    });
  }
  bool reaches(std::size_t count) {
    return run_until(io, [&] { return inside.size() >= count; });
  }
};

TEST_F(Gate, AFewAtATimeEnterAtOneHostAndAllInTheEnd) {
  for (int i = 0; i < 100; ++i) enter("gateway", true);
  std::size_t served = 0;
  while (served < 100) {
    ASSERT_TRUE(reaches(1));
    run_until(io, [] { return false; }, Millis{1});
    ASSERT_LE(inside.size(), static_cast<std::size_t>(ConnectGate::kPerHost));
    served += inside.size();
    inside.clear();
  }
}

TEST_F(Gate, AHostWhoseConnectionsHangDelaysNoOther) {
  for (int i = 0; i < 50; ++i) enter("dead");
  enter("well");
  EXPECT_TRUE(reaches(ConnectGate::kPerHost + 1));
}

TEST_F(Gate, NobodyWaitsForEver) {
  for (int i = 0; i < ConnectGate::kPerHost; ++i) enter("dead");
  enter("dead", false, Millis{20});
  EXPECT_TRUE(run_until(io, [&] { return refused == 1; }));
  inside.clear();
  enter("dead");
  EXPECT_TRUE(reaches(1)) << "a place that nobody took is free";
}

TEST_F(Gate, WhoIsCancelledWhileWaitingLeavesTheQueue) {
  for (int i = 0; i < ConnectGate::kPerHost; ++i) enter("host");
  ASSERT_TRUE(reaches(ConnectGate::kPerHost));
  asio::cancellation_signal cancel;
  bool ended = false;
  asio::co_spawn(io, gate.enter("host", false, Millis{10'000}),
                 asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, Place) { ended = true; }));
  run_until(io, [] { return false; }, Millis{5});
  cancel.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(run_until(io, [&] { return ended; }));
  enter("host");
  inside.pop_back();
  EXPECT_TRUE(reaches(ConnectGate::kPerHost));
}

}  // namespace
}  // namespace anlan::edge
