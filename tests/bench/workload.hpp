// The one data set of the figures of line, store and ingest (DESIGN.md §6), seeded, the same for both sides: points
// that walk at random in steps of ± 0.1 once a second, millisecond jitter, 1 % quality changes, 1 % late by half a
// minute.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/model/definition.hpp"
#include "common/model/sample.hpp"

namespace anlan::bench {

inline constexpr std::uint32_t kPointsPerEdge = 50;
inline constexpr std::int64_t kWorkloadBegins = 1'700'000'000'000;  // ms since 1970

inline std::string edge_name(std::size_t edge) { return "edge-" + std::to_string(edge); }
inline std::string site_name(std::size_t edge) { return "site-" + std::to_string(edge); }

/// The points of one edge: site-N/device/p0 … p49.
inline std::shared_ptr<const Definition> definition_of(std::size_t edge) {
  auto definition = std::make_shared<Definition>();
  for (std::uint32_t i = 0; i < kPointsPerEdge; ++i) {
    definition->points.emplace_back();
    definition->points.back().path = {site_name(edge), "device", "p" + std::to_string(i)};
  }
  return definition;
}

/// What the points of one edge measure. Each edge's walk depends on its number alone.
class Walk {
 public:
  explicit Walk(std::size_t edge, std::int64_t step_ms = 1000)
      : step_ms_(step_ms), random_(edge + 1), values_(kPointsPerEdge, 200), quality_(kPointsPerEdge, Quality::good) {}

  /// Appends one sample of every point and goes on by one step.
  void step(std::vector<Sample>& out) {
    const std::int64_t at = now_ + static_cast<std::int64_t>(random_() % 5);
    for (std::uint32_t i = 0; i < kPointsPerEdge; ++i) {
      values_[i] += static_cast<std::int64_t>(random_() % 3) - 1;
      if (random_() % 100 == 0) quality_[i] = quality_[i] == Quality::good ? Quality::out_of_range : Quality::good;
      Sample sample;
      sample.point = i;
      sample.value = static_cast<double>(values_[i]) / 10;
      sample.quality = quality_[i];
      sample.time = wall_from_ms(random_() % 100 == 0 ? at - 30'000 : at);
      out.push_back(sample);
    }
    now_ += step_ms_;
  }

 private:
  std::int64_t step_ms_, now_ = kWorkloadBegins;
  std::mt19937_64 random_;
  std::vector<std::int64_t> values_;
  std::vector<Quality> quality_;
};

}  // namespace anlan::bench
