// value = raw * scale + offset, in decimal: what a manual means by a scale of 0.1 is a tenth, not the double nearest to
// it. Pure.
//
// Scale and offset are taken as the shortest decimals that their doubles stand for (0.1 is 1 × 10^-1: what was written,
// up to 17 digits), and brought to one power of ten: value = (raw × factor + addend) × 10^exponent.
#pragma once

#include <cstdint>

namespace anlan::edge {

class Scaling {
 public:
  /// REQUIRES both to be finite.
  Scaling(double scale, double offset);

  /// The double nearest to the exact decimal result (ties to even), infinite beyond the largest; for every integer,
  /// also where raw × factor + addend exceeds 2^53 (then a value costs ninety nanoseconds instead of ten). Exception:
  /// a scale and an offset so far apart that the factor needs more than 62 bits or the addend more than 126 (a scale of
  /// 1e12 with an offset of 1e-9) are reckoned in doubles, as operator()(double).
  double operator()(std::int64_t raw) const;

  /// The same for what is above int64.
  double operator()(std::uint64_t raw) const;

  /// A number that is already rounded: in doubles, each step rounded. A scale of 1 with an offset of 0 changes no bit.
  /// Nearest to the exact result where raw × factor is exact and there is no offset (any float32 with a scale of up to
  /// 8 digits).
  double operator()(double raw) const;

 private:
  __extension__ using Wide = __int128;
  double of_sum(Wide sum) const;

  double scale_, offset_;
  Wide addend_ = 0;
  std::int64_t factor_ = 1;
  int exponent_ = 0;
  double power_ = 1;      // 10^|exponent|, where that is a double; otherwise 0
  bool decimal_ = true;   // factor and addend hold
  bool doubles_ = true;   // and they, and the power, are doubles
  bool nothing_ = false;  // scale 1, offset 0
};

}  // namespace anlan::edge
