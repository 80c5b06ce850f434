// The only place that reads a clock. Pure cores take `now` as an argument; coroutines take a Clock&.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/base/time.hpp"

namespace anlan {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual MonoTime mono() const = 0;
  /// Whether the system says that its wall clock is synchronised (NTP); false where it cannot tell.
  virtual bool synced() const { return false; }
  /// Resumes at or after `when` on the awaiting executor; throws boost::system::system_error when cancelled.
  virtual boost::asio::awaitable<void> sleep_until(MonoTime when) = 0;
  boost::asio::awaitable<void> sleep_for(Millis duration) { return sleep_until(mono() + duration); }
};

/// CLOCK_REALTIME, CLOCK_BOOTTIME and Asio's timers. Stateless: any thread may read it.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  MonoTime mono() const override;
  bool synced() const override;
  boost::asio::awaitable<void> sleep_until(MonoTime when) override;
};

}  // namespace anlan
