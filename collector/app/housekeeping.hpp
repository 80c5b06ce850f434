// What a daemon that runs for years must do now and then: telemetry is compacted, what nobody needs any more goes.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "collector/app/config.hpp"
#include "collector/store/async_telemetry.hpp"
#include "collector/store/records.hpp"
#include "common/async/clock.hpp"

namespace anlan::collector {

/// At most this many rows of a table go in one transaction, so that none holds up an alert.
inline constexpr int kForgetAtOnce = 5'000;

/// One piece of what `retention` lets go at `now`; true where there is more. Inside the caller's transaction.
bool forget_piece(Database& database, const Retention& retention, WallTime now);

class Housekeeping {
 public:
  /// All must outlive it. `retention` may change while it runs.
  Housekeeping(Clock& clock, Records& records, AsyncTelemetry& telemetry, const Retention& retention)
      : clock_(clock), records_(records), telemetry_(telemetry), retention_(retention) {}

  /// Once at the start, then every minute, until cancelled. What fails is said and tried again.
  boost::asio::awaitable<void> run();

 private:
  boost::asio::awaitable<void> forget();
  boost::asio::awaitable<void> compact();
  boost::asio::awaitable<void> expire();

  Clock& clock_;
  Records& records_;
  AsyncTelemetry& telemetry_;
  const Retention& retention_;
};

}  // namespace anlan::collector
