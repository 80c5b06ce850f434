// The pipeline's part in maintenance: what begins and ends becomes events, what is live again goes its ordinary way.
#include <algorithm>

#include "common/base/log.hpp"
#include "common/io/random.hpp"
#include "edge/app/pipeline.hpp"

namespace anlan::edge {

namespace {

constexpr Millis kLookEvery{1'000};  // at the wall clock, for windows of an earlier boot

EdgeEvent event_of(const OpenWindow& open, bool ended, const std::string& actor) {
  const MaintenanceWindow& window = open.window;
  std::string detail = ended ? "of " + window.by : "until " + to_rfc3339(window.until);
  if (!window.reason.empty()) detail += ": " + window.reason;
  return {open.device, ended ? "maintenance-end" : "maintenance-begin", std::move(detail), actor, window};
}

}  // namespace

Instant Pipeline::now() const { return {clock_.wall(), clock_.mono(), settings_.boot}; }

Result<MaintenanceChange> Pipeline::begin_maintenance(std::string_view device, std::string_view by,
                                                      std::string_view reason, Millis duration) {
  auto change = scorer_.begin_maintenance(device, by, reason, duration, now(), random_id<MaintenanceId>());
  if (change) settle(*change);
  return change;
}

Result<MaintenanceChange> Pipeline::end_maintenance(std::string_view device, std::string_view by, bool all) {
  auto change = scorer_.end_maintenance(device, by, all, now());
  if (change) settle(*change);
  return change;
}

void Pipeline::expire_maintenance() { settle(scorer_.expire_maintenance(now(), clock_.synced())); }

void Pipeline::settle(const MaintenanceChange& change) {
  const auto tell = [&](const std::vector<OpenWindow>& windows, bool ended) {
    for (const OpenWindow& open : windows) {
      const EdgeEvent event = event_of(open, ended, change.actor);
      log::info("maintenance", ended ? "over" : "begun",
                {{"device", open.device}, {"of", open.window.by}, {"detail", event.detail}, {"by", change.actor}});
      on_event(Kind::edge_event, event);
    }
  };
  tell(change.ended, true);
  tell(change.begun, false);
  take(change.transitions);
  if (!change.begun.empty()) maintenance_begun_.set();
}

boost::asio::awaitable<void> Pipeline::watch_maintenance() {
  while (true) {
    const auto end = scorer_.next_maintenance_end();
    const Millis left = end ? std::clamp(*end - clock_.mono(), Millis{0}, kLookEvery) : Millis{60'000};
    co_await maintenance_begun_.wait(left);
    if (scorer_.next_maintenance_end()) expire_maintenance();
  }
}

}  // namespace anlan::edge
