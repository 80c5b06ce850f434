#include "edge/buffer/thinning.hpp"

#include <algorithm>
#include <cmath>

namespace anlan::edge {
namespace {

Sample marked(Sample sample, Quality quality) {
  sample.quality = quality;
  return sample;
}

}  // namespace

std::int64_t minute_of(WallTime time) {
  return std::chrono::floor<std::chrono::minutes>(time.time_since_epoch()).count();
}

void Thinner::add(const Samples& samples) {
  for (const Sample& sample : samples.samples)
    if (is_thinned(sample.quality))
      unchanged_[samples.definition].push_back(sample);
    else
      keep(samples.definition, sample);
}

void Thinner::keep(const DefinitionHash& definition, const Sample& sample) {
  Kept& kept = kept_[{definition, sample.point, minute_of(sample.time), sample.quality}];
  if (kept.count == 0) kept.lowest = kept.highest = kept.earliest = sample;
  if (kept.count < kept.first.size()) kept.first[kept.count] = sample;
  ++kept.count;
  kept.sum += sample.value;
  if (sample.time < kept.earliest.time) kept.earliest = sample;
  // A value is lower than none, so that one without a value stays only where there is no other.
  if (sample.value < kept.lowest.value || std::isnan(kept.lowest.value)) kept.lowest = sample;
  if (sample.value > kept.highest.value || std::isnan(kept.highest.value)) kept.highest = sample;
}

std::vector<Samples> Thinner::take() {
  auto out = std::exchange(unchanged_, {});
  for (auto& [key, kept] : kept_) {
    auto& samples = out[std::get<DefinitionHash>(key)];
    const bool good = std::get<Quality>(key) == Quality::good;
    if (good && kept.count <= kept.first.size()) {
      samples.insert(samples.end(), kept.first.begin(), kept.first.begin() + static_cast<std::ptrdiff_t>(kept.count));
    } else if (good) {
      Sample mean = marked(kept.earliest, Quality::minute_mean);
      mean.value = kept.sum / static_cast<double>(kept.count);
      samples.insert(samples.end(),
                     {marked(kept.lowest, Quality::minute_min), mean, marked(kept.highest, Quality::minute_max)});
    } else if (std::isnan(kept.lowest.value)) {
      samples.push_back(kept.earliest);
    } else {
      samples.push_back(kept.lowest);
      if (kept.highest.value != kept.lowest.value) samples.push_back(kept.highest);
    }
  }
  kept_.clear();
  std::vector<Samples> all;
  for (auto& [definition, samples] : out) {
    std::ranges::sort(samples, {}, [](const Sample& s) { return std::tuple(s.point, s.time, s.quality); });
    all.push_back({definition, std::move(samples)});
  }
  return all;
}

}  // namespace anlan::edge
