#include "collector/app/housekeeping.hpp"

#include "collector/notify/outbox.hpp"
#include "collector/store/changes.hpp"
#include "common/base/log.hpp"

namespace anlan::collector {

using boost::asio::awaitable;

namespace {

constexpr Millis kEvery{60'000};

TelemetryRetention kept(const Retention& retention) {
  const auto age = [](int days) -> std::optional<Millis> {
    if (days == 0) return std::nullopt;
    return std::chrono::days{days};
  };
  return {age(retention.samples_days), age(retention.minute_rollups_days), age(retention.hour_rollups_days),
          age(retention.day_rollups_days)};
}

}  // namespace

bool forget_piece(Database& database, const Retention& retention, WallTime now) {
  const std::chrono::days changes{retention.changes_days}, notifications{retention.notifications_days};
  const auto pruned = changes::prune(database, now - changes, kForgetAtOnce);
  const auto emptied = Outbox(database).forget(now - notifications, kForgetAtOnce);
  return pruned == kForgetAtOnce || emptied == kForgetAtOnce;
}

awaitable<void> Housekeeping::run() {
  while (true) {
    co_await forget();
    co_await compact();
    co_await expire();
    co_await clock_.sleep_for(kEvery);
  }
}

awaitable<void> Housekeeping::forget() {
  while (true) {
    auto call = [retention = retention_, now = clock_.wall()](Database& database) -> Result<bool> {
      return forget_piece(database, retention, now);
    };
    const auto more = co_await records_.transact(std::move(call));
    if (!more)
      log::error("store", "old changes and notifications cannot be removed", {{"reason", more.error().message}});
    if (!more || !*more) co_return;
  }
}

awaitable<void> Housekeeping::compact() {
  auto call = [](TelemetryStore& store) { return store.compact(); };
  const auto compacted = co_await telemetry_.tidy(std::move(call));
  if (!compacted) log::error("store", "telemetry cannot be compacted", {{"reason", compacted.error().message}});
}

awaitable<void> Housekeeping::expire() {
  while (true) {
    auto call = [age = kept(retention_), now = clock_.wall()](TelemetryStore& store) { return store.expire(age, now); };
    const auto more = co_await telemetry_.tidy(std::move(call));
    if (!more) log::error("store", "old telemetry cannot be removed", {{"reason", more.error().message}});
    if (!more || !*more) co_return;
  }
}

}  // namespace anlan::collector
