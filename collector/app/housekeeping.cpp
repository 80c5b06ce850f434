#include "collector/app/housekeeping.hpp"

#include "collector/notify/outbox.hpp"
#include "collector/store/changes.hpp"
#include "common/base/log.hpp"

namespace anlan::collector {

using boost::asio::awaitable;

namespace {

constexpr Millis kEvery{60'000};

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
  const auto compacted = co_await telemetry_.write(std::move(call));
  if (!compacted) log::error("store", "telemetry cannot be compacted", {{"reason", compacted.error().message}});
}

}  // namespace anlan::collector
