#include "edge/sample/encoder.hpp"

#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "edge/sample/decoder.hpp"
#include "edge/sample/entered_value.hpp"

namespace anlan::edge {
namespace {

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

template <class Integer>
bool fits(double raw) {  // raw is whole
  return raw >= static_cast<double>(std::numeric_limits<Integer>::min()) &&
         raw < std::ldexp(1.0, std::numeric_limits<Integer>::digits);
}

std::uint64_t bcd_of(std::uint64_t number) {
  std::uint64_t bits = 0;
  for (int shift = 0; number > 0; shift += 4, number /= 10) bits |= number % 10 << shift;
  return bits;
}

Result<std::uint64_t> does_not_hold(double raw) {
  return fail(Errc::invalid_argument, "needs the raw number " + shown(raw) + ", which the registers cannot hold");
}

template <class Integer>
Result<std::uint64_t> integer(double raw) {
  if (!fits<Integer>(raw)) return does_not_hold(raw);
  return static_cast<std::uint64_t>(static_cast<Integer>(raw));
}

/// Raw::bits of a number near to `raw`.
Result<std::uint64_t> bits_of(const ModbusSource& source, double raw) {
  const double whole = std::nearbyint(raw);
  switch (source.type) {
    case ValueType::boolean:
      if (whole != 0 && whole != 1) return does_not_hold(whole);
      return static_cast<std::uint64_t>(whole);
    case ValueType::u16:
      return integer<std::uint16_t>(whole);
    case ValueType::i16:
      return integer<std::int16_t>(whole);
    case ValueType::u32:
      return integer<std::uint32_t>(whole);
    case ValueType::i32:
      return integer<std::int32_t>(whole);
    case ValueType::u64:
      return integer<std::uint64_t>(whole);
    case ValueType::i64:
      return integer<std::int64_t>(whole);
    case ValueType::f32:
      if (std::abs(raw) > std::numeric_limits<float>::max()) return does_not_hold(raw);
      return std::bit_cast<std::uint32_t>(static_cast<float>(raw));
    case ValueType::f64:
      return std::bit_cast<std::uint64_t>(raw);
    case ValueType::bcd16:
    case ValueType::bcd32:
    case ValueType::bcd64:
      if (whole < 0 || whole >= std::pow(10, 4 * source.count())) return does_not_hold(whole);
      return bcd_of(static_cast<std::uint64_t>(whole));
    case ValueType::text:
      break;
  }
  return fail(Errc::internal, "texts are not written");
}

std::string range_text(const ProfilePoint& point) {
  if (!point.valid_min) return ", at most " + shown(*point.valid_max);
  if (!point.valid_max) return ", at least " + shown(*point.valid_min);
  return ", " + shown(*point.valid_min) + " to " + shown(*point.valid_max);
}

bool is_float(ValueType type) { return type == ValueType::f32 || type == ValueType::f64; }

}  // namespace

Result<std::vector<std::uint16_t>> encode(const ProfilePoint& point, double value) {
  const auto& source = std::get<ModbusSource>(point.source);
  if (!std::isfinite(value)) return fail(Errc::invalid_argument, "is no finite number");
  const auto bits = bits_of(source, (value - point.offset) / point.scale);
  if (!bits) return fail(bits.error());
  auto words = words_of(source, *bits);
  const Normalized read = Decoder(point)(words);
  if (read.quality == Quality::device_fault)
    return fail(Errc::invalid_argument, "is what the device says when it cannot tell");
  if (!is_float(source.type) && read.value != value)
    return fail(Errc::invalid_argument, "has no raw number; the nearest value is " + shown(read.value));
  if (read.quality != Quality::good)
    return fail(Errc::invalid_argument, "is outside the point's valid range" + range_text(point));
  if (!point.meanings.empty() && meaning_of(point, words) == nullptr)
    return fail(Errc::invalid_argument, "means nothing; right would be one of " + shown_meanings(point));
  return words;
}

}  // namespace anlan::edge
