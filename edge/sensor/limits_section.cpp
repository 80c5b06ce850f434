#include "edge/sensor/limits_section.hpp"

#include <algorithm>
#include <array>

namespace anlan::edge {
namespace {

constexpr double kHour = 3'600'000, kDay = 86'400'000;

/// One direction while it is read: the limits and the line of each (the table's where a default stands).
struct Direction {
  std::string_view word;  // "high" or "low"
  LevelLimits& limits;
  std::array<int, 4> lines{};

  std::string called(const Section& section, Level level) const {
    return section.called() + "." + std::string(word) + "." + std::string(to_string(level));
  }
  int line(Level level) const { return lines[static_cast<std::size_t>(level) - 1]; }
};

void read_direction(Section& section, Direction& direction) {
  direction.lines.fill(section.line());
  section.table({.key = direction.word, .help = "limits of each level, in the point's unit"}, [&](Section& table) {
    for (const Level level : kLevels) {
      table.number_or_none(
          {.key = to_string(level), .help = "a value at or beyond it raises this level; \"none\": no such limit"},
          direction.limits.of(level));
      if (table.has(to_string(level)))
        direction.lines[static_cast<std::size_t>(level) - 1] = table.line(to_string(level));
    }
  });
}

void check_order(Section& section, const Direction& direction, bool rises) {
  std::optional<Level> before;
  for (const Level level : kLevels) {
    const auto& limit = direction.limits.of(level);
    if (!limit) continue;
    const double previous = before ? *direction.limits.of(*before) : 0;
    if (before && (rises ? *limit <= previous : *limit >= previous))
      section.fault_at(std::max(direction.line(level), direction.line(*before)),
                       direction.called(section, level) + " is " + Section::shown(*limit) + " while " +
                           std::string(to_string(*before)) + " is " + Section::shown(previous),
                       rises ? "high limits that rise from blue to red" : "low limits that fall from blue to red");
    before = level;
  }
}

void check_range(Section& section, const Direction& direction, const ValidRange& range) {
  for (const Level level : kLevels) {
    const auto& limit = direction.limits.of(level);
    const bool below = limit && range.min && *limit < *range.min, above = limit && range.max && *limit > *range.max;
    if (!below && !above) continue;
    std::string right = "a limit inside the valid range";
    if (range.min) right += ", at least " + Section::shown(*range.min);
    if (range.max) right += ", at most " + Section::shown(*range.max);
    section.fault_at(
        direction.line(level),
        direction.called(section, level) + " is " + Section::shown(*limit) + ", which no good value reaches", right);
  }
}

/// The line that a fault between limits points at: the lowest of those that this file gives.
int last_line(const Direction& a, const Direction& b) {
  return std::max(std::ranges::max(a.lines), std::ranges::max(b.lines));
}

void check_gap(Section& section, const Direction& high, const Direction& low, double deadband) {
  std::optional<double> lowest_high, highest_low;
  for (const Level level : kLevels) {
    if (const auto& limit = high.limits.of(level)) lowest_high = std::min(*limit, lowest_high.value_or(*limit));
    if (const auto& limit = low.limits.of(level)) highest_low = std::max(*limit, highest_low.value_or(*limit));
  }
  if (!lowest_high || !highest_low) return;
  const std::string between = "the lowest high limit is " + Section::shown(*lowest_high) + ", the highest low limit " +
                              Section::shown(*highest_low);
  if (*lowest_high <= *highest_low)
    return section.fault_at(last_line(high, low), section.called() + ": " + between,
                            "high limits above all low limits");
  if (*lowest_high - deadband <= *highest_low)
    section.fault("deadband", "is " + Section::shown(deadband) + " while " + between,
                  "a deadband smaller than their distance, so that an alert can end");
}

}  // namespace

void read_limits(Section& section, const ValidRange& range, Limits& limits) {
  Direction high{"high", limits.high}, low{"low", limits.low};
  const std::size_t before = section.fault_count();
  section.number({.key = "deadband",
                  .help = "a level is left only this far inside its limit",
                  .unit = "the point's unit",
                  .min = 0},
                 limits.deadband);
  section.millis({.key = "on_delay_ms",
                  .help = "how long a limit must be exceeded before blue, yellow and orange; red needs one sample",
                  .min = 0,
                  .max = kHour},
                 limits.on_delay);
  section.millis(
      {.key = "off_delay_ms", .help = "how long a value must be back before a level is left", .min = 0, .max = kDay},
      limits.off_delay);
  read_direction(section, high);
  read_direction(section, low);
  if (section.fault_count() != before) return;  // what is faulty already need not be compared
  check_order(section, high, true);
  check_order(section, low, false);
  check_range(section, high, range);
  check_range(section, low, range);
  if (section.fault_count() == before) check_gap(section, high, low, limits.deadband);
}

}  // namespace anlan::edge
