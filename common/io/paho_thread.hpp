// The one door to Paho, whose state is process-wide: a mutex that a call can wait for, two threads that sleep for a
// second.
#pragma once

#include <atomic>
#include <functional>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "common/base/time.hpp"
#include "common/io/paho_bell.hpp"

namespace mqtt {
class async_client;
}

namespace anlan {

/// All calls into Paho run here, so that the loop never waits for its mutex. Holds the bell (paho_bell.hpp), which is
/// rung ever more rarely for a second while anything is unfinished.
class PahoThread {
 public:
  static PahoThread& instance();

  /// Any thread; the calls run in order.
  void post(std::move_only_function<void()> call) { boost::asio::post(pool_, std::move(call)); }

  /// On this thread: `count` things are handed to Paho just now.
  void begun(std::size_t count = 1);

  /// Any thread: Paho has done with `count` such things.
  void finished(std::size_t count = 1) { unfinished_.fetch_sub(count, std::memory_order_relaxed); }

 private:
  PahoThread();
  void hang_bell();
  void ring();
  void arm();

  BellSocket bell_;
  mqtt::async_client* idle_ = nullptr;
  std::atomic<std::size_t> unfinished_ = 0;
  Millis step_{};
  bool armed_ = false;
  boost::asio::thread_pool pool_{1};
  boost::asio::steady_timer timer_{pool_};
};

}  // namespace anlan
