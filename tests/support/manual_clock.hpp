// A clock that only tests move. Coroutines that sleep on it wake in order of time, on the io_context they run on.
#pragma once

#include <algorithm>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/async/clock.hpp"

namespace anlan::test {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime wall = wall_from_ms(1'800'000'000'000), MonoTime mono = mono_from_ms(1'000'000))
      : wall_(wall), mono_(mono) {}

  WallTime wall() const override { return wall_; }
  MonoTime mono() const override { return mono_; }
  bool synced() const override { return in_sync; }
  bool in_sync = false;  // as the system says it

  boost::asio::awaitable<void> sleep_until(MonoTime when) override {
    const auto executor = co_await boost::asio::this_coro::executor;
    if (when <= mono_) {
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
      co_return;
    }
    boost::asio::steady_timer timer(executor, boost::asio::steady_timer::time_point::max());
    Sleep sleep(*this, when, timer);
    boost::system::error_code ignored;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
      throw boost::system::system_error(boost::asio::error::operation_aborted);
  }

  /// Lets `duration` pass: everything due meanwhile happens at its own time, and everything ready is run.
  void advance(boost::asio::io_context& io, Millis duration) {
    const MonoTime target = mono_ + duration;
    for (;;) {
      run_ready(io);
      const auto next = std::min_element(sleeps_.begin(), sleeps_.end(),
                                         [](const Sleep* a, const Sleep* b) { return a->when < b->when; });
      if (next == sleeps_.end() || (*next)->when > target) break;
      move_to(std::max(mono_, (*next)->when));
      Sleep* const due = *next;
      sleeps_.erase(next);
      due->timer.cancel();
    }
    move_to(target);
    run_ready(io);
  }

  static void run_ready(boost::asio::io_context& io) {
    io.restart();
    while (io.poll() > 0) io.restart();
  }

  /// How many coroutines sleep on it: where others are at work on worker threads, nothing is ready though much goes on.
  std::size_t sleepers() const { return sleeps_.size(); }

  /// Somebody sets the wall clock; monotonic time goes on.
  void step_wall(Millis by) { wall_ += by; }

 private:
  struct Sleep {
    Sleep(ManualClock& c, MonoTime w, boost::asio::steady_timer& t) : clock(c), when(w), timer(t) {
      clock.sleeps_.push_back(this);
    }
    ~Sleep() { std::erase(clock.sleeps_, this); }
    Sleep(const Sleep&) = delete;
    ManualClock& clock;
    MonoTime when;
    boost::asio::steady_timer& timer;
  };

  void move_to(MonoTime when) {
    wall_ += when - mono_;
    mono_ = when;
  }

  WallTime wall_;
  MonoTime mono_;
  std::vector<Sleep*> sleeps_;
};

}  // namespace anlan::test
