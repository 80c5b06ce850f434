#include "collector/store/victoria/batch_block.hpp"

#include <bit>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace anlan::collector::victoria {
namespace {

auto plain(const PlacedSample& s) {
  return std::tuple(s.point, s.sample.time, std::bit_cast<std::uint64_t>(s.sample.value), s.sample.quality,
                    s.sample.identity());
}

std::vector<PlacedSample> some(int points, int each) {
  std::mt19937_64 random(9);
  std::vector<PlacedSample> samples;
  for (int point = 1; point <= points; ++point)
    for (int i = 0; i < each; ++i)
      samples.push_back(
          {point * 3,
           {static_cast<std::int64_t>(random()), std::bit_cast<double>(random()), static_cast<Quality>(random() % 8),
            static_cast<std::uint32_t>(random()), random(), static_cast<std::uint32_t>(random())}});
  return samples;
}

std::vector<PlacedSample> read(const std::string& batch, std::optional<std::int64_t> point = std::nullopt) {
  std::vector<PlacedSample> found;
  const auto done = read_batch(batch, point, [&](const PlacedSample& one) { found.push_back(one); });
  if (!done) ADD_FAILURE() << done.error().message;
  return found;
}

TEST(BatchBlock, ComesBackInOrderAndToTheBit) {
  const auto samples = some(700, 20);  // several pages
  const auto found = read(encode_batch(samples));
  ASSERT_EQ(found.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) ASSERT_EQ(plain(found[i]), plain(samples[i]));
  EXPECT_TRUE(read(encode_batch({})).empty());
}

TEST(BatchBlock, OnePointIsFoundAmongMany) {
  const auto samples = some(700, 20);
  const std::string batch = encode_batch(samples);
  for (const int point : {1, 350, 700}) EXPECT_EQ(read(batch, point * 3).size(), 20u);
  EXPECT_TRUE(read(batch, 4).empty());
  EXPECT_TRUE(read(batch, 0).empty());
}

TEST(BatchBlock, AnyByteThatChangedIsFound) {
  const std::string batch = encode_batch(some(3, 5));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    std::string damaged = batch;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    const auto done = read_batch(damaged, std::nullopt, [](const PlacedSample&) {});
    ASSERT_FALSE(done) << i;
    EXPECT_EQ(done.error().code, Errc::storage_corrupt);
  }
  EXPECT_FALSE(read_batch(batch.substr(0, 5), std::nullopt, [](const PlacedSample&) {}));
}

}  // namespace
}  // namespace anlan::collector::victoria
