#include "collector/store/victoria/exact_form.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "common/model/sample.hpp"

namespace anlan::collector::victoria {
namespace {

constexpr double kMostWhole = 1e9, kMostFraction = 1e6, kSteps = 1e6;

/// The shortest decimal of a float, as a double.
double shortest(float value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double decimal = 0;
  std::from_chars(text.data(), end, decimal);
  return decimal;
}

}  // namespace

bool is_exact_decimal(double value) {
  if (!std::isfinite(value) || (value == 0 && std::signbit(value))) return false;
  const double size = std::abs(value);
  if (size < kMostWhole && std::trunc(value) == value) return true;
  if (size >= kMostFraction) return false;
  const double steps = std::nearbyint(value * kSteps);
  return steps != 0 && steps / kSteps == value;  // both are exact doubles, so the quotient is the decimal's own double
}

bool is_no_value(double value) { return std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(kNoValue); }

Written written(double value) {
  if (is_no_value(value)) return {Form::none, 0};
  if (is_exact_decimal(value)) return {Form::decimal, value};
  if (std::abs(value) < kMostWhole) {
    const auto single = static_cast<float>(value);
    if (static_cast<double>(single) == value)
      if (const double decimal = shortest(single); is_exact_decimal(decimal) && static_cast<float>(decimal) == single)
        return {Form::float32, decimal};
  }
  return {Form::bits, value};
}

double read_back(Form form, double shown) {
  return form == Form::float32 ? static_cast<double>(static_cast<float>(shown)) : shown;
}

std::uint32_t high_half(double value) { return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(value) >> 32); }
std::uint32_t low_half(double value) { return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(value)); }
double from_halves(std::uint32_t high, std::uint32_t low) {
  return std::bit_cast<double>(std::uint64_t{high} << 32 | low);
}

}  // namespace anlan::collector::victoria
