#include "common/async/worker.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include "tests/support/run_coro.hpp"

namespace anlan {
namespace {

TEST(Worker, RunsCallsInOrderOnOneOtherThread) {
  boost::asio::io_context io;
  Worker worker;
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  int done = 0;
  for (int i = 0; i < 20; ++i)
    boost::asio::co_spawn(io, worker.run([&, i] {
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
      return i;
    }),
                          [&](std::exception_ptr, int) { ++done; });
  ASSERT_TRUE(test::run_until(io, [&] { return done == 20; }));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(threads[static_cast<std::size_t>(i)], threads[0]);
  }
  EXPECT_NE(threads[0], std::this_thread::get_id());
  worker.join();
}

TEST(Worker, BringsBackWhatTheCallReturnsOrThrows) {
  boost::asio::io_context io;
  Worker worker;
  EXPECT_EQ(test::run_coro(io, worker.run([] { return std::string("done"); })), "done");
  EXPECT_THROW(test::run_coro(io, worker.run([]() -> int { throw std::runtime_error("no"); })), std::runtime_error);
  worker.join();
}

/// A daemon is stopped while a commit is under way: the call ends in peace, and whoever awaits it learns how it ended.
TEST(Worker, ACallUnderWayIsNotTornByCancellation) {
  boost::asio::io_context io;
  Worker worker;
  for (int i = 0; i < 300; ++i) {
    std::mutex mutex;
    std::condition_variable changed;
    bool inside = false, released = false, done = false;
    int result = 0;
    boost::asio::cancellation_signal stop;
    auto call = [&] {
      std::unique_lock lock(mutex);
      inside = true;
      changed.notify_all();
      changed.wait(lock, [&] { return released; });
      return i;
    };
    auto waits = [&]() -> boost::asio::awaitable<void> { result = co_await worker.run(call); };
    boost::asio::co_spawn(io, waits(),
                          boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { done = true; }));
    io.restart();
    io.poll();
    {
      std::unique_lock lock(mutex);
      ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return inside; }));
    }
    stop.emit(boost::asio::cancellation_type::terminal);
    {
      const std::lock_guard lock(mutex);
      released = true;
      changed.notify_all();
    }
    ASSERT_TRUE(test::run_until(io, [&] { return done; }));
    EXPECT_EQ(result, i);
  }
  worker.join();
}

}  // namespace
}  // namespace anlan
