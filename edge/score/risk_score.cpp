#include "edge/score/risk_score.hpp"

#include <algorithm>
#include <cmath>

namespace anlan::edge {
namespace {

struct Corner {
  double x, score;
};

struct Curve {
  std::array<Corner, 4> corners{};
  std::size_t count = 0;
  Level highest = Level::none;
};

Curve curve_of(const RuleLimits& limits) {
  Curve curve;
  for (const Level level : kLevels) {
    if (!limits.of(level)) continue;
    curve.corners[curve.count++] = {*limits.of(level), anchor(level)};
    curve.highest = level;
  }
  return curve;
}

/// The most that a value beyond the highest configured level may score.
double ceiling(Level highest) {
  return highest == Level::red ? 100 : anchor(static_cast<Level>(static_cast<int>(highest) + 1)) - 1;
}

/// Score points per unit outside the corners.
double outer_slope(const Corner& lowest, const Corner& highest, double deadband) {
  if (highest.x > lowest.x) return (highest.score - lowest.score) / (highest.x - lowest.x);
  const double size = std::max(std::abs(lowest.x), deadband);
  return lowest.score / (size > 0 ? size : 1);
}

}  // namespace

double anchor(Level level) {
  constexpr double scores[] = {0, 40, 60, 75, 90};
  return scores[static_cast<std::size_t>(level)];
}

double risk_score(const RuleLimits& limits, double value) {
  const double x = limits.toward_danger(value);
  const auto [corners, count, highest] = curve_of(limits);
  if (count == 0) return 0;
  const Corner &first = corners[0], &last = corners[count - 1];
  const double slope = outer_slope(first, last, limits.deadband);
  if (x >= last.x) return std::min(ceiling(highest), last.score + (x - last.x) * slope);
  if (x < first.x) return std::max(0.0, first.score - (first.x - x) * slope);
  std::size_t i = 1;
  while (x >= corners[i].x) ++i;
  const Corner &a = corners[i - 1], &b = corners[i];
  return a.score + (x - a.x) / (b.x - a.x) * (b.score - a.score);
}

double nearing(const RuleLimits& limits) {
  const auto [corners, count, highest] = curve_of(limits);
  if (count == 0) return INFINITY;
  const Corner& first = corners[0];
  return first.x - first.score / 4 / outer_slope(first, corners[count - 1], limits.deadband);
}

}  // namespace anlan::edge
