// One notification for one channel, as it stands in the outbox.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/time.hpp"
#include "common/model/ids.hpp"
#include "common/model/level.hpp"

namespace anlan::collector {

struct Notification {
  std::int64_t number = 0;  // of its row
  AlertId alert;
  Level level = Level::none;
  std::string channel;
  std::string payload;  // JSON, the same at each try; docs/formats/notification.md
  WallTime queued_at{};
  int attempts = 0;  // made so far
  WallTime last_attempt{}, next_attempt{};

  /// The same for every try and every channel: (alert id, level), for good.
  std::string idempotency_key() const { return alert.hex() + "-" + std::string(to_string(level)); }
};

}  // namespace anlan::collector
