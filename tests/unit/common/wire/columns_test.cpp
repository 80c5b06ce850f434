#include "common/wire/columns.hpp"

#include <bit>
#include <limits>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "common/wire/numbers.hpp"

namespace anlan::wire {
namespace {

constexpr std::size_t kMost = kMaxFrameSamples;

Sample sample(std::uint32_t point, double value, std::int64_t at, Quality quality = Quality::good) {
  return {point, value, quality, wall_from_ms(at), {}};
}

Samples sorted(Samples samples) {
  std::map<std::uint32_t, std::vector<Sample>> points;
  for (const Sample& s : samples.samples) points[s.point].push_back(s);
  samples.samples.clear();
  for (const auto& [point, list] : points) samples.samples.insert(samples.samples.end(), list.begin(), list.end());
  return samples;
}

bool same(const Sample& a, const Sample& b) {
  return a.point == b.point && std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value) &&
         a.quality == b.quality && a.time == b.time;
}

/// The records come back to the bit, whole and each alone; what was decoded encodes to the same bytes.
void expect_kept(const std::vector<Samples>& records) {
  const std::string bytes = encode_columns(records);
  const auto read = decode_columns(bytes, records.size(), kMost);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), records.size());
  for (std::size_t r = 0; r < records.size(); ++r) {
    EXPECT_EQ((*read)[r].definition, records[r].definition);
    EXPECT_TRUE(std::ranges::equal((*read)[r].samples, sorted(records[r]).samples, same));
    const std::string alone = encode_columns({&records[r], 1});
    EXPECT_EQ(encode_columns({&(*read)[r], 1}), alone) << "the payload that a checksum is over";
    EXPECT_EQ(count_columns(alone).value(), records[r].samples.size());
  }
  EXPECT_EQ(encode_columns(*read), bytes);
}

/// One poll of 50 points in tenths.
Samples poll(std::int64_t at, std::mt19937_64& random) {
  Samples samples{{1, 2}, {}};
  for (std::uint32_t point = 0; point < 50; ++point)
    samples.samples.push_back(sample(point, static_cast<double>(200 + random() % 60) / 10, at));
  return samples;
}

