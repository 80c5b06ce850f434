#include "edge/sample/scaling.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

namespace anlan::edge {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kExact = std::int64_t{1} << 53;

/// The powers of ten that are doubles.
constexpr std::array kPowers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                             1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct Decimal {
  Wide digits = 0;
  int exponent = 0;
};

/// The shortest decimal that reads back as `number`: at most 17 digits.
Decimal shortest(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::scientific).ptr;  // -1.25e-07
  const std::string_view all(text, static_cast<std::size_t>(end - text));
  const auto e = all.find('e');
  std::string digits(all.substr(0, e));
  const auto point = digits.find('.');
  const int decimals = point == digits.npos ? 0 : static_cast<int>(digits.size() - point - 1);
  if (point != digits.npos) digits.erase(point, 1);
  const auto power = all.substr(all[e + 1] == '+' ? e + 2 : e + 1);
  Decimal made;
  std::int64_t all_digits = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), all_digits);
  made.digits = all_digits;
  std::from_chars(power.data(), power.data() + power.size(), made.exponent);
  made.exponent -= decimals;
  return made;
}

/// Brings `decimal` down to a smaller power of ten; false where the digits come to need more than `bits` bits.
bool lower(Decimal& decimal, int exponent, int bits) {
  const Wide most = (Wide{1} << bits) / 10;
  for (; decimal.exponent > exponent; --decimal.exponent) {
    if (decimal.digits > most || decimal.digits < -most) return false;
    decimal.digits *= 10;
  }
  return true;
}

/// The double nearest to number × 10^exponent: the library's reader of decimals rounds right.
double nearest(Wide number, int exponent) {
  char text[64];
  char* at = text + 48;
  char* end = at;
  *end++ = 'e';
  end = std::to_chars(end, text + sizeof text, exponent).ptr;
  const bool negative = number < 0;
  do {
    const auto digit = static_cast<int>(number % 10);
    *--at = static_cast<char>('0' + (digit < 0 ? -digit : digit));
    number /= 10;
  } while (number != 0);
  if (negative) *--at = '-';
  double value = 0;
  if (std::from_chars(at, end, value).ec == std::errc::result_out_of_range)
    value = exponent > 0 ? std::numeric_limits<double>::infinity() * (negative ? -1 : 1) : 0;
  return value;
}

}  // namespace

Scaling::Scaling(double scale, double offset) : scale_(scale), offset_(offset) {
  nothing_ = scale == 1 && offset == 0;
  Decimal factor = shortest(scale), addend = shortest(offset);
  if (addend.digits == 0) addend.exponent = factor.exponent;
  exponent_ = std::min(factor.exponent, addend.exponent);
  decimal_ = lower(factor, exponent_, 62) && lower(addend, exponent_, 126);
  factor_ = decimal_ ? static_cast<std::int64_t>(factor.digits) : 0;
  addend_ = addend.digits;
  const auto power = static_cast<std::size_t>(std::abs(exponent_));
  power_ = power < kPowers.size() ? kPowers[power] : 0;
  const auto exact = [](Wide number) { return -kExact <= number && number <= kExact; };
  doubles_ = decimal_ && power_ != 0 && exact(factor_) && exact(addend_);
}

double Scaling::of_sum(Wide sum) const {
  if (power_ == 0 || sum > kExact || sum < -kExact) return nearest(sum, exponent_);
  const auto number = static_cast<double>(static_cast<std::int64_t>(sum));  // exact, and so is the power: rounded once
  return exponent_ > 0 ? number * power_ : number / power_;
}

double Scaling::operator()(std::int64_t raw) const {
  if (nothing_) return static_cast<double>(raw);
  if (!decimal_) return (*this)(static_cast<double>(raw));
  return of_sum(static_cast<Wide>(raw) * factor_ + addend_);
}

double Scaling::operator()(std::uint64_t raw) const {
  if (nothing_) return static_cast<double>(raw);
  if (!decimal_) return (*this)(static_cast<double>(raw));
  return of_sum(static_cast<Wide>(raw) * factor_ + addend_);
}

double Scaling::operator()(double raw) const {
  if (nothing_) return raw;
  if (doubles_) {
    const double sum = raw * static_cast<double>(factor_) + static_cast<double>(addend_);
    const double value = exponent_ > 0 ? sum * power_ : sum / power_;
    if (std::isfinite(value)) return value;  // otherwise the factor alone may have gone too far
  }
  return raw * scale_ + offset_;
}

}  // namespace anlan::edge
