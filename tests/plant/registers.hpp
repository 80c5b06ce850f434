// Values as registers: the device's side of what a firmware profile describes, written apart from the edge's decoder so
// that one checks the other. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/result.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::plant {

using edge::ByteOrder;
using edge::Table;
using edge::ValueType;

/// Where a point lies in its device, and how its value is written there: raw = (value − offset) / scale.
struct Place {
  Table table = Table::holding_registers;
  std::uint16_t address = 0;  // zero-based, as on the wire
  ValueType type = ValueType::u16;
  ByteOrder order = ByteOrder::abcd;
  double scale = 1, offset = 0;  // scale is not 0

  int size() const { return edge::register_count(type); }
  bool bits() const { return table == Table::coils || table == Table::discrete_inputs; }
};

/// The words of `value` (integers rounded to nearest; a bit is one word, 0 or 1). Errors: invalid_argument where the
/// type cannot hold the value.
Result<std::vector<std::uint16_t>> encode(double value, const Place& place);

/// The value that `words` (place.size() of them) stand for.
double decode(std::span<const std::uint16_t> words, const Place& place);

}  // namespace anlan::plant
