// The scorer of a box beside one that never stops and whose clock is right: no restart in the middle of a delay, no
// step of the wall clock and no full disk may tell the two apart (promises 3 and 7).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "edge/score/scorer.hpp"

namespace anlan::walk {

class Engine {
 public:
  explicit Engine(edge::NewAlertId ids) : ids_(std::move(ids)) {}

  /// A process begins with the state that its buffer kept, or with the active alerts where it has none.
  void start(const std::string& state, const std::map<AlertId, AlertTransition>& active, const edge::Instant& now);

  /// One reading. `now`: of the box; `real`: of the one that never stops.
  std::vector<AlertTransition> apply(double value, const edge::Instant& now, const edge::Instant& real);

  std::string save(const edge::Instant& now) const { return scorer_->save(now); }
  std::vector<AlertTransition> active() const { return scorer_->active(); }
  static bool is_mine(const AlertTransition& transition);

  /// What save() gave is durable.
  void saved() {
    durable_ = readings_.size();
    based_on_disk_ = true;
  }
  /// False after follow(), until something was saved: another process begins with what the disk had before.
  bool based_on_disk() const { return based_on_disk_; }
  /// The process dies: readings whose effect was not durable never were.
  void die();
  /// The state was lost or rolled back: the other one begins where this one stands.
  void follow(const edge::Instant& now, const edge::Instant& real);

  /// A delay is running, so that a restart now falls into it.
  bool in_delay(const edge::Instant& now) const {
    return scorer_->active().empty() && save(now).find(R"("source")") != std::string::npos;
  }

  /// What the two decide differently; "" where nothing.
  std::string difference() const;

 private:
  struct Reading {
    double value;
    edge::Instant real;
  };
  edge::Scorer fresh() const;
  void replay();

  edge::NewAlertId ids_;
  std::optional<edge::Scorer> scorer_, shadow_;
  std::string began_with_;  // the shadow, at this time
  edge::Instant began_;
  std::vector<Reading> readings_;  // since then
  std::size_t durable_ = 0;        // of these
  bool based_on_disk_ = true;
};

}  // namespace anlan::walk
