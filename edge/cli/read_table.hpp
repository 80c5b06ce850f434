// The table of `anlan-edge read`. Pure.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "common/model/definition.hpp"
#include "common/model/sample.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// The highest level whose limit `value` has reached, high or low, without delays; none where no limit is reached.
struct Reached {
  Level level = Level::none;
  double limit = kNoValue;
};
Reached reached(const Limits& limits, double value);

struct ReadRow {
  const PointDefinition* point = nullptr;
  const ProfilePoint* profile = nullptr;
  std::optional<Sample> sample;  // nullopt: nothing came
  std::string place, raw;        // Modbus: which register, and the words that came
};

/// Columns as wide as their widest text, counted in characters.
void print_table(const std::vector<ReadRow>& rows, std::ostream& out);

}  // namespace anlan::edge
