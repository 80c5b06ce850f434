#include "edge/sample/decoder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace anlan::edge {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

}  // namespace

Decoder::Decoder(const ProfilePoint& point)
    : scaling_(point.scale, point.offset),
      valid_min_(point.valid_min.value_or(-kInfinite)),
      valid_max_(point.valid_max.value_or(kInfinite)),
      fault_patterns_(point.fault_patterns) {
  if (const auto* source = std::get_if<ModbusSource>(&point.source)) source_ = *source;
}

Normalized Decoder::finish(const Raw& raw) const {
  const bool faulty = std::ranges::find(fault_patterns_, raw.bits) != fault_patterns_.end();
  if (raw.form == Raw::Form::none || faulty) return {kNoValue, Quality::device_fault};
  const double value = raw.form == Raw::Form::integer ? scaling_(raw.integer)
                       : raw.form == Raw::Form::large ? scaling_(raw.bits)
                                                      : scaling_(raw.real);
  if (!std::isfinite(value)) return {kNoValue, Quality::device_fault};
  return {value, value < valid_min_ || value > valid_max_ ? Quality::out_of_range : Quality::good};
}

Normalized Decoder::operator()(std::span<const std::uint16_t> registers) const {
  return finish(decode(source_, registers));
}

Normalized Decoder::operator()(double raw) const { return finish({Raw::Form::real, 0, raw, pattern(raw)}); }

}  // namespace anlan::edge
