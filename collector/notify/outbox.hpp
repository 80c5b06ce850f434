// The notifications still to be delivered, in the collector's database. enqueue() runs in the transaction that changes
// the alert, so nothing is committed without its notification; the rest in transactions of the notifier.
// Throws DatabaseError. On the Database's worker.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/hazard/hazard.hpp"
#include "collector/notify/notification.hpp"
#include "collector/notify/retry.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

/// Migration steps of the table notification.
const std::vector<std::string>& notify_schema();

/// What the outbox must know of a channel.
struct ChannelRule {
  std::string name;
  Level from = Level::none;  // this level and above
};

/// The text that a receiver gets: docs/formats/notification.md.
std::string notification_payload(const Call& call, WallTime now);

/// One row for each channel that wants the level; nothing where (alert, level, channel) was ever queued before.
void enqueue(Database& database, const std::vector<ChannelRule>& channels, const std::vector<Call>& calls,
             WallTime now);

class Outbox {
 public:
  explicit Outbox(Database& database) : database_(database) {}

  /// The one to send next: red before others, then the oldest; nullopt where none is due.
  std::optional<Notification> next_due(const std::string& channel, const RetrySchedule& schedule, WallTime now) const;
  /// When the next one comes due, where any waits.
  std::optional<WallTime> next_time(const std::string& channel) const;

  void delivered(const Notification& notification, WallTime now);
  /// `next` nullopt: given up.
  void failed(const Notification& notification, const Error& error, std::optional<WallTime> next, WallTime now);
  /// The channel works again: whatever waits is due now.
  void hurry(const std::string& channel, WallTime now);

  /// Empties at most `most` payloads of what was settled (delivered, given up) before `before`. The row stays: its key
  /// never rings again. Returns how many: fewer than `most` where no more are due.
  std::int64_t forget(WallTime before, int most);

  struct Depth {
    std::string channel;
    std::int64_t waiting = 0;
    std::optional<WallTime> oldest;
  };
  std::vector<Depth> depths() const;  // channels that are no longer configured included

 private:
  Database& database_;
};

}  // namespace anlan::collector
