// Which samples are kept and sent, where not all of them are: those that say something new. Every sample is scored
// before. Pure.
//
// A sample is reported when its quality is another one, when it differs from the last reported value by more than the
// deadband, when the heartbeat is over, or when it is forced (it raised an alert). Before it go the least and the
// greatest of what was held back since the last report, unless the two reports already reach as far: with their own
// times and qualities. So each value that was held back lies within the deadband of the last reported one, and between
// the least and the greatest reported from there on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/model/sample.hpp"

namespace anlan::edge {

struct ReportRule {
  bool on_change = false;    // false: all samples
  double deadband = 0;       // in the point's unit, >= 0
  Millis heartbeat{60'000};  // an unchanged value is reported so often all the same; at a sample only
  bool operator==(const ReportRule&) const = default;
};

class Reporter {
 public:
  /// `rules[i]` is that of the definition's point i; points beyond are reported whole.
  explicit Reporter(std::vector<ReportRule> rules);

  /// Whether every sample is reported.
  bool reports_all() const { return all_; }

  /// Appends to `out` what is to be reported now: nothing, the sample, or the sample after what was held back. In order
  /// of time for each point. Not a copy of an earlier report, and never with another time.
  void take(const Sample& sample, bool forced, std::vector<Sample>& out);

  /// Appends the extremes that are still held back: nothing more is known about what comes.
  void flush(std::vector<Sample>& out);

 private:
  struct Point {
    ReportRule rule;
    std::optional<Sample> last;         // reported
    std::optional<Sample> least, most;  // held back since
  };
  static void release(Point& point, double reached_low, double reached_high, std::vector<Sample>& out);

  std::vector<Point> points_;
  bool all_ = true;
};

}  // namespace anlan::edge
