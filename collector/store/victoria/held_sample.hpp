// One sample on its way to the engine.
#pragma once

#include <cstdint>
#include <tuple>

#include "common/model/sample.hpp"

namespace anlan::collector::victoria {

struct HeldSample {
  std::int64_t time = 0;  // epoch milliseconds
  double value = kNoValue;
  Quality quality = Quality::good;
  std::uint32_t epoch = 0;  // row of the table epoch
  std::uint64_t sequence = 0;
  std::uint32_t index = 0;  // place in its record

  auto identity() const { return std::tuple(epoch, sequence, index); }
};

/// A sample and its point, a row of the table point.
struct PlacedSample {
  std::int64_t point = 0;
  HeldSample sample;
};

}  // namespace anlan::collector::victoria
