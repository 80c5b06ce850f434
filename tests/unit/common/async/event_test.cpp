#include "common/async/event.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include "tests/support/run_coro.hpp"

namespace anlan {
namespace {

TEST(Event, WakesAtOnceWhereItWasSetBefore) {
  boost::asio::io_context io;
  Event event(io.get_executor());
  event.set();
  event.set();
  EXPECT_TRUE(test::run_coro(io, event.wait(Millis{3600'000})));
  EXPECT_FALSE(test::run_coro(io, event.wait(Millis{1}))) << "several calls count once";
}

TEST(Event, WakesTheOneWhoWaits) {
  boost::asio::io_context io;
  Event event(io.get_executor());
  bool woken = false;
  boost::asio::co_spawn(io, event.wait(Millis{3600'000}), [&](std::exception_ptr, bool was) { woken = was; });
  io.poll();
  EXPECT_FALSE(woken);
  event.set();
  EXPECT_TRUE(test::run_until(io, [&] { return woken; }));
}

TEST(Event, ThrowsWhereItsWaiterIsCancelled) {
  boost::asio::io_context io;
  Event event(io.get_executor());
  boost::asio::cancellation_signal stop;
  std::exception_ptr thrown;
  boost::asio::co_spawn(
      io, event.wait(Millis{3600'000}),
      boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, bool) { thrown = e; }));
  io.poll();
  stop.emit(boost::asio::cancellation_type::terminal);
  ASSERT_TRUE(test::run_until(io, [&] { return thrown != nullptr; }));
  EXPECT_THROW(std::rethrow_exception(thrown), boost::system::system_error);
}

}  // namespace
}  // namespace anlan
