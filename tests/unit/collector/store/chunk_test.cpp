#include "collector/store/chunk.hpp"

#include <bit>
#include <cmath>
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "collector/store/time_tracks.hpp"
#include "tests/support/stored_records.hpp"

namespace anlan::collector {
namespace {

using test::expect_same;
using test::sample;
using Records = std::vector<StoredRecord>;

constexpr std::int64_t kGroup = 9;

ColumnSet set_of(const Records& records) {
  ColumnSet set;
  for (const StoredRecord& record : records) set.add(record);
  return set;
}

/// One sample of each point a record, a second apart.
Records walk(std::size_t count, std::uint32_t points, const std::function<double(std::size_t, std::uint32_t)>& value) {
  Records records;
  for (std::size_t i = 0; i < count; ++i) {
    StoredRecord record{{3, 100 + i}, {}};
    for (std::uint32_t p = 0; p < points; ++p)
      record.samples.push_back(sample(p, 1'700'000'000'000 + static_cast<std::int64_t>(i) * 1000, value(i, p)));
    records.push_back(std::move(record));
  }
  return records;
}

class Chunk : public testing::TestWithParam<Effort> {
 protected:
  void expect_kept(const Records& records) {
    const std::string bytes = encode_chunk(set_of(records), kGroup, GetParam());
    const auto decoded = decode_chunk(bytes, kGroup);
    ASSERT_TRUE(decoded) << decoded.error().message;
    expect_same(decoded->rows(), records);
    expect_points(bytes, records);
  }

