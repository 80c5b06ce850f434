// Blocking libraries (libmodbus, SQLite) run on a private thread each and are awaited from the loop.
#pragma once

#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace anlan {

/// One thread; calls run in the order in which they were awaited. Its destructor waits for the running call, so a call
/// must be bounded in time. What `call` touches belongs to this thread until the await returns.
class Worker {
 public:
  ~Worker() { join(); }

  /// Runs `call` on the worker's thread; its result (or exception) comes back on the awaiting executor. Cancelling does
  /// not tear it: who awaits learns how it ended, and is cancelled at its next await.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F>> run(F call) {
    // The empty slot: Boost 1.81 passes a cancellation to the other executor by a pointer into the operation, which may
    // have ended when it gets there.
    const boost::asio::cancellation_slot nothing;
    return boost::asio::co_spawn(pool_.get_executor(), invoke(std::move(call)),
                                 boost::asio::bind_cancellation_slot(nothing, boost::asio::use_awaitable));
  }

  /// Runs `call`, which throws nothing, after all that came before; nobody awaits it.
  template <class F>
  void post(F call) {
    boost::asio::post(pool_, std::move(call));
  }

  /// Waits for what was posted; nothing may be run afterwards.
  void join() { pool_.join(); }

 private:
  template <class F>
  static boost::asio::awaitable<std::invoke_result_t<F>> invoke(F call) {
    co_return call();
  }

  boost::asio::thread_pool pool_{1};
};

}  // namespace anlan
