#include "edge/sample/reporter.hpp"

#include <algorithm>
#include <cmath>

namespace anlan::edge {
namespace {

/// Whether the two say the same: where there is no value, the quality says all.
bool close(const Sample& a, const Sample& b, double deadband) {
  if (a.quality != b.quality || std::isnan(a.value) != std::isnan(b.value)) return false;
  return std::isnan(a.value) || std::abs(a.value - b.value) <= deadband;
}

}  // namespace

Reporter::Reporter(std::vector<ReportRule> rules) {
  for (const ReportRule& rule : rules) {
    points_.push_back({.rule = rule, .last = {}, .least = {}, .most = {}});
    all_ = all_ && !rule.on_change;
  }
  if (all_) points_ = {};  // nothing is ever held back
}

/// What was held back and lies beyond what the reports around it reach.
void Reporter::release(Point& point, double reached_low, double reached_high, std::vector<Sample>& out) {
  const bool least = point.least && point.least->value < reached_low;
  const bool most = point.most && point.most->value > reached_high;
  const bool least_first = least && most && point.least->mono < point.most->mono;
  if (least && (least_first || !most)) out.push_back(*point.least);
  if (most) out.push_back(*point.most);
  if (least && most && !least_first) out.push_back(*point.least);
  point.least.reset();
  point.most.reset();
}

void Reporter::take(const Sample& sample, bool forced, std::vector<Sample>& out) {
  if (sample.point >= points_.size() || !points_[sample.point].rule.on_change) {
    out.push_back(sample);
    return;
  }
  Point& point = points_[sample.point];
  if (!forced && point.last && close(*point.last, sample, point.rule.deadband) && sample.mono >= point.last->mono &&
      sample.mono - point.last->mono < point.rule.heartbeat) {
    if (std::isnan(sample.value)) return;
    if (!point.least || sample.value < point.least->value) point.least = sample;
    if (!point.most || sample.value > point.most->value) point.most = sample;
    return;
  }
  if (point.last) {  // std::fmin and fmax leave a NaN out
    release(point, std::fmin(point.last->value, sample.value), std::fmax(point.last->value, sample.value), out);
  }
  point.last = sample;
  out.push_back(sample);
}

void Reporter::flush(std::vector<Sample>& out) {
  for (Point& point : points_)
    if (point.last) release(point, point.last->value, point.last->value, out);
}

}  // namespace anlan::edge
