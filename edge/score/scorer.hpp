// The scoring stage: a sample in, alert transitions out; the limits of every point (limit_engine.hpp) and the watch
// over silent devices (device_watch.hpp) behind one door, with one state that survives restarts.
//
// In the daemon: restore() what the buffer kept and commit what it returns; then apply() each sample, and where
// transitions come back or revision() has changed, put save() into the same commit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/score/device_watch.hpp"
#include "edge/score/limit_engine.hpp"
#include "edge/score/orphans.hpp"

namespace anlan::edge {

/// What beginning or ending a maintenance did.
struct MaintenanceChange {
  std::vector<OpenWindow> ended, begun;      // in this order
  std::string actor;                         // who ended; empty: their time
  std::vector<AlertTransition> transitions;  // alerts reset with it, and those that are live again
  bool empty() const { return ended.empty() && begun.empty() && transitions.empty(); }
};

/// Not thread-safe; call on one strand. Reads no clock; the samples' own times run every delay.
class Scorer {
 public:
  using Titles = DeviceWatch::Titles;

  Scorer(Shared<Definition> definition, NewAlertId new_id, Titles titles = {});

  /// One sample, in the order in which they were taken; the transitions are in order too.
  std::vector<AlertTransition> apply(const Sample& sample);

  /// See LimitEngine. Also refuses the reset of a technical alert (conflict): it clears by itself. One whose place is
  /// gone (orphans.hpp) is ended, whatever its level and step.
  Result<AlertTransition> reset(std::string_view source, std::string_view rule, std::string_view actor, WallTime at,
                                MonoTime now);
  std::vector<AlertTransition> reconfigure(Shared<Definition> definition, Titles titles, WallTime at);
  std::vector<AlertTransition> active() const;
  /// Of these, those whose point, device or limits are not configured.
  const Orphans& orphans() const { return orphans_; }
  std::optional<double> score(std::uint32_t point) const { return limits_.score(point); }
  double risk() const { return limits_.risk(); }
  bool raised(std::uint32_t point) const { return limits_.raised(point); }

  /// See Maintenance (maintenance.hpp); `device` is site/device. Errors: not_found too, where no such device is
  /// configured.
  Result<MaintenanceChange> begin_maintenance(std::string_view device, std::string_view by, std::string_view reason,
                                              Millis duration, const Instant& now, const MaintenanceId& id);

  /// Where it was the device's last window: a red that latched under it is reset in the name of `by`, whatever is still
  /// there is live again.
  Result<MaintenanceChange> end_maintenance(std::string_view device, std::string_view by, bool all, const Instant& now);

  /// What ran out, and what restore(), resume() and reconfigure() left without a device or a window. Call it after
  /// those and at next_maintenance_end(). A latched red is not reset by time: it is live again.
  MaintenanceChange expire_maintenance(const Instant& now, bool synced);
  std::optional<MonoTime> next_maintenance_end() const { return maintenance_->next_end(); }
  const std::vector<OpenWindow>& maintenance() const { return maintenance_->open(); }

  /// Changes whenever save() would say something else (apart from its time).
  std::uint64_t revision() const {
    return limits_.revision() + devices_.revision() + maintenance_->revision() + orphans_.revision();
  }

  std::string save(const Instant& now) const;

  /// Takes up a saved state, before the first sample. An alert whose point or limits are no longer configured goes on
  /// as one of orphans(): nobody has answered for its end. An empty text is an empty state. Errors: malformed,
  /// unsupported, too_large; the scorer is then as it was.
  Result<void> restore(std::string_view text, const Instant& now);

  /// Where the saved state cannot be read: goes on with the newest transitions of the active alerts, which the buffer
  /// has too. No alert is lost by it, a red stays red; only running delays begin anew.
  void resume(std::vector<AlertTransition> active);

  const Shared<Definition>& definition() const { return limits_.definition(); }

 private:
  void adopt(std::vector<SavedTrack> tracks);
  void place(std::vector<SavedTrack> tracks);

  bool has_device(std::string_view device) const;
  void release(MaintenanceChange& change, WallTime at);

  std::shared_ptr<Maintenance> maintenance_;  // both look at it
  std::shared_ptr<NewAlertId> new_id_;        // one source for both: a copy of it would give the same ids twice
  LimitEngine limits_;
  DeviceWatch devices_;
  Orphans orphans_;
};

}  // namespace anlan::edge
