// Readings to samples: which profile point each reading belongs to, so that normalize.hpp knows what it means. Pure.
#pragma once

#include <span>
#include <vector>

#include "edge/sample/normalize.hpp"
#include "edge/sensor/reading.hpp"

namespace anlan::edge {

class Sampler {
 public:
  /// `points[i]` describes the definition's point i; copied.
  explicit Sampler(std::vector<ProfilePoint> points) : points_(std::move(points)) {}

  /// One sample for each reading, with its time. REQUIRES the readings' points to be below the number of points.
  std::vector<Sample> operator()(std::span<const Reading> readings) const;

 private:
  std::vector<ProfilePoint> points_;
};

}  // namespace anlan::edge
