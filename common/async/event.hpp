// A flag that coroutines of one strand wait for: the way a producer wakes its consumer.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/time.hpp"

namespace anlan {

/// Use on one strand only. One waiter at a time.
class Event {
 public:
  explicit Event(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// Wakes the waiter, now or at its next wait; several calls before it runs count once.
  void set() {
    set_ = true;
    timer_.cancel();
  }

  /// True where it was set, false where `timeout` passed first. Clears it. Throws when the coroutine is cancelled.
  boost::asio::awaitable<bool> wait(Millis timeout) {
    if (!set_) {
      timer_.expires_after(timeout);
      boost::system::error_code ignored;
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
      const auto state = co_await boost::asio::this_coro::cancellation_state;
      if (state.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
    const bool was = set_;
    set_ = false;
    co_return was;
  }

 private:
  boost::asio::steady_timer timer_;
  bool set_ = false;
};

}  // namespace anlan
