#include "edge/sample/scaling.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <boost/multiprecision/cpp_int.hpp>
#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

using Int = boost::multiprecision::cpp_int;
using Rational = boost::multiprecision::cpp_rational;

Rational power_of_ten(int exponent) {
  const Int power = boost::multiprecision::pow(Int(10), static_cast<unsigned>(std::abs(exponent)));
  return exponent < 0 ? Rational(1, power) : Rational(power);
}

struct Decimal {
  std::int64_t digits = 0;
  int exponent = 0;
  Rational exact() const { return Rational(digits) * power_of_ten(exponent); }
  double written() const { return std::stod(std::to_string(digits) + "e" + std::to_string(exponent)); }
};

/// No double lies nearer to `exact` than `value`, and of two that are as near the even one was taken.
void expect_nearest(double value, const Rational& exact) {
  ASSERT_TRUE(std::isfinite(value));
  const Rational off = abs(Rational(value) - exact);
  for (const double other : {std::nextafter(value, -INFINITY), std::nextafter(value, INFINITY)}) {
    const Rational other_off = abs(Rational(other) - exact);
    ASSERT_LE(off, other_off) << value;
    if (off == other_off) ASSERT_EQ(std::bit_cast<std::uint64_t>(value) % 2, 0u) << value;
  }
}

TEST(Scaling, ATenthIsATenth) {
  EXPECT_EQ(Scaling(0.1, 0)(std::int64_t{473}), 47.3);
  EXPECT_EQ(Scaling(0.1, -40)(std::int64_t{650}), 25);
  EXPECT_EQ(Scaling(0.01, -273.15)(std::int64_t{29815}), 25);
  EXPECT_EQ(Scaling(0.001, 0)(std::int64_t{-1}), -0.001);
  EXPECT_EQ(Scaling(1000, 0)(std::int64_t{7}), 7000);
  EXPECT_EQ(Scaling(0.1, 0)(47.0), 4.7) << "a float that holds a whole number";
}

TEST(Scaling, IsNearestToTheExactDecimalResult) {
  std::mt19937_64 random(7);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int round = 0; round < 20'000; ++round) {
    const Decimal scale{1 + static_cast<std::int64_t>(random() % (round % 2 ? 100 : 100'000'000)), pick(12) - 9};
    const Decimal offset{static_cast<std::int64_t>(random() % 2'000'001) - 1'000'000, pick(8) - 6};
    const Scaling scaling(scale.written(), round % 3 ? offset.written() : 0);
    const auto raw = static_cast<std::int64_t>(random()) >> pick(64);
    expect_nearest(scaling(raw), Rational(raw) * scale.exact() + (round % 3 ? offset.exact() : Rational(0)));
    if (HasFatalFailure()) FAIL() << "scale " << scale.written() << " offset " << offset.written() << " raw " << raw;
  }
}

TEST(Scaling, IsNearestAlsoForUnsignedNumbersBeyondInt64) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 2'000; ++round) {
    const Decimal scale{1 + static_cast<std::int64_t>(random() % 999'999'999), static_cast<int>(random() % 40) - 30};
    const std::uint64_t raw = random() | 1ull << 63;
    expect_nearest(Scaling(scale.written(), 0)(raw), Rational(raw) * scale.exact());
    if (HasFatalFailure()) FAIL() << "scale " << scale.written() << " raw " << raw;
  }
}

TEST(Scaling, BeyondTheLargestDoubleIsInfiniteAndBelowTheSmallestZero) {
  EXPECT_EQ(Scaling(1e300, 0)(std::int64_t{-1'000'000'000}), -INFINITY);
  EXPECT_EQ(Scaling(1e-310, 0)(std::int64_t{1}), 1e-310);
  EXPECT_EQ(Scaling(5e-324, 0)(std::int64_t{-1}), -5e-324);
}

TEST(Scaling, FarApartScaleAndOffsetAreReckonedInDoubles) {
  EXPECT_DOUBLE_EQ(Scaling(1e30, 1e-9)(std::int64_t{5}), 5e30);
  EXPECT_DOUBLE_EQ(Scaling(1e-30, 1e30)(std::int64_t{5}), 1e30);
}

TEST(Scaling, OneAndNothingChangeNoBit) {
  const Scaling same(1, 0);
  EXPECT_TRUE(std::signbit(same(-0.0)));
  EXPECT_EQ(same(std::numeric_limits<double>::denorm_min()), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(same(std::numeric_limits<std::int64_t>::max()), 9223372036854775808.0);
}

TEST(Scaling, AFloatOverflowsOnlyWhereItsResultDoes) {
  EXPECT_EQ(Scaling(1.25e-10, 0)(1e308), 1.25e298);
  EXPECT_EQ(Scaling(1e10, 0)(1e308), INFINITY);
}

}  // namespace
}  // namespace anlan::edge
