#include "collector/notify/retry.hpp"

#include <algorithm>

namespace anlan::collector {

std::optional<Millis> RetrySchedule::next(Level level, int attempts, bool helps, Millis since_queued) const {
  const bool is_red = level == Level::red;
  if (!is_red && since_queued >= give_up_after) return std::nullopt;
  if (!helps) return is_red ? refused_red : refused;
  const auto ceiling = is_red ? most_red : most;
  auto delay = first;
  for (int i = 1; i < attempts && delay < ceiling; ++i) delay *= 2;
  return std::min(delay, ceiling);
}

bool RetrySchedule::due(const Notification& notification, WallTime now) const {
  const auto longest = std::max({first, most, most_red, refused, refused_red});
  return now >= notification.next_attempt || notification.next_attempt - now > longest;
}

}  // namespace anlan::collector
