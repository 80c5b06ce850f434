#include "collector/notify/log/log_channel.hpp"

#include "common/base/log.hpp"

namespace anlan::collector {

boost::asio::awaitable<Result<void>> LogChannel::send(const Notification& notification) {
  const auto severity = notification.level >= Level::orange ? log::Level::error : log::Level::warning;
  log::line(severity, "notify", "alert",
            {{"level", to_string(notification.level)},
             {"key", notification.idempotency_key()},
             {"notification", notification.payload}});
  co_return Result<void>{};
}

}  // namespace anlan::collector
