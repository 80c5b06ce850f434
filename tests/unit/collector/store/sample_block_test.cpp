#include "collector/store/sample_block.hpp"

#include <bit>
#include <cmath>
#include <functional>
#include <random>

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

using Samples = std::vector<StoredSample>;

void expect_same(const Samples& a, const Samples& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].time, b[i].time) << i;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(a[i].value), std::bit_cast<std::uint64_t>(b[i].value)) << i;
    ASSERT_EQ(a[i].quality, b[i].quality) << i;
    ASSERT_EQ(a[i].identity(), b[i].identity()) << i;
  }
}

Samples made(std::size_t count, const std::function<double(std::size_t)>& value) {
  Samples samples;
  for (std::size_t i = 0; i < count; ++i)
    samples.push_back({1'700'000'000'000 + static_cast<std::int64_t>(i) * 1000, value(i), Quality::good, 3, i, 7});
  return samples;
}

class SampleBlock : public testing::TestWithParam<Effort> {
 protected:
  void expect_kept(const Samples& samples) {
    const auto decoded = decode_block(encode_block(samples, GetParam()));
    ASSERT_TRUE(decoded) << decoded.error().message;
    expect_same(*decoded, samples);
  }
};

TEST_P(SampleBlock, KeepsDecimalsOfEveryWidth) {
  expect_kept({});
  for (const double step : {1.0, 0.1, 0.001, 1e-9, 12345.678, -0.5})
    expect_kept(made(500, [&](std::size_t i) { return std::round(static_cast<double>(i % 37) * step * 1e6) / 1e6; }));
}

TEST_P(SampleBlock, KeepsWhatAnInstrumentSentAsFloat) {
  expect_kept(made(300, [](std::size_t i) { return static_cast<double>(23.4f + static_cast<float>(i % 7) * 0.1f); }));
}

TEST_P(SampleBlock, KeepsAnyBits) {
  std::mt19937_64 random(1);
  expect_kept(made(300, [&](std::size_t) { return std::bit_cast<double>(random()); }));
  expect_kept(made(3, [](std::size_t i) { return i == 1 ? -0.0 : 1.5; }));
  expect_kept(made(3, [](std::size_t i) { return i == 1 ? std::nan("5") : 1.5; }));
}

TEST_P(SampleBlock, KeepsSamplesWithoutAValue) {
  auto samples = made(100, [](std::size_t i) { return i % 3 == 0 ? kNoValue : 20.5; });
  for (std::size_t i = 0; i < samples.size(); i += 3) samples[i].quality = Quality::comm_failure;
  expect_kept(samples);
  expect_kept(made(4, [](std::size_t) { return kNoValue; }));
}

TEST_P(SampleBlock, KeepsAnyTimesAndIdentities) {
  std::mt19937_64 random(2);
  Samples samples;
  for (int i = 0; i < 200; ++i)
    samples.push_back({static_cast<std::int64_t>(random()), 1, static_cast<Quality>(random() % 5),
                       static_cast<std::uint32_t>(random()), random(), static_cast<std::uint32_t>(random())});
  expect_kept(samples);
}

INSTANTIATE_TEST_SUITE_P(
    Effort, SampleBlock, testing::Values(Effort::none, Effort::quick, Effort::tight), [](const auto& effort) {
      return std::string(effort.param == Effort::none ? "none" : effort.param == Effort::quick ? "quick" : "tight");
    });

TEST(SampleBlockSize, ARegularWalkTakesLessThanAThirdOfAByteEach) {
  std::mt19937_64 random(3);
  std::int64_t level = 200;
  const auto samples = made(1500, [&](std::size_t) {
    return static_cast<double>(level += static_cast<std::int64_t>(random() % 3) - 1) / 10;
  });
  EXPECT_LT(static_cast<double>(encode_block(samples, Effort::tight).size()) / 1500, 0.33);
}

TEST(SampleBlockDamage, EveryFlippedBitIsFound) {
  const auto sealed =
      seal_block(encode_block(made(40, [](std::size_t i) { return static_cast<double>(i); }), Effort::tight), 5);
  ASSERT_TRUE(open_block(sealed, 5));
  EXPECT_FALSE(open_block(sealed, 6)) << "another point's block";
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1 << i % 8);
    const auto opened = open_block(damaged, 5);
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.error().code, Errc::storage_corrupt);
  }
  EXPECT_FALSE(open_block("", 5));
}

TEST(SampleBlockDamage, AnyBytesDecodeToSamplesOrAnError) {
  const auto block = encode_block(made(60, [](std::size_t i) { return 0.1 * static_cast<double>(i); }), Effort::tight);
  for (std::size_t size = 0; size < block.size(); ++size)
    EXPECT_FALSE(decode_block(std::string_view(block).substr(0, size))) << size;
  EXPECT_FALSE(decode_block(block + "x"));
  std::mt19937_64 random(4);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = block;
    for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = static_cast<char>(random());
    (void)decode_block(damaged);  // the sanitizers judge
  }
  EXPECT_EQ(decode_block("\x02").error().code, Errc::unsupported);
}

}  // namespace
}  // namespace anlan::collector
