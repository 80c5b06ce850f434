// Stored records for tests, and whether two are the same to the bit.
#pragma once

#include <bit>
#include <vector>

#include <gtest/gtest.h>

#include "collector/store/stored_sample.hpp"

namespace anlan::test {

inline Sample sample(std::uint32_t point, std::int64_t time, double value, Quality quality = Quality::good) {
  Sample made;
  made.point = point;
  made.time = wall_from_ms(time);
  made.value = value;
  made.quality = quality;
  return made;
}

inline void expect_same(const std::vector<collector::StoredSample>& a, const std::vector<collector::StoredSample>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].time, b[i].time) << i;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(a[i].value), std::bit_cast<std::uint64_t>(b[i].value)) << i;
    ASSERT_EQ(a[i].quality, b[i].quality) << i;
    ASSERT_EQ(a[i].identity(), b[i].identity()) << i;
  }
}

inline void expect_same(const std::vector<collector::StoredRecord>& a, const std::vector<collector::StoredRecord>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t r = 0; r < a.size(); ++r) {
    ASSERT_EQ(a[r].head, b[r].head) << r;
    ASSERT_EQ(a[r].samples.size(), b[r].samples.size()) << r;
    for (std::size_t i = 0; i < a[r].samples.size(); ++i) {
      const Sample &x = a[r].samples[i], &y = b[r].samples[i];
      ASSERT_EQ(x.point, y.point) << r;
      ASSERT_EQ(x.time, y.time) << r;
      ASSERT_EQ(x.quality, y.quality) << r;
      ASSERT_EQ(std::bit_cast<std::uint64_t>(x.value), std::bit_cast<std::uint64_t>(y.value)) << r;
    }
  }
}

}  // namespace anlan::test