TEST(Columns, KeepNothingAndOneSample) {
  expect_kept({Samples{{1, 2}, {}}});
  expect_kept({Samples{{1, 2}, {}}, Samples{{1, 2}, {}}});
  expect_kept({Samples{{1, 2}, {sample(4'294'967'295, 1, -5, Quality::minute_max)}}});
  expect_kept({Samples{{1, 2}, {}}, Samples{{1, 2}, {sample(7, -0.0, 5)}}, Samples{{1, 2}, {}}});
}

TEST(Columns, KeepEveryKindOfValueAmongOthers) {
  using Limits = std::numeric_limits<double>;
  const double values[] = {0.0,
                           -0.0,
                           1.0,
                           -1.5,
                           23.4,
                           static_cast<double>(23.4f),
                           static_cast<double>(230.12345f),
                           1e-9,
                           0.1 + 0.2,
                           9007199254740991.0,
                           9007199254740993.0,
                           1e300,
                           Limits::max(),
                           Limits::lowest(),
                           Limits::min(),
                           Limits::denorm_min(),
                           static_cast<double>(std::numeric_limits<float>::max()),
                           static_cast<double>(std::numeric_limits<float>::denorm_min()),
                           Limits::infinity(),
                           -Limits::infinity(),
                           kNoValue,
                           -kNoValue,
                           std::bit_cast<double>(std::uint64_t{0x7ff0'0000'0000'0001u}),
                           std::bit_cast<double>(std::uint64_t{0xfff8'dead'beef'0001u})};
  Samples apart{{1, 2}, {}}, together{{1, 2}, {}};
  std::uint32_t point = 0;
  for (const double value : values) {
    expect_kept({Samples{{1, 2}, {sample(0, value, 1)}}});
    apart.samples.push_back(sample(point++, value, 1));
    together.samples.push_back(sample(0, value, 1));
  }
  expect_kept({apart});
  expect_kept({together});
  expect_kept({apart, together, apart});
}

TEST(Columns, KeepEveryTime) {
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min(), kLast = std::numeric_limits<std::int64_t>::max();
  for (const auto& times : std::vector<std::vector<std::int64_t>>{{0, 0, 0},
                                                                  {5, -5, 5, 5},
                                                                  {1'000'000, 970'000, 1'000'000},
                                                                  {970'000, 1'000'000, 1'000'000},
                                                                  {kLast, kFirst, 0, kLast},
                                                                  {kFirst, kFirst + 5, kLast - 1}}) {
    Samples one{{1, 2}, {}}, many{{1, 2}, {}};
    for (std::size_t i = 0; i < times.size(); ++i) {
      one.samples.push_back(sample(3, 1, times[i]));
      for (std::uint32_t point = 0; point < 3; ++point)
        many.samples.push_back(sample(point, 1, times[(i + point) % times.size()]));
    }
    expect_kept({one});
    expect_kept({many});
    expect_kept({one, many, one});
  }
}

TEST(Columns, KeepRandomRecords) {
  std::mt19937_64 random(1);
  const auto value = [&](std::uint64_t way) -> double {
    switch (way % 6) {
      case 0:
        return static_cast<double>(static_cast<std::int64_t>(random() % 2001) - 1000) / 10;
      case 1:
        return static_cast<double>(static_cast<float>(random() % 100'000) / 1000.0f);
      case 2:
        return static_cast<double>(random() % 3);
      case 3:
        return std::bit_cast<double>(random());
      case 4:
        return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
      default:
        return kNoValue;
    }
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<Samples> records(1 + random() % 8, Samples{{random(), random()}, {}});
    for (Samples& record : records) {
      record.definition = records.front().definition;
      std::int64_t at = 1'795'421'700'000;
      const std::uint64_t points = 1 + random() % 12, odd = random() % 40, mixed = random() % 2;
      for (std::uint64_t n = random() % 80; n > 0; --n) {
        if (random() % 20 == 0) at += static_cast<std::int64_t>(random() % 200'000) - 100'000;
        if (odd == 0) at = static_cast<std::int64_t>(random());
        const auto point = static_cast<std::uint32_t>(odd == 1 ? random() : random() % points);
        record.samples.push_back(
            sample(point, value(mixed ? random() : point), at, static_cast<Quality>(random() % 4 ? 0 : random() % 8)));
      }
    }
    expect_kept(records);
  }
}

TEST(Columns, APollOfTenthsTakesLittleMoreThanItsBits) {
  std::mt19937_64 random(1);
  EXPECT_LT(encode_columns(std::vector{poll(1'795'421'700'000, random)}).size(), 80u) << "38 B are its values";
}

TEST(Columns, ManyPollsTakeLessThanEachAlone) {
  std::mt19937_64 random(1);
  std::vector<Samples> records;
  std::size_t alone = 0;
  for (std::int64_t second = 0; second < 60; ++second) {
    records.push_back(poll(1'795'421'700'000 + second * 1000, random));
    records.back().samples[7].time -= Millis{30'000};  // one of them late
    if (second > 0)
      for (std::size_t i = 0; i < 50; ++i)
        records.back().samples[i].value = records[records.size() - 2].samples[i].value;  // nothing changes
    alone += encode_columns({&records.back(), 1}).size();
  }
  EXPECT_LT(encode_columns(records).size(), alone / 4);
}

TEST(Columns, AChangeOfScaleCostsTwoBytes) {
  Samples tenths{{1, 2}, {}}, mixed{{1, 2}, {}};
  for (std::uint32_t point = 0; point < 40; ++point) {
    tenths.samples.push_back(sample(point, 20.5, 0));
    mixed.samples.push_back(sample(point, point < 20 ? 20.5 : 0.000205, 0));  // six digits instead of one
  }
  EXPECT_EQ(encode_columns({&mixed, 1}).size(), encode_columns({&tenths, 1}).size() + 2);
}

TEST(Columns, RefuseMoreThanExpectedBeforeTheyTakeMemory) {
  const auto with = [](std::uint64_t points, std::uint64_t count) {
    std::string bytes(1, kColumns);
    put_varint(bytes, 1);
    bytes += std::string(16, 'd');
    for (const std::uint64_t n : {std::uint64_t{1}, std::uint64_t{0}, points, count}) put_varint(bytes, n);
    return decode_columns(bytes + std::string(64, '\0'), 1, 1000).error().code;
  };
  EXPECT_EQ(with(1001, 1), Errc::too_large);
  EXPECT_EQ(with(1, 1001), Errc::too_large);
  EXPECT_EQ(with(500, 3), Errc::too_large);
  EXPECT_EQ(with(~std::uint64_t{0}, ~std::uint64_t{0}), Errc::too_large);
  EXPECT_EQ(with(0, 5), Errc::malformed);
  EXPECT_EQ(with(5, 0), Errc::malformed);
  std::mt19937_64 random(1);
  const std::vector records{poll(0, random), poll(0, random)};
  EXPECT_EQ(decode_columns(encode_columns(records), 1, kMost).error().code, Errc::too_large);
  EXPECT_EQ(decode_columns(encode_columns(records), 2, 99).error().code, Errc::too_large);
  EXPECT_TRUE(decode_columns(encode_columns(records), 2, 100));
}

TEST(Columns, RefuseWhatIsCutShortOrLongerThanItSays) {
  std::mt19937_64 random(1);
  const std::string bytes = encode_columns(std::vector{poll(5, random), poll(1005, random)});
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_columns(bytes.substr(0, size), 2, kMost));
  EXPECT_EQ(decode_columns(bytes + '\0', 2, kMost).error().code, Errc::malformed);
  EXPECT_FALSE(count_columns(bytes)) << "a payload is of one record";
}

TEST(Columns, SayThatAQualityOrAFormIsNewer) {
  std::string bytes = encode_columns(std::vector{Samples{{1, 2}, {sample(0, 1, 5)}}});
  bytes[0] = '\x02';
  EXPECT_EQ(decode_columns(bytes, 1, kMost).error().code, Errc::unsupported);
  bytes = encode_columns(std::vector{Samples{{1, 2}, {sample(0, 1, 0)}}});
  const std::size_t words = 18 + 4 + 2;  // after the head, one group, the base time and no exception
  ASSERT_EQ(bytes[words], '\x01') << "all are good";
  EXPECT_EQ(decode_columns(bytes.substr(0, words) + "\x80\x80\x04" + bytes.substr(words + 1), 1, kMost).error().code,
            Errc::unsupported);
}

TEST(Columns, GiveSamplesOrAnErrorForAnyBytes) {
  std::mt19937_64 random(1);
  for (const auto& records : {std::vector{poll(5, random)}, std::vector{poll(5, random), poll(7, random)}}) {
    const std::string bytes = encode_columns(records);
    for (int i = 0; i < 5000; ++i) {
      std::string damaged = bytes;
      for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      if (const auto read = decode_columns(damaged, 2, 1000))
        for (const Samples& record : *read) EXPECT_LE(record.samples.size(), 1000u);
      (void)count_columns(damaged);
    }
  }
}

TEST(Numbers, ComeBackWhateverTheirWidth) {
  std::mt19937_64 random(1);
  for (std::size_t count : {0, 1, 31, 32, 33, 64, 100})
    for (unsigned width = 0; width <= 64; ++width) {
      std::vector<std::int64_t> numbers(count), read(count);
      for (auto& number : numbers) number = width == 0 ? 7 : static_cast<std::int64_t>(random()) >> (64 - width);
      std::string bytes;
      put_numbers(bytes, numbers);
      ByteReader in(bytes);
      get_numbers(in, read);
      EXPECT_TRUE(in.ok() && in.done());
      EXPECT_EQ(read, numbers);
    }
}

}  // namespace
}  // namespace anlan::wire
