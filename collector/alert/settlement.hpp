// Turns what episode.hpp decided into rows, history, change feed and the outcome for the next stage.
#pragma once

#include <string>
#include <vector>

#include "collector/alert/alert.hpp"
#include "collector/alert/alert_rows.hpp"

namespace anlan::collector {

/// One input to the book, as history will tell it.
struct Input {
  EdgeRef edge;
  bool technical = false;
  std::string via;             // AlertEvent::via
  std::optional<Epoch> epoch;  // of the record or hello
  WallTime now{};
  struct Quote {
    AlertTransition transition;
    std::string what;  // the line in the history; empty: only where it changes how the alert stands
  };
  std::vector<Quote> quotes;  // what the input says, alert by alert
};

/// A transition heard of this long after it was decided is late.
inline constexpr Millis kLate{60'000};

class Settlement {
 public:
  explicit Settlement(Database& database) : database_(database), rows_(database) {}

  /// `before` and `after`: the edge's alerts, as far as loaded, before and after the input; `effects`: what it did.
  AlertOutcome settle(const Input& input, const EdgeAlerts& before, const EdgeAlerts& after, const Effects& effects);

  /// Writes a row that a person has changed, with its line of history.
  AlertChange record(Alert alert, const Alert& was, const AlertEvent& event, std::uint8_t rung);

  /// Sets who is shown under whom among the open alerts of (source, rule).
  void regroup(const std::string& source, const std::string& rule, WallTime now);

 private:
  std::optional<AlertChange> settle_one(const Input& input, const AlertId& id, const EdgeAlerts& before,
                                        const EdgeAlerts& after, const Effects& effects);
  void note(const Alert& alert, const AlertEvent& event);
  void feed(const Alert& alert, std::string_view what, WallTime now);

  Database& database_;
  AlertRows rows_;
};

}  // namespace anlan::collector
