#include "edge/sample/sampler.hpp"

namespace anlan::edge {
namespace {

Normalized normalized(const ProfilePoint& point, const Reading& reading) {
  switch (reading.form) {
    case Reading::Form::registers:
      return normalize(point, reading.registers);
    case Reading::Form::number:
      return normalize(point, reading.number);
    case Reading::Form::none:
      break;
  }
  return {kNoValue, reading.quality};
}

}  // namespace

std::vector<Sample> Sampler::operator()(std::span<const Reading> readings) const {
  std::vector<Sample> samples;
  samples.reserve(readings.size());
  for (const Reading& reading : readings) {
    const Normalized made = normalized(points_.at(reading.point), reading);
    samples.push_back({reading.point, made.value, made.quality, reading.time, reading.mono});
  }
  return samples;
}

}  // namespace anlan::edge