  /// Each point alone gives the same as all together.
  static void expect_points(const std::string& bytes, const Records& records) {
    const ColumnSet set = set_of(records);
    for (const PointColumn& column : set.columns()) {
      const auto alone = decode_point(bytes, kGroup, column.point);
      ASSERT_TRUE(alone) << alone.error().message;
      EXPECT_FALSE(alone->damaged);
      expect_same(alone->samples, samples_of(column, set.records()));
    }
    EXPECT_TRUE(decode_point(bytes, kGroup, 4'000'000)->samples.empty());
  }
};

TEST_P(Chunk, KeepsDecimalsOfEveryWidth) {
  expect_kept({});
  for (const double step : {1.0, 0.1, 0.001, 1e-9, 12345.678, -0.5})
    expect_kept(walk(200, 3, [&](std::size_t i, std::uint32_t p) {
      return std::round(static_cast<double>((i + p) % 37) * step * 1e6) / 1e6;
    }));
}

TEST_P(Chunk, KeepsWhatAnInstrumentSentAsFloat) {
  expect_kept(walk(300, 1, [](std::size_t i, std::uint32_t) {
    return static_cast<double>(23.4f + static_cast<float>(i % 7) * 0.1f);
  }));
}

TEST_P(Chunk, KeepsAnyBits) {
  std::mt19937_64 random(1);
  expect_kept(walk(100, 3, [&](std::size_t, std::uint32_t) { return std::bit_cast<double>(random()); }));
  expect_kept(walk(3, 2, [](std::size_t i, std::uint32_t) { return i == 1 ? -0.0 : 1.5; }));
  expect_kept(walk(3, 2, [](std::size_t i, std::uint32_t) { return i == 1 ? std::nan("5") : 1.5; }));
}

TEST_P(Chunk, KeepsSamplesWithoutAValue) {
  auto records = walk(100, 2, [](std::size_t i, std::uint32_t p) { return (i + p) % 3 == 0 ? kNoValue : 20.5; });
  for (StoredRecord& record : records)
    for (Sample& s : record.samples)
      if (std::isnan(s.value)) s.quality = Quality::comm_failure;
  expect_kept(records);
  expect_kept(walk(4, 1, [](std::size_t, std::uint32_t) { return kNoValue; }));
}

TEST_P(Chunk, KeepsRecordsOfEveryShape) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 50; ++round) {
    Records records;
    for (std::size_t r = 0; r < 1 + random() % 40; ++r) {
      StoredRecord record{{static_cast<std::uint32_t>(random()), random()}, {}};
      for (std::uint32_t point = static_cast<std::uint32_t>(random() % 3); point < 20;
           point += 1 + static_cast<std::uint32_t>(random() % 5))
        for (std::size_t n = 0; n < 1 + random() % 3; ++n)
          record.samples.push_back(sample(point, static_cast<std::int64_t>(random()),
                                          static_cast<double>(random() % 100), static_cast<Quality>(random() % 8)));
      records.push_back(std::move(record));
    }
    expect_kept(records);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Effort, Chunk, testing::Values(Effort::none, Effort::quick, Effort::tight), [](const auto& effort) {
      return std::string(effort.param == Effort::none ? "none" : effort.param == Effort::quick ? "quick" : "tight");
    });

TEST(ChunkSize, PointsThatAreReadTogetherShareTheirTimes) {
  std::mt19937_64 random(3);
  std::vector<std::int64_t> level(50, 200);
  auto records = walk(1000, 50, [&](std::size_t, std::uint32_t p) {
    return static_cast<double>(level[p] += static_cast<std::int64_t>(random() % 3) - 1) / 10;
  });
  for (StoredRecord& record : records) {
    const Millis jitter{static_cast<std::int64_t>(random() % 5)};
    for (Sample& s : record.samples) {
      s.time += jitter;
      if (random() % 100 == 0) s.time -= Millis{30'000};
    }
  }
  // A step of one of three is 0.2 B; a late sample costs 4 B.
  EXPECT_LT(static_cast<double>(encode_chunk(set_of(records), kGroup, Effort::tight).size()) / 50'000, 0.31);
}

TEST(TimeTracks, OneLateSampleIsAnExceptionOfItsOwnPoint) {
  auto records = walk(8, 5, [](std::size_t, std::uint32_t) { return 1.0; });
  records[2].samples[0].time -= Millis{30'000};  // of the first point, from which the track is made
  const ColumnSet set = set_of(records);
  const SharedTimes shared = share_times(set.columns());
  ASSERT_EQ(shared.tracks.size(), 1u);
  EXPECT_EQ(shared.tracks[0].times, set.columns()[1].times);
}

TEST(TimeTracks, DevicesThatAreReadApartHaveTracksOfTheirOwn) {
  auto records = walk(100, 4, [](std::size_t, std::uint32_t) { return 1.0; });
  for (StoredRecord& record : records)
    for (std::size_t p = 2; p < 4; ++p) record.samples[p].time += Millis{250};
  const ColumnSet set = set_of(records);
  const SharedTimes shared = share_times(set.columns());
  EXPECT_EQ(shared.tracks.size(), 2u);
  EXPECT_EQ(shared.track_of, (std::vector<std::size_t>{0, 0, 1, 1}));
}

TEST(ChunkDamage, OfOnePointCostsThatPointOnly) {
  const auto records = walk(40, 3, [](std::size_t i, std::uint32_t p) { return static_cast<double>(i * p); });
  std::string bytes = encode_chunk(set_of(records), kGroup, Effort::tight);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);  // of the last point's seal
  EXPECT_EQ(decode_point(bytes, kGroup, 0)->samples.size(), 40u);
  EXPECT_EQ(decode_point(bytes, kGroup, 1)->samples.size(), 40u);
  EXPECT_EQ(decode_point(bytes, kGroup, 2)->damaged, 40u);
  EXPECT_TRUE(decode_point(bytes, kGroup, 2)->samples.empty());
  EXPECT_EQ(decode_chunk(bytes, kGroup).error().code, Errc::storage_corrupt);
}

TEST(ChunkDamage, EveryFlippedBitIsFound) {
  const auto records = walk(40, 2, [](std::size_t i, std::uint32_t) { return static_cast<double>(i); });
  const std::string bytes = encode_chunk(set_of(records), kGroup, Effort::tight);
  ASSERT_TRUE(decode_chunk(bytes, kGroup));
  EXPECT_FALSE(decode_chunk(bytes, kGroup + 1)) << "another group's chunk";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1 << i % 8);
    ASSERT_FALSE(decode_chunk(damaged, kGroup)) << i;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    ASSERT_FALSE(decode_chunk(std::string_view(bytes).substr(0, size), kGroup)) << size;
  EXPECT_FALSE(decode_chunk(bytes + "x", kGroup));
}

TEST(ChunkCounts, SamplesOfEachEpoch) {
  auto records = walk(5, 2, [](std::size_t, std::uint32_t) { return 1.0; });
  records[4].head.epoch = 8;
  records[4].samples.pop_back();
  const auto counts = count_by_epoch(encode_chunk(set_of(records), kGroup, Effort::quick), kGroup);
  EXPECT_EQ(*counts, (std::vector<std::pair<std::uint32_t, std::uint64_t>>{{3, 8}, {8, 1}}));
}

}  // namespace
}  // namespace anlan::collector
