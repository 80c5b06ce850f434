#include "edge/sample/reporter.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

constexpr Millis kHeartbeat{60'000};

Sample at(std::int64_t ms, double value, Quality quality = Quality::good, std::uint32_t point = 0) {
  return {point, value, quality, wall_from_ms(1'800'000'000'000 + ms), mono_from_ms(1'000 + ms)};
}

struct Watched {
  Reporter reporter;
  std::vector<Sample> out;
  explicit Watched(double deadband = 1, Millis heartbeat = kHeartbeat)
      : reporter({ReportRule{true, deadband, heartbeat}}) {}
  /// What is reported when this comes, as "ms=value".
  std::string take(const Sample& sample, bool forced = false) {
    const std::size_t before = out.size();
    reporter.take(sample, forced, out);
    return text(before);
  }
  std::string text(std::size_t from) const {
    std::string said;
    for (std::size_t i = from; i < out.size(); ++i)
      said += (said.empty() ? "" : " ") + std::to_string(to_ms(out[i].mono) - 1'000) + "=" +
              (std::isnan(out[i].value) ? "?" : std::to_string(static_cast<int>(std::lround(out[i].value * 10)))) +
              (out[i].quality == Quality::good ? "" : "!");
    return said;
  }
};

TEST(Reporter, ReportsWhatLeavesTheDeadband) {
  Watched w;
  EXPECT_EQ(w.take(at(0, 20)), "0=200") << "the first of all";
  EXPECT_EQ(w.take(at(1000, 20)), "");
  EXPECT_EQ(w.take(at(2000, 21)), "") << "by the deadband, not more";
  EXPECT_EQ(w.take(at(3000, 21.1)), "3000=211");
}

TEST(Reporter, ReportsAnUnchangedValueAtItsHeartbeat) {
  Watched w;
  w.take(at(0, 20));
  EXPECT_EQ(w.take(at(59'999, 20)), "");
  EXPECT_EQ(w.take(at(60'000, 20)), "60000=200");
  EXPECT_EQ(w.take(at(60'001, 20)), "");
}

TEST(Reporter, APeakBetweenTwoReportsIsReportedWithItsOwnTime) {
  Watched w(5);
  w.take(at(0, 20));
  w.take(at(1000, 24));
  w.take(at(2000, 17));
  w.take(at(3000, 21));
  EXPECT_EQ(w.take(at(60'000, 20)), "1000=240 2000=170 60000=200");
  EXPECT_EQ(w.take(at(120'000, 20)), "120000=200") << "each once";
}

TEST(Reporter, ExtremesThatTheTwoReportsReachAreNotRepeated) {
  Watched w(5);
  w.take(at(0, 20));
  w.take(at(1000, 22));
  w.take(at(2000, 24));
  EXPECT_EQ(w.take(at(3000, 26)), "3000=260") << "on the way up";
}

TEST(Reporter, AChangeOfQualityIsReportedAtOnceAndSilenceSaysNothingTwice) {
  Watched w;
  w.take(at(0, 20));
  w.take(at(500, 19.5));
  EXPECT_EQ(w.take(at(1000, kNoValue, Quality::comm_failure)), "500=195 1000=?!");
  EXPECT_EQ(w.take(at(2000, kNoValue, Quality::comm_failure)), "");
  EXPECT_EQ(w.take(at(3000, kNoValue, Quality::device_fault)), "3000=?!");
  EXPECT_EQ(w.take(at(4000, 20)), "4000=200");
  EXPECT_EQ(w.take(at(5000, 20, Quality::out_of_range)), "5000=200!");
  EXPECT_EQ(w.take(at(70'000, kNoValue, Quality::out_of_range)), "70000=?!");
}

TEST(Reporter, TheSampleThatRaisedAnAlertIsReportedWhateverItsValue) {
  Watched w;
  w.take(at(0, 20));
  EXPECT_EQ(w.take(at(1000, 20), true), "1000=200");
}

TEST(Reporter, AClockThatGoesBackwardsHoldsNothingBack) {
  Watched w;
  w.take(at(10'000, 20));
  EXPECT_EQ(w.take(at(5'000, 20)), "5000=200");
}

TEST(Reporter, FlushGivesOutTheExtremesAndNothingElse) {
  Watched w(5);
  w.take(at(0, 20));
  w.take(at(1000, 23));
  w.take(at(2000, 22));
  w.reporter.flush(w.out);
  EXPECT_EQ(w.text(1), "1000=230");
  w.reporter.flush(w.out);
  EXPECT_EQ(w.out.size(), 2u);
}

TEST(Reporter, PointsWithoutARuleAreReportedWhole) {
  Reporter all({ReportRule{}, ReportRule{}});
  EXPECT_TRUE(all.reports_all());
  Reporter some({ReportRule{}, ReportRule{true, 0, kHeartbeat}});
  EXPECT_FALSE(some.reports_all());
  std::vector<Sample> out;
  for (int i = 0; i < 3; ++i) {
    some.take(at(i, 1), false, out);
    some.take(at(i, 1, Quality::good, 1), false, out);
    some.take(at(i, 1, Quality::good, 9), false, out);
  }
  EXPECT_EQ(out.size(), 3u + 1u + 3u);
}

bool same(const Sample& a, const Sample& b) {
  return a.mono == b.mono && a.time == b.time && a.quality == b.quality &&
         (a.value == b.value || (std::isnan(a.value) && std::isnan(b.value)));
}

/// Whatever comes: nothing is made up, nothing is restamped, and what was held back is known to within the deadband.
TEST(Reporter, EveryValueHeldBackLiesWithinTheDeadbandAndWithinTheReportsAroundIt) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const double deadband = random() % 4 == 0 ? 0 : static_cast<double>(random() % 40) / 10;
    Watched w(deadband, Millis{static_cast<int>(1 + random() % 20) * 1000});
    std::vector<Sample> taken, held;  // held: since the last report
    std::size_t window = 0;           // index of the last report
    const auto check = [&] {
      double least = INFINITY, most = -INFINITY;
      for (std::size_t i = window; i < w.out.size(); ++i) {
        least = std::fmin(least, w.out[i].value);
        most = std::fmax(most, w.out[i].value);
      }
      for (const Sample& sample : held) {
        ASSERT_EQ(sample.quality, w.out[window].quality) << "a change of quality is reported";
        if (std::isnan(sample.value)) continue;
        ASSERT_LE(std::abs(sample.value - w.out[window].value), deadband);
        ASSERT_GE(sample.value, least);
        ASSERT_LE(sample.value, most);
      }
      held.clear();
      window = w.out.size() - 1;
    };
    double value = 20;
    Quality quality = Quality::good;
    std::int64_t ms = 0;
    for (int i = 0; i < 400; ++i) {
      ms += 1 + static_cast<std::int64_t>(random() % 2000);
      value += (static_cast<double>(random() % 21) - 10) / (random() % 10 == 0 ? 1 : 10);
      if (random() % 25 == 0) quality = static_cast<Quality>(random() % 5);
      const bool has_value = quality == Quality::good || quality == Quality::out_of_range;
      taken.push_back(at(ms, has_value ? value : kNoValue, quality));
      const std::size_t before = w.out.size();
      w.reporter.take(taken.back(), random() % 50 == 0, w.out);
      if (w.out.size() == before) {
        held.push_back(taken.back());
        continue;
      }
      ASSERT_TRUE(same(w.out.back(), taken.back()));
      if (before > 0) check();
    }
    w.reporter.flush(w.out);
    check();
    std::size_t next = 0;  // reports are some of the samples, unchanged and in their order
    for (const Sample& sample : taken) next += next < w.out.size() && same(sample, w.out[next]);
    ASSERT_EQ(next, w.out.size()) << seed;
  }
}

}  // namespace
}  // namespace anlan::edge
