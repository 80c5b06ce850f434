#include "edge/sample/sampler.hpp"

namespace anlan::edge {
namespace {

Normalized normalized(const Decoder& decode, const Reading& reading) {
  switch (reading.form) {
    case Reading::Form::registers:
      return decode(reading.registers);
    case Reading::Form::number:
      return decode(reading.number);
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
    const Normalized made = normalized(decoders_.at(reading.point), reading);
    samples.push_back({reading.point, made.value, made.quality, reading.time, reading.mono});
  }
  return samples;
}

}  // namespace anlan::edge
