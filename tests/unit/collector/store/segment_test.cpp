#include "collector/store/segment.hpp"

#include <map>

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

std::map<std::int64_t, std::vector<double>> read(const std::string& segment) {
  std::map<std::int64_t, std::vector<double>> values;
  const auto done = read_segment(segment, [&](std::int64_t point, std::string_view block) {
    const auto samples = decode_block(block);
    ASSERT_TRUE(samples);
    for (const auto& sample : *samples) values[point].push_back(sample.value);
  });
  EXPECT_TRUE(done);
  return values;
}

PointSample sample(std::int64_t point, double value) { return {point, {1000, value, Quality::good, 1, 0, 0}}; }

TEST(Segment, KeepsTheOrderOfArrivalWithinAPoint) {
  std::vector<PointSample> samples{sample(9, 1), sample(2, 2), sample(9, 3), sample(2, 4), sample(5, 5)};
  group_by_point(samples);
  const auto values = read(encode_segment(samples));
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values.at(2), (std::vector<double>{2, 4}));
  EXPECT_EQ(values.at(9), (std::vector<double>{1, 3}));
}

TEST(Segment, APointMayHaveMoreSamplesThanABlock) {
  std::vector<PointSample> samples(kMostInBlock + 10, sample(1, 7));
  EXPECT_EQ(read(encode_segment(samples)).at(1).size(), samples.size());
}

TEST(Segment, DamageIsFoundBeforeAnythingIsTaken) {
  std::vector<PointSample> samples{sample(1, 1), sample(2, 2), sample(3, 3)};
  const std::string segment = encode_segment(samples);
  for (std::size_t i = 0; i < segment.size(); ++i) {
    std::string damaged = segment;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    const auto done = read_segment(damaged, [](std::int64_t, std::string_view) { FAIL(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::storage_corrupt);
  }
}

}  // namespace
}  // namespace anlan::collector
