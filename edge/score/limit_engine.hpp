// Four-level limits over all points of a definition: samples in, alert transitions out. Pure and driven by samples
// only (no timer, no clock), so that the same trace gives the same transitions live, offline and in replay (promise 7).
// What leads from one level to another is limit_track.hpp; this class adds points, ids, versions, evidence and score.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/shared.hpp"
#include "edge/score/saved_state.hpp"

namespace anlan::edge {

/// Random in the daemon (io/random.hpp), counting in tests.
using NewAlertId = std::function<AlertId()>;

/// Silence longer than this says that something is wrong: 3 periods, at least 10 s.
Millis tolerated_silence(Millis period);

/// Not thread-safe; call on one strand.
class LimitEngine {
 public:
  /// `maintenance`: which devices are out of service; null: none ever is.
  LimitEngine(Shared<Definition> definition, NewAlertId new_id,
              std::shared_ptr<const Maintenance> maintenance = nullptr);

  /// One sample, in the order in which they were taken. At most one transition per rule; `at` is the sample's own time.
  /// O(1), and without allocation where nothing happens. REQUIRES sample.point < definition's points.
  std::vector<AlertTransition> apply(const Sample& sample);

  /// A person resets a latched red alert: it is cleared, or lowered to the level that holds the newest value.
  /// Errors: invalid_argument (no name, or not UTF-8), not_found (no such active alert), conflict (not red, still at
  /// red, or no good value recent enough to know). Nothing changes on an error.
  Result<AlertTransition> reset(std::string_view source, std::string_view rule, std::string_view actor, WallTime at,
                                MonoTime now);

  /// Takes a new configuration. Alerts and delays go on, and are judged by the new limits at the next sample; an alert
  /// whose point, or whose limits in that direction, are gone is cleared by the actor "configuration" (returned).
  /// Samples applied afterwards carry the indices of the new definition.
  std::vector<AlertTransition> reconfigure(Shared<Definition> definition, WallTime at);

  /// Newest transition of every active alert.
  std::vector<AlertTransition> active() const;

  /// Returns to service every marked alert whose device is not out of service (any more).
  std::vector<AlertTransition> release(WallTime at);

  /// Of one point: the score of its newest value (risk_score.hpp), at least the anchor of its active level. Bad data
  /// leaves it as it was; nullopt: there has been no value and no alert.
  std::optional<double> score(std::uint32_t point) const;

  /// The highest score of all points; 0 where none has one.
  double risk() const;

  /// Whether the point deserves a closer look: an alert is active, a delay is on its way, or its newest value is near
  /// its lowest limit (nearing()). Cheap.
  bool raised(std::uint32_t point) const {
    const Newest& newest = newest_[point];
    const auto& [low, high] = calm_[point];
    return !newest.idle || newest.value <= low || newest.value >= high;
  }

  /// Changes whenever tracks() would say something else.
  std::uint64_t revision() const { return revision_; }

  /// What has to survive a restart, and taking it up again, before the first sample: what was there is replaced.
  /// adopt() returns what reconfigure() returns. REQUIRES rules high and low only, times of this boot.
  std::vector<SavedTrack> tracks() const;
  std::vector<AlertTransition> adopt(std::vector<SavedTrack> tracks, WallTime at);

  const Shared<Definition>& definition() const { return definition_; }

 private:
  struct Newest {                     // the hot part, one per point
    double quiet_low, quiet_high;     // strictly between: exceeds nothing
    double value = kNoValue;          // newest that may be believed, or was out of range
    std::optional<MonoTime> good_at;  // of the newest sample, where that was good
    bool idle = true;                 // both tracks are
    std::uint32_t rules = 0;          // index into rule_sets_
  };
  struct Rules {
    RuleLimits limits[2];  // by Rule
    Track tracks[2];
  };

  void lay_out();
  Rules& rules_of(std::size_t point) { return rule_sets_[newest_[point].rules]; }
  const Rules& rules_of(std::size_t point) const { return rule_sets_[newest_[point].rules]; }
  AlertTransition record(std::uint32_t point, Rule rule, const Change& change, const Sample& sample, std::string actor);
  Result<void> resettable(std::uint32_t point, Rule rule, MonoTime now) const;

  Shared<Definition> definition_;
  NewAlertId new_id_;
  std::shared_ptr<const Maintenance> maintenance_;
  std::vector<Newest> newest_;
  std::vector<Rules> rule_sets_;  // one per point that has limits; the first is for those that have none: always idle
  std::vector<std::pair<double, double>> calm_;  // strictly between: no limit is near
  std::uint64_t revision_ = 0;
};

}  // namespace anlan::edge
