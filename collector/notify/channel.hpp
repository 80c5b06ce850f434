// A way to reach somebody. Implementations: log/, webhook/.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "collector/notify/notification.hpp"
#include "common/base/result.hpp"

namespace anlan::collector {

class Channel {
 public:
  virtual ~Channel() = default;

  /// Unique and stable: it is in the outbox. "log", or a webhook's configured name.
  virtual const std::string& name() const = 0;

  /// This level and above.
  virtual Level from() const = 0;

  /// Hands one notification over, within a bounded time. May be called again with the same one (a crash between success
  /// and its mark): the receiver tells by `idempotency_key`. Errors: where retryable(code) is false (refused, malformed
  /// …) the receiver will not take it as things stand; it is tried again slowly, and counted.
  virtual boost::asio::awaitable<Result<void>> send(const Notification& notification) = 0;
};

}  // namespace anlan::collector
