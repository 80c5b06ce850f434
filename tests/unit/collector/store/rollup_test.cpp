#include "collector/store/rollup.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "collector/store/resolution.hpp"

namespace anlan::collector {
namespace {

TEST(Rollup, AStretchHoldsLowestHighestSumCountAndTheWorstQuality) {
  Buckets buckets;
  add_sample(buckets, kMinute, 60'000, 3, Quality::good);
  add_sample(buckets, kMinute, 119'999, 1, Quality::out_of_range);
  add_sample(buckets, kMinute, 61'000, kNoValue, Quality::comm_failure);
  add_sample(buckets, kMinute, 120'000, 9, Quality::good);
  settle(buckets);
  ASSERT_EQ(buckets.size(), 2u);
  EXPECT_EQ(buckets[0].start, 60'000);
  EXPECT_EQ(buckets[0].count, 2u);
  EXPECT_EQ(buckets[0].sum, 4);
  EXPECT_EQ(buckets[0].min, 1);
  EXPECT_EQ(buckets[0].max, 3);
  EXPECT_EQ(buckets[0].worst, Quality::comm_failure);
  EXPECT_EQ(buckets[1].worst, Quality::good);
}

TEST(Rollup, AThinnedMinuteGivesItsExtremesAndItsMeanOnce) {
  Bucket bucket;
  add(bucket, 1, Quality::minute_min);
  add(bucket, 4, Quality::minute_mean);
  add(bucket, 9, Quality::minute_max);
  EXPECT_EQ(bucket.count, 1u);
  EXPECT_EQ(bucket.sum, 4);
  EXPECT_EQ(bucket.min, 1);
  EXPECT_EQ(bucket.max, 9);
}

TEST(Rollup, TimesBefore1970AndAtTheEndsOfTimeHaveAStretch) {
  EXPECT_EQ(bucket_start(-1, kMinute), -kMinute);
  EXPECT_EQ(bucket_start(-kMinute, kMinute), -kMinute);
  EXPECT_EQ(bucket_start(INT64_MIN, kDay), INT64_MIN);
  EXPECT_LE(bucket_start(INT64_MAX, kDay), INT64_MAX);
  EXPECT_EQ(bucket_end(1, kMinute), kMinute);
  EXPECT_EQ(bucket_end(kMinute, kMinute), kMinute);
  EXPECT_EQ(bucket_end(INT64_MAX, kDay), INT64_MAX);
}

TEST(Rollup, PartsInAnyOrderAddUpToTheWhole) {
  std::mt19937_64 random(5);
  Buckets whole, hours;
  std::vector<Buckets> parts(7);
  for (int i = 0; i < 5000; ++i) {
    const auto time = static_cast<std::int64_t>(random() % (40 * kHour));
    const double value = static_cast<double>(random() % 1000);  // whole numbers: sums are exact
    const auto quality = static_cast<Quality>(random() % 5);
    add_sample(whole, kMinute, time, value, quality);
    add_sample(hours, kHour, time, value, quality);
    add_sample(parts[random() % parts.size()], kMinute, time, value, quality);
  }
  settle(whole);
  settle(hours);
  Buckets merged;
  for (Buckets& part : parts) {
    settle(part);
    add_buckets(merged, part);
  }
  const auto expect_equal = [](const Buckets& a, const Buckets& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].start, b[i].start);
      EXPECT_EQ(a[i].count, b[i].count);
      EXPECT_EQ(a[i].sum, b[i].sum);
      EXPECT_EQ(a[i].min, b[i].min);
      EXPECT_EQ(a[i].max, b[i].max);
      EXPECT_EQ(a[i].worst, b[i].worst);
    }
  };
  expect_equal(merged, whole);
  expect_equal(widened(merged, kHour), hours);
}

RollupSet made() {
  RollupSet set;
  for (const std::uint32_t point : {0u, 3u, 4u}) {
    RollupColumn column{point, {}};
    for (std::int64_t i = 0; i < 300; ++i)
      if (i % 7 != 0)
        add_sample(column.buckets, kMinute, i * 10'000, i % 11 == 0 ? kNoValue : 0.1 * static_cast<double>(i % 50),
                   i % 11 == 0 ? Quality::comm_failure : Quality::good);
    settle(column.buckets);
    set.push_back(std::move(column));
  }
  return set;
}

TEST(Rollup, ComesBackFromItsBytes) {
  const RollupSet set = made();
  for (const Effort effort : {Effort::none, Effort::quick, Effort::tight}) {
    const std::string bytes = encode_rollup(set, 5, kMinute, effort);
    const auto decoded = decode_rollup(bytes, 5, kMinute);
    ASSERT_TRUE(decoded) << decoded.error().message;
    ASSERT_EQ(decoded->size(), 3u);
    for (std::size_t c = 0; c < 3; ++c) {
      ASSERT_EQ((*decoded)[c].point, set[c].point);
      const auto alone = decode_rollup_point(bytes, 5, kMinute, set[c].point);
      ASSERT_TRUE(alone);
      for (const Buckets* found : {&(*decoded)[c].buckets, &*alone}) {
        ASSERT_EQ(found->size(), set[c].buckets.size());
        for (std::size_t i = 0; i < found->size(); ++i) {
          const Bucket &a = (*found)[i], &b = set[c].buckets[i];
          ASSERT_EQ(a.start, b.start);
          ASSERT_EQ(a.count, b.count);
          ASSERT_NEAR(a.sum, b.sum, 1e-12) << "kept as the decimal beside it";
          ASSERT_EQ(a.worst, b.worst);
          ASSERT_TRUE(a.min == b.min || (std::isnan(a.min) && std::isnan(b.min)));
          ASSERT_TRUE(a.max == b.max || (std::isnan(a.max) && std::isnan(b.max)));
        }
      }
    }
    EXPECT_TRUE(decode_rollup_point(bytes, 5, kMinute, 1)->empty());
  }
}

TEST(Rollup, EveryFlippedBitIsFound) {
  const std::string bytes = encode_rollup(made(), 5, kMinute, Effort::tight);
  EXPECT_FALSE(decode_rollup(bytes, 6, kMinute)) << "another group's";
  EXPECT_FALSE(decode_rollup(bytes, 5, kHour)) << "another step's";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1 << i % 8);
    ASSERT_FALSE(decode_rollup(damaged, 5, kMinute)) << i;
  }
}

TEST(Resolution, IsAsFineAsTheWidthAllows) {
  const auto kept = [](std::int64_t, std::int64_t) { return true; };
  const auto of = [&](std::int64_t length, std::size_t width) { return resolution_of(0, length, width, kept); };
  EXPECT_EQ(of(1000, 1000).step, 0);
  EXPECT_EQ(of(1000, 1000).stretch, 1);
  EXPECT_EQ(of(kHour, 1000).step, 0);
  EXPECT_EQ(of(kHour, 1000).stretch, 3600);
  EXPECT_EQ(of(kDay, 1000).step, kMinute);
  EXPECT_EQ(of(kDay, 1000).stretch, 2 * kMinute);
  EXPECT_EQ(of(30 * kDay, 1000).step, kMinute);
  EXPECT_EQ(of(30 * kDay, 500).step, kHour);
  EXPECT_EQ(of(3 * 365 * kDay, 1000).step, kDay);
  for (const std::int64_t length : {std::int64_t{1}, std::int64_t{59'999}, kHour, 5 * kDay + 1, 4000 * kDay})
    for (const std::size_t width : {1u, 7u, 500u, 10'000u})
      EXPECT_LE(static_cast<std::uint64_t>(length - 1) / static_cast<std::uint64_t>(of(length, width).stretch), width);
  EXPECT_GT(resolution_of(INT64_MIN, INT64_MAX, 1, kept).stretch, 0);
}

TEST(Resolution, IsCoarserWhereWhatIsFineIsNotKept) {
  const auto from_hours = [](std::int64_t step, std::int64_t) { return step >= kHour; };
  EXPECT_EQ(resolution_of(0, kDay, 1000, from_hours).step, kHour);
  const auto only_samples_and_days = [](std::int64_t step, std::int64_t) { return step == 0 || step == kDay; };
  EXPECT_EQ(resolution_of(0, kDay, 1000, only_samples_and_days).step, 0) << "not a day where every sample is there";
  EXPECT_EQ(resolution_of(0, 3000 * kDay, 1000, only_samples_and_days).step, kDay);
  const auto nothing = [](std::int64_t, std::int64_t) { return false; };
  EXPECT_EQ(resolution_of(0, kDay, 1000, nothing).step, 0);
}

}  // namespace
}  // namespace anlan::collector
