#include "edge/score/risk_score.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/edge/score/trace.hpp"

namespace anlan::edge {
namespace {

/// High limits; levels may be absent.
struct At {
  std::optional<double> blue, yellow, orange, red;
};

double high_score(const At& at, double value) {
  Limits limits;
  limits.high.at = {at.blue, at.yellow, at.orange, at.red};
  return risk_score(RuleLimits(limits, Rule::high), value);
}

TEST(RiskScore, IsTheLevelsAnchorAtEachLimit) {
  const At tank{50, 60, 70, 80};
  EXPECT_DOUBLE_EQ(high_score(tank, 50), 40);
  EXPECT_DOUBLE_EQ(high_score(tank, 60), 60);
  EXPECT_DOUBLE_EQ(high_score(tank, 70), 75);
  EXPECT_DOUBLE_EQ(high_score(tank, 80), 90);
}

TEST(RiskScore, ALimitIsNearAtThreeQuartersOfItsAnchor) {
  const auto near = [](const At& at) {
    Limits limits;
    limits.high.at = {at.blue, at.yellow, at.orange, at.red};
    return nearing(RuleLimits(limits, Rule::high));
  };
  for (const At& at : {At{50, 60, 70, 80}, At{{}, {}, {}, 20}, At{{}, 3, {}, 5}})
    EXPECT_NEAR(high_score(at, near(at)), 0.75 * (at.blue ? 40 : at.yellow ? 60 : 90), 1e-9);
  EXPECT_EQ(near({}), INFINITY);
}

TEST(RiskScore, IsLinearBetweenLimits) { EXPECT_DOUBLE_EQ(high_score({50, 60, 70, 80}, 55), 50); }

TEST(RiskScore, FallsToZeroBelowAndRisesToAHundredBeyond) {
  const At tank{50, 60, 70, 80};  // mean slope (90 - 40) / (80 - 50)
  EXPECT_DOUBLE_EQ(high_score(tank, 50 - 12), 20);
  EXPECT_DOUBLE_EQ(high_score(tank, 50 - 24), 0);
  EXPECT_DOUBLE_EQ(high_score(tank, -1e300), 0);
  EXPECT_DOUBLE_EQ(high_score(tank, 80 + 3), 95);
  EXPECT_DOUBLE_EQ(high_score(tank, 1e300), 100);
}

TEST(RiskScore, TakesOneLimitForRisingFromZero) {
  EXPECT_DOUBLE_EQ(high_score({{}, {}, {}, 20}, 0), 0);
  EXPECT_DOUBLE_EQ(high_score({{}, {}, {}, 20}, 10), 45);
  EXPECT_DOUBLE_EQ(high_score({{}, {}, {}, 0}, -1), 0);
  EXPECT_DOUBLE_EQ(high_score({{}, {}, {}, 0}, -0.5), 45);
}

TEST(RiskScore, ClaimsNoLevelThatNobodyConfigured) {
  EXPECT_DOUBLE_EQ(high_score({40, {}, {}, {}}, 1e9), 59);
  EXPECT_DOUBLE_EQ(high_score({40, {}, 75, {}}, 1e9), 89);
}

TEST(RiskScore, InterpolatesAcrossALevelThatIsNotConfigured) { EXPECT_DOUBLE_EQ(high_score({40, {}, {}, 90}, 65), 65); }

TEST(RiskScore, IsZeroWithoutLimits) { EXPECT_DOUBLE_EQ(high_score({}, 1e9), 0); }

TEST(RiskScore, MirrorsForLowLimits) {
  Limits limits;
  limits.low.at = {20, 15, 10, 5};
  const RuleLimits low(limits, Rule::low);
  EXPECT_DOUBLE_EQ(risk_score(low, 20), 40);
  EXPECT_DOUBLE_EQ(risk_score(low, 5), 90);
  EXPECT_DOUBLE_EQ(risk_score(low, 1000), 0);
  EXPECT_DOUBLE_EQ(risk_score(low, -1000), 100);
}

/// Limits with some levels missing, rising, of any sign and size.
Limits random_limits(std::mt19937_64& random) {
  std::uniform_real_distribution<double> start(-1000, 1000), step(0.001, 500);
  Limits limits;
  double limit = start(random);
  for (const Level level : kLevels) {
    limit += step(random);
    if (random() % 3) limits.high.of(level) = limit;
  }
  for (const Level level : kLevels)
    if (limits.high.of(level)) limits.low.of(level) = -*limits.high.of(level);
  limits.deadband = random() % 2 ? 0 : 1;
  return limits;
}

TEST(RiskScore, NeverFallsTowardsDangerAndStaysWithinAHundred) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> any(-5000, 5000);
  for (int round = 0; round < 20'000; ++round) {
    const Limits limits = random_limits(random);
    const RuleLimits rule(limits, Rule::high), mirrored(limits, Rule::low);
    double a = any(random), b = any(random);
    if (a > b) std::swap(a, b);
    const double low = risk_score(rule, a), high = risk_score(rule, b);
    ASSERT_LE(low, high) << a << " " << b;
    ASSERT_GE(low, 0);
    ASSERT_LE(high, 100);
    ASSERT_DOUBLE_EQ(risk_score(mirrored, -a), low);
  }
}

TEST(RiskScore, NamesALevelsAnchorExactlyWhereTheLevelIsExceeded) {
  std::mt19937_64 random(8);
  std::uniform_real_distribution<double> any(-3000, 3000);
  for (int round = 0; round < 20'000; ++round) {
    const RuleLimits rule(random_limits(random), Rule::high);
    const double value = any(random);
    for (const Level level : kLevels) {
      if (!rule.of(level)) continue;
      if (value >= *rule.of(level)) {
        ASSERT_GE(risk_score(rule, value), anchor(level));
      } else {
        ASSERT_LT(risk_score(rule, value), anchor(level));
      }
    }
  }
}

}  // namespace
}  // namespace anlan::edge
