#include "common/async/clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/timex.h>
#include <time.h>

namespace anlan {

WallTime SystemClock::wall() const { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

MonoTime SystemClock::mono() const {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return mono_from_ms(std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000);
}

bool SystemClock::synced() const {
  timex state{};  // modes 0: only asks
  return adjtimex(&state) != TIME_ERROR;
}

boost::asio::awaitable<void> SystemClock::sleep_until(MonoTime when) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, when - mono());
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace anlan
