// Readings to samples: which profile point each reading belongs to, so that decoder.hpp knows what it means. Pure.
#pragma once

#include <span>
#include <vector>

#include "edge/sample/decoder.hpp"
#include "edge/sensor/reading.hpp"

namespace anlan::edge {

class Sampler {
 public:
  /// Of so many points, each of which is to be described before it has readings.
  explicit Sampler(std::size_t points) : decoders_(points) {}

  /// `points[i]` describes the definition's point i.
  explicit Sampler(const std::vector<ProfilePoint>& points) : decoders_(points.begin(), points.end()) {}

  /// From now on the definition's point i means this.
  void describe(std::uint32_t i, const ProfilePoint& point) { decoders_.at(i) = Decoder(point); }

  /// One sample for each reading, with its time. REQUIRES the readings' points to be below the number of points.
  std::vector<Sample> operator()(std::span<const Reading> readings) const;

 private:
  std::vector<Decoder> decoders_;
};

}  // namespace anlan::edge
