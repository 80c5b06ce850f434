// Doubles that stand for short decimals, as whole numbers, exact to the bit: 23.4 is 234 with one digit after the
// point. Most of what instruments say is one; an instrument's float32 often is one before it was rounded to 24 bits.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

namespace anlan {

inline constexpr int kMostDigits = 9;  // after the decimal point

namespace decimal_detail {
inline constexpr double kPowers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
inline constexpr double kMostScaled = 9007199254740992;  // 2^53: integers below are exact in a double
}  // namespace decimal_detail

constexpr bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// number / 10^digits, rounded once to a double, or with `single` to a float after that. 0 ≤ digits ≤ kMostDigits.
inline double from_scaled(std::int64_t number, int digits, bool single) {
  const double value = static_cast<double>(number) / decimal_detail::kPowers[digits];
  return single ? static_cast<double>(static_cast<float>(value)) : value;
}

/// The number below 2^53 that from_scaled() turns into exactly this value; nullopt: there is none.
inline std::optional<std::int64_t> to_scaled(double value, int digits, bool single) {
  const double product = value * decimal_detail::kPowers[digits];
  if (!(std::abs(product) < decimal_detail::kMostScaled)) return std::nullopt;
  const double rounded = product + std::copysign(0.5, product);
  const auto number = static_cast<std::int64_t>(rounded);
  if (!same_bits(from_scaled(number, digits, single), value)) return std::nullopt;
  return number;
}

}  // namespace anlan
