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
using Place = ConnectGate::Place;
using test::run_until;

struct Gate : testing::Test {
  asio::io_context io;
  ConnectGate gate{io.get_executor(), 1, Millis{3'600'000}};
  std::vector<Place> inside;
  int pending = 0;

  /// What waits refers to the gate and must end before it.
  void TearDown() override { empty(); }
  void empty() {
    ASSERT_TRUE(run_until(io, [&] {
      inside.clear();
      return pending == 0;
    }));
  }
  void enter(const std::string& host, bool again = false) { enter(gate, host, again); }
  void enter(ConnectGate& by, const std::string& host, bool again = false) {
    ++pending;
    asio::co_spawn(io, by.enter(host, again), [this](std::exception_ptr, Place place) {
      --pending;
      inside.push_back(std::move(place));
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

/// Behind one serial server, or one gateway that forwards ports: two thirds of them switched off.
TEST_F(Gate, EndpointsThatTakeNoConnectionKeepNoOtherOfTheirHostOut) {
  ConnectGate impatient(io.get_executor(), 1, Millis{1});
  constexpr std::size_t kDead = 2 * ConnectGate::kPerHost;
  for (std::size_t i = 0; i < kDead; ++i) enter(impatient, "gateway");
  enter(impatient, "gateway");
  EXPECT_TRUE(reaches(kDead + 1)) << "the dead ones still try, and keep their places to the end of this test";
  empty();
}

TEST_F(Gate, WhoIsCancelledWhileWaitingLeavesTheQueue) {
  for (int i = 0; i < ConnectGate::kPerHost; ++i) enter("host");
  ASSERT_TRUE(reaches(ConnectGate::kPerHost));
  asio::cancellation_signal cancel;
  bool ended = false;
  asio::co_spawn(io, gate.enter("host", false),
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
