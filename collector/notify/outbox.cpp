#include "collector/notify/outbox.hpp"

#include "collector/audit/audit_log.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

namespace {

constexpr const char* kColumns =
    "number, alert, level, channel, payload, queued_at, attempts, last_attempt, next_attempt";

Notification read(const SqlRow& row) {
  SqlReader in(row);
  Notification n;
  n.number = in.integer();
  n.alert = in.id<AlertId>();
  n.level = static_cast<Level>(in.integer());
  n.channel = in.text();
  n.payload = in.text();
  n.queued_at = in.time();
  n.attempts = static_cast<int>(in.integer());
  n.last_attempt = in.time();
  n.next_attempt = in.time();
  return n;
}

void enter(Database& database, const std::string& what, const AlertId& alert, Level level, const std::string& channel,
           WallTime now, std::map<std::string, std::string> data = {}) {
  data["channel"] = channel;
  data["level"] = std::string(to_string(level));
  audit::append(database, {now, system_actor(), "notification." + what, "alert/" + alert.hex(), "", std::move(data)});
}

}  // namespace

const std::vector<std::string>& notify_schema() {
  static const std::vector<std::string> steps{
      R"(CREATE TABLE notification (
        number BIGINT PRIMARY KEY, alert TEXT NOT NULL, level BIGINT NOT NULL, channel TEXT NOT NULL,
        payload TEXT NOT NULL, is_red BIGINT NOT NULL, state TEXT NOT NULL, queued_at BIGINT NOT NULL,
        attempts BIGINT NOT NULL, last_attempt BIGINT NOT NULL, next_attempt BIGINT NOT NULL, last_error TEXT NOT NULL,
        delivered_at BIGINT, UNIQUE (alert, level, channel)))",
      "CREATE INDEX notification_waiting ON notification (channel, state, is_red, next_attempt)",
      "CREATE INDEX notification_done ON notification (last_attempt) WHERE state <> 'waiting' AND payload <> ''",
  };
  return steps;
}

void enqueue(Database& database, const std::vector<ChannelRule>& channels, const std::vector<Call>& calls,
             WallTime now) {
  for (const auto& call : calls)
    for (const auto& channel : channels) {
      if (call.ring.level < channel.from) continue;
      const auto added = insert_row(database, "notification",
                                    {{"number", next_number(database, "notification")},
                                     {"alert", sql(call.ring.alert.id.hex())},
                                     {"level", sql(static_cast<int>(call.ring.level))},
                                     {"channel", sql(channel.name)},
                                     {"payload", sql(notification_payload(call, now))},
                                     {"is_red", sql(call.ring.level == Level::red)},
                                     {"state", sql("waiting")},
                                     {"queued_at", sql(now)},
                                     {"attempts", sql(0)},
                                     {"last_attempt", sql(now)},
                                     {"next_attempt", sql(now)},
                                     {"last_error", sql("")}},
                                    "ON CONFLICT (alert, level, channel) DO NOTHING");
      if (added > 0) enter(database, "queued", call.ring.alert.id, call.ring.level, channel.name, now);
    }
}

std::optional<Notification> Outbox::next_due(const std::string& channel, const RetrySchedule& schedule,
                                             WallTime now) const {
  // Red first; among those the one whose time came first. A few rows, in case the wall clock was set back.
  for (const int red : {1, 0})
    for (const char* order : {"next_attempt, number", "next_attempt DESC, number"}) {
      const auto rows =
          database_.query("SELECT " + std::string(kColumns) +
                              " FROM notification WHERE channel = :p1 AND state = 'waiting' AND is_red = :p2 "
                              "ORDER BY " +
                              order + " LIMIT 1",
                          {sql(channel), sql(red)});
      if (rows.empty()) break;
      auto notification = read(rows.front());
      if (schedule.due(notification, now)) return notification;
    }
  return std::nullopt;
}

std::optional<WallTime> Outbox::next_time(const std::string& channel) const {
  const auto rows = database_.query(
      "SELECT next_attempt FROM notification WHERE channel = :p1 AND state = 'waiting' ORDER BY next_attempt LIMIT 1",
      {sql(channel)});
  if (rows.empty()) return std::nullopt;
  return wall_from_ms(rows.front().integer(0));
}

void Outbox::delivered(const Notification& n, WallTime now) {
  update_row(database_, "notification", {"number", sql(n.number)},
             {{"state", sql("delivered")},
              {"attempts", sql(n.attempts + 1)},
              {"last_attempt", sql(now)},
              {"last_error", sql("")},
              {"delivered_at", sql(now)}});
  enter(database_, "delivered", n.alert, n.level, n.channel, now, {{"attempts", std::to_string(n.attempts + 1)}});
}

void Outbox::failed(const Notification& n, const Error& error, std::optional<WallTime> next, WallTime now) {
  update_row(database_, "notification", {"number", sql(n.number)},
             {{"state", sql(next ? "waiting" : "given-up")},
              {"attempts", sql(n.attempts + 1)},
              {"last_attempt", sql(now)},
              {"next_attempt", sql(next.value_or(now))},
              {"last_error", sql(std::string(to_string(error.code)) + ": " + error.message)}});
  // Of many attempts in vain the first is told, and the end: a channel that is dead for a week must not fill the log.
  if (n.attempts == 0 || !next)
    enter(database_, next ? "failed" : "given-up", n.alert, n.level, n.channel, now,
          {{"attempts", std::to_string(n.attempts + 1)},
           {"error", std::string(to_string(error.code)) + ": " + error.message}});
}

void Outbox::hurry(const std::string& channel, WallTime now) {
  database_.exec(
      "UPDATE notification SET next_attempt = :p1 WHERE channel = :p2 AND state = 'waiting' AND next_attempt > :p1",
      {sql(now), sql(channel)});
}

std::int64_t Outbox::forget(WallTime before, int most) {
  return database_.exec(
      "UPDATE notification SET payload = '' WHERE number IN (SELECT number FROM notification "
      "WHERE state <> 'waiting' AND payload <> '' AND last_attempt < :p1 LIMIT :p2)",
      {sql(before), sql(most)});
}

std::vector<Outbox::Depth> Outbox::depths() const {
  std::vector<Depth> out;
  for (const auto& row :
       database_.query("SELECT channel, COUNT(*), MIN(queued_at) FROM notification WHERE state = 'waiting' "
                       "GROUP BY channel ORDER BY channel")) {
    SqlReader in(row);
    Depth depth;
    depth.channel = in.text();
    depth.waiting = in.integer();
    depth.oldest = in.maybe_time();
    out.push_back(std::move(depth));
  }
  return out;
}

}  // namespace anlan::collector
