// When a notification that was not delivered is tried again. Pure: what it needs is stored with the notification.
#pragma once

#include <optional>

#include "collector/notify/notification.hpp"

namespace anlan::collector {

struct RetrySchedule {
  Millis first{1'000};
  Millis most{300'000}, most_red{15'000};        // between tries while the receiver is away
  Millis refused{600'000}, refused_red{60'000};  // where the receiver says that trying again is useless
  Millis give_up_after{std::chrono::hours{72}};  // since it was queued; red is never given up

  /// After `attempts` (>= 1) failed tries: the delay, doubling from `first`; nullopt: given up.
  std::optional<Millis> next(Level level, int attempts, bool helps, Millis since_queued) const;

  /// True where its time has come, or where the wall clock was set back by more than any delay could be.
  bool due(const Notification& notification, WallTime now) const;
};

}  // namespace anlan::collector
