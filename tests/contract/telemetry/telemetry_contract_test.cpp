// What every implementation of collector/store/telemetry_store.hpp promises. The parameter opens one on a directory;
// "compacting" ones are tidied up after each write, so that both shapes of the files keep the same promises; "victoria"
// answers out of its journal, "victoria_moved" out of the engine.
#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/store/sqlite_telemetry.hpp"
#include "collector/store/victoria/victoria_telemetry.hpp"
#include "tests/support/memory_telemetry.hpp"
#include "tests/support/telemetry_builder.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/victoria.hpp"

namespace anlan::collector {
namespace {

using test::At;
using test::decoded;
using test::kEpoch1;
using test::kEpoch2;
using test::point_name;
using test::Points;
using testing::ElementsAre;

struct Kind {
  const char* name;
  std::unique_ptr<TelemetryStore> (*open)(const test::TempDir&);
  Result<void> (*tidy)(TelemetryStore&);  // after each write; nullptr: nothing
  bool forgets = true, rolls_up = false;
};

class TelemetryContract : public testing::TestWithParam<Kind> {
 protected:
  TelemetryContract() : store_(GetParam().open(dir_)) {}

  void write(const TelemetryBatch& batch) {
    const auto done = store_->write(batch);
    ASSERT_TRUE(done) << done.error().message;
    tidy();
  }
  void write(std::vector<DecodedRecord> records) { write(TelemetryBatch{std::move(records), {}, {}}); }
  void tidy() {
    if (GetParam().tidy == nullptr) return;
    const auto done = GetParam().tidy(*store_);
    ASSERT_TRUE(done) << done.error().message;
  }

  std::vector<TelemetrySample> all(const std::string& point, std::size_t page_size = 1000,
                                   std::int64_t from = std::numeric_limits<std::int64_t>::min(),
                                   std::int64_t to = std::numeric_limits<std::int64_t>::max()) {
    std::vector<TelemetrySample> samples;
    TelemetryQuery query{point, wall_from_ms(from), wall_from_ms(to), page_size, ""};
    do {
      const auto page = store_->query(query);
      if (!page) {
        ADD_FAILURE() << page.error().message;
        return samples;
      }
      EXPECT_LE(page->samples.size(), page_size);
      EXPECT_TRUE(page->losses.empty());
      samples.insert(samples.end(), page->samples.begin(), page->samples.end());
      query.cursor = page->next;
    } while (!query.cursor.empty());
    return samples;
  }
  std::vector<double> values(const std::string& point) {
    std::vector<double> found;
    for (const auto& sample : all(point)) found.push_back(sample.value);
    return found;
  }
  std::optional<NewestValue> newest(const std::string& point) {
    const auto found = store_->newest({point});
    return found ? found->at(0) : std::nullopt;
  }

  test::TempDir dir_;
  std::unique_ptr<TelemetryStore> store_;
  Points one_{1}, three_{3};
};

TEST_P(TelemetryContract, SamplesComeBackAsTheyWere) {
  write(
      {decoded(three_, 5, {{1000, 1.5, 1}, {1001, kNoValue, 1, Quality::comm_failure}, {1002, -0.0, 1, Quality::stale}},
               kEpoch1, 7)});
  const auto samples = all(point_name(1));
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_EQ(samples[0].time, wall_from_ms(1000));
  EXPECT_EQ(samples[0].value, 1.5);
  EXPECT_EQ(samples[0].quality, Quality::good);
  EXPECT_EQ(samples[0].ordinal, 7u);
  EXPECT_EQ(samples[0].sequence, 5u);
  EXPECT_TRUE(std::isnan(samples[1].value));
  EXPECT_EQ(samples[1].quality, Quality::comm_failure);
  EXPECT_TRUE(std::signbit(samples[2].value));
  EXPECT_TRUE(all(point_name(0)).empty()) << "a point that was named and had no sample";
}

TEST_P(TelemetryContract, ValuesAreExactToTheBit) {
  std::mt19937_64 random(7);
  std::vector<double> wanted{0.1,
                             1.0 / 3,
                             5e-324,
                             1.7976931348623157e308,
                             std::numeric_limits<double>::infinity(),
                             -1e-9,
                             23.4f,
                             123456789.123456789,
                             4503599627370497.5,
                             -0.0};
  for (int i = 0; i < 500; ++i) wanted.push_back(std::bit_cast<double>(random()));
  const Points points(100);
  std::uint64_t sequence = 0;
  for (const std::uint32_t width : {1u, 7u, 100u}) {  // mixed differently with each other
    std::vector<At> samples;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      samples.push_back({static_cast<std::int64_t>(i), wanted[i], static_cast<std::uint32_t>(i % width)});
    write({decoded(points, sequence++, samples)});
  }
  for (const auto& sample : all(point_name(0), 100)) {
    const auto i = static_cast<std::size_t>(to_ms(sample.time));
    ASSERT_EQ(std::bit_cast<std::uint64_t>(sample.value), std::bit_cast<std::uint64_t>(wanted[i])) << wanted[i];
  }
}

TEST_P(TelemetryContract, TimesMayBeAnything) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max() - 1;
  write({decoded(one_, 0, {{5, 1}, {most, 2}, {-5, 3}, {least, 4}, {0, 5}})});
  EXPECT_THAT(values(point_name(0)), ElementsAre(4, 3, 5, 1, 2));
}

TEST_P(TelemetryContract, NothingIsTakenForADuplicateByItsTime) {
  write({decoded(one_, 0, {{1000, 1}, {1000, 1}, {1000, 2}})});
  write({decoded(one_, 1, {{1000, 1}}), decoded(one_, 0, {{1000, 9}}, kEpoch2, 2)});
  EXPECT_THAT(values(point_name(0)), ElementsAre(1, 1, 2, 1, 9)) << "by ordinal, sequence, place in the record";
  EXPECT_EQ(all(point_name(0), 1).size(), 5u) << "also across pages";
}

TEST_P(TelemetryContract, AQueryIsHalfOpenAndSortedByTime) {
  write({decoded(one_, 0, {{30, 3}, {10, 1}})});
  write({decoded(one_, 1, {{20, 2}, {40, 4}})});
  const auto found = all(point_name(0), 10, 10, 40);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].value, 1);
  EXPECT_EQ(found[2].value, 3);
  EXPECT_TRUE(all(point_name(0), 10, 20, 20).empty());
  EXPECT_TRUE(all(point_name(0), 10, 40, 10).empty());
}

TEST_P(TelemetryContract, AnUnknownPointIsNotFoundAndABadPageIsRefused) {
  write({decoded(one_, 0, {{1, 1}})});
  EXPECT_EQ(store_->query({"site/device/other", {}, wall_from_ms(9), 10, ""}).error().code, Errc::not_found);
  for (const std::size_t limit : {std::size_t{0}, kMaxTelemetryPage + 1})
    EXPECT_EQ(store_->query({point_name(0), {}, wall_from_ms(9), limit, ""}).error().code, Errc::invalid_argument);
  EXPECT_EQ(store_->query({point_name(0), {}, wall_from_ms(9), 10, "nonsense"}).error().code, Errc::invalid_argument);
}

TEST_P(TelemetryContract, PagesHoldEverySampleOnceWhateverTheOrderOfArrival) {
  std::mt19937_64 random(42);
  std::vector<At> samples;
  for (int i = 0; i < 7000; ++i) {
    const std::int64_t late = random() % 10 == 0 ? static_cast<std::int64_t>(random() % 40'000'000) : 0;
    samples.push_back({1'700'000'000'000 + i * 1000 - late, static_cast<double>(i)});
  }
  std::uint64_t sequence = 0;
  for (std::size_t i = 0; i < samples.size(); i += 350)
    write({decoded(
        one_, sequence++,
        {samples.begin() + static_cast<std::ptrdiff_t>(i), samples.begin() + static_cast<std::ptrdiff_t>(i) + 350})});
  for (const std::size_t page : {97u, 1000u, 100'000u}) {
    const auto found = all(point_name(0), page);
    ASSERT_EQ(found.size(), samples.size());
    EXPECT_TRUE(std::ranges::is_sorted(found, {}, &TelemetrySample::time));
    std::vector<bool> seen(samples.size());
    for (const auto& sample : found) seen[static_cast<std::size_t>(sample.value)] = true;
    EXPECT_EQ(std::ranges::count(seen, true), static_cast<std::ptrdiff_t>(seen.size()));
  }
  const auto hour = all(point_name(0), 500, 1'700'000'000'000, 1'700'003'600'000);
  const auto wanted = std::ranges::count_if(
      samples, [](const At& at) { return at.time >= 1'700'000'000'000 && at.time < 1'700'003'600'000; });
  EXPECT_EQ(hour.size(), static_cast<std::size_t>(wanted));
}

TEST_P(TelemetryContract, PagesGoOnWhereTheyStoppedWhenTheStoreTidiesUpMeanwhile) {
  // One record over hours, with the same time again and again: it is taken apart when it is filed.
  std::vector<At> samples;
  for (int i = 0; i < 60; ++i) samples.push_back({(i % 3 - 1) * 7'200'000, static_cast<double>(i)});
  ASSERT_TRUE(store_->write({{decoded(one_, 0, samples)}, {}, {}}));
  TelemetryQuery query{point_name(0), wall_from_ms(-10'000'000), wall_from_ms(10'000'000), 7, ""};
  std::vector<double> seen;
  do {
    const auto page = store_->query(query);
    ASSERT_TRUE(page) << page.error().message;
    for (const auto& sample : page->samples) seen.push_back(sample.value);
    query.cursor = page->next;
    if (seen.size() == 14) ASSERT_TRUE(store_->compact());
  } while (!query.cursor.empty());
  std::vector<double> wanted;
  for (const int third : {0, 1, 2})
    for (int i = third; i < 60; i += 3) wanted.push_back(i);
  EXPECT_EQ(seen, wanted);
}

TEST_P(TelemetryContract, TheNewestValueGoesByOrdinalAndSequenceNotByTime) {
  write({decoded(one_, 10, {{9'000'000'000'000, 1}})});  // far in the future
  write({decoded(one_, 11, {{1000, 2}})});
  EXPECT_EQ(newest(point_name(0))->sample.value, 2) << "a time in the future pins nothing";
  write({decoded(one_, 5, {{2000, 3}})});
  EXPECT_EQ(newest(point_name(0))->sample.value, 2) << "a backlog is not newer";
  write({decoded(one_, 0, {{500, 4}}, kEpoch2, 2)});
  EXPECT_EQ(newest(point_name(0))->sample.value, 4) << "a later epoch is";
  write({decoded(one_, 12, {{3000, 5}})});
  EXPECT_EQ(newest(point_name(0))->sample.value, 4);
  EXPECT_EQ(newest(point_name(0))->sample.ordinal, 2u);
  EXPECT_EQ(newest(point_name(0))->edge, "edge-a");
}

TEST_P(TelemetryContract, WithinARecordTheLastSampleIsTheNewest) {
  write({decoded(one_, 1, {{2000, 1}, {1000, 2}})});
  EXPECT_EQ(newest(point_name(0))->sample.value, 2);
}

TEST_P(TelemetryContract, APointThatMovedToAnotherEdgeShowsThatEdgesValue) {
  write({decoded(one_, 1000, {{2000, 1}}, kEpoch1, 40, "edge-a")});
  write({decoded(one_, 0, {{3000, 2}}, kEpoch2, 1, "edge-b")});
  EXPECT_EQ(newest(point_name(0))->sample.value, 2);
  EXPECT_EQ(newest(point_name(0))->edge, "edge-b");
  EXPECT_EQ(all(point_name(0)).size(), 2u);
}

TEST_P(TelemetryContract, AnOrdinalThatIsLearntLaterCounts) {
  write({decoded(one_, 0, {{1000, 1}}, kEpoch1, 0)});
  write({decoded(one_, 1, {{1000, 2}}, kEpoch1, 3)});
  write({decoded(one_, 0, {{1000, 3}}, kEpoch2, 2)});
  EXPECT_EQ(newest(point_name(0))->sample.value, 2);
  EXPECT_THAT(values(point_name(0)), ElementsAre(3, 1, 2));
  EXPECT_EQ(store_->accounts("edge-a")->at(1).ordinal, 3u);
}

TEST_P(TelemetryContract, NewestOfManyPointsKeepsTheirOrder) {
  write({decoded(three_, 0, {{1, 10, 0}, {1, 12, 2}})});
  const auto found = store_->newest({point_name(2), "site/device/unknown", point_name(1), point_name(0)});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 4u);
  EXPECT_EQ((*found)[0]->sample.value, 12);
  EXPECT_FALSE((*found)[1]);
  EXPECT_FALSE((*found)[2]);
  EXPECT_EQ((*found)[3]->sample.value, 10);
}

TEST_P(TelemetryContract, AccountsCountEverySampleOnce) {
  write({decoded(three_, 0, {{1, 1, 0}, {1, 1, 1}}), decoded(three_, 1, {{2, 1, 0}})});
  write({{decoded(three_, 0, {{3, 1, 0}}, kEpoch2, 2)},
         {test::raw(2, 40, three_.hash), test::raw(3, 2, std::nullopt)},
         {}});
  write({decoded(three_, 0, {{3, 1, 0}}, kEpoch2, 1, "edge-b")});
  const auto of_a = store_->accounts("edge-a");
  ASSERT_TRUE(of_a);
  EXPECT_THAT(*of_a, ElementsAre(TelemetryAccount{"edge-a", kEpoch1, 1, 3, 2, 42},
                                 TelemetryAccount{"edge-a", kEpoch2, 2, 1, 0, 0}));
  EXPECT_EQ(store_->accounts("")->size(), 3u);
  EXPECT_TRUE(store_->accounts("edge-c")->empty());
}

TEST_P(TelemetryContract, RangesAreSavedPerEdgeAndPlace) {
  const Place first{kEpoch1, Stream::telemetry}, second{kEpoch2, Stream::telemetry};
  RangeSet holes(0, 10);
  holes.add(20, 30);
  write({{decoded(one_, 0, {{1, 1}})},
         {},
         {{"edge-a", first, RangeSet(0, 1)}, {"edge-a", second, holes}, {"edge-b", first, RangeSet(0, 7)}}});
  write({{}, {}, {{"edge-a", first, RangeSet(0, 5)}}});
  const auto loaded = store_->load_ranges("edge-a");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->size(), 2u);
  EXPECT_EQ(loaded->at(first), RangeSet(0, 5));
  EXPECT_EQ(loaded->at(second), holes);
  EXPECT_EQ(store_->accounts("edge-a")->at(0).received, RangeSet(0, 5)) << "as people read it";
  EXPECT_TRUE(store_->load_ranges("edge-c")->empty());
}

TEST_P(TelemetryContract, KnowsTheStoreItBelongsToOnceItWasTold) {
  EXPECT_FALSE(store_->identity().value());
  for (const StoreRef ref : {StoreRef{{1, 2}, {3, 4}}, StoreRef{{1, 2}, {5, 6}}}) {
    ASSERT_TRUE(store_->set_identity(ref));
    EXPECT_EQ(store_->identity().value(), ref);
  }
}

TEST_P(TelemetryContract, RawRecordsComeBackByteForByte) {
  const std::vector<RawRecord> records{test::raw(3, 40, one_.hash), test::raw(4, 0, std::nullopt),
                                       test::raw(10, 7, three_.hash)};
  write({{}, {records[2], records[0], records[1], test::raw(3, 1, one_.hash, kEpoch1, "edge-b")}, {}});
  EXPECT_EQ(store_->raw("edge-a", std::nullopt, std::nullopt, 10), records) << "by identity";
  EXPECT_THAT(*store_->raw("edge-a", three_.hash, std::nullopt, 10), ElementsAre(records[2]));
  EXPECT_THAT(*store_->raw("edge-a", std::nullopt, records[0].record.id, 1), ElementsAre(records[1]));
  EXPECT_THAT(*store_->wanted("edge-a"), testing::UnorderedElementsAre(one_.hash, three_.hash));
}

TEST_P(TelemetryContract, ARawRecordIsReplacedOnce) {
  write({{},
         {test::raw(3, 2, one_.hash), test::raw(4, 1, one_.hash)},
         {{"edge-a", {kEpoch1, Stream::telemetry}, RangeSet(3, 5)}}});
  const std::vector<DecodedRecord> now{decoded(one_, 3, {{10, 1}, {20, 2}}), decoded(one_, 9, {{30, 3}})};
  EXPECT_EQ(store_->replace_raw(now), 1u) << "the second is not held raw";
  tidy();
  EXPECT_EQ(store_->replace_raw(now), 0u) << "again changes nothing";
  EXPECT_THAT(values(point_name(0)), ElementsAre(1, 2));
  EXPECT_THAT(*store_->accounts(""), ElementsAre(TelemetryAccount{"edge-a", kEpoch1, 1, 2, 1, 1, RangeSet(3, 5)}));
  EXPECT_EQ(store_->load_ranges("edge-a")->at({kEpoch1, Stream::telemetry}), RangeSet(3, 5));
}

TEST_P(TelemetryContract, ABatchThatIsRefusedChangesNothing) {
  write({decoded(one_, 0, {{1, 1}})});
  const auto refused = store_->write({{decoded(three_, 1, {{2, 2, 0}}, kEpoch2, 5), decoded(one_, 2, {{3, 3, 1}})},
                                      {test::raw(7, 1, one_.hash)},
                                      {{"edge-a", {kEpoch1, Stream::telemetry}, RangeSet(0, 9)}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_THAT(values(point_name(0)), ElementsAre(1));
  EXPECT_EQ(newest(point_name(0))->sample.value, 1);
  EXPECT_TRUE(store_->load_ranges("edge-a")->empty());
  EXPECT_TRUE(store_->raw("edge-a", std::nullopt, std::nullopt, 10)->empty());
  EXPECT_EQ(store_->accounts("")->size(), 1u);
  write({decoded(three_, 1, {{2, 2, 0}}, kEpoch2, 5)});
  EXPECT_EQ(newest(point_name(0))->sample.value, 2) << "and the store goes on";
}

TEST_P(TelemetryContract, AChartIsTheSameHoweverItsSamplesStand) {
  // The plain one says what is right: every stretch from every sample.
  test::MemoryTelemetry plain;
  std::mt19937_64 random(11);
  std::uint64_t sequence = 0;
  const std::int64_t begins = 1'700'000'000'000;
  const auto both = [&](std::vector<At> samples) {
    TelemetryBatch batch{{decoded(three_, sequence++, samples)}, {}, {}};
    ASSERT_TRUE(plain.write(batch));
    write(batch);
  };
  for (int hour = 0; hour < 30; ++hour) {
    if (hour == 12) continue;  // a gap
    for (int part = 0; part < 4; ++part) {
      std::vector<At> samples;
      for (std::int64_t second = part * 900; second < (part + 1) * 900; second += 5) {
        const bool failed = random() % 50 == 0;
        samples.push_back({begins + (hour * 3600 + second) * 1000,
                           failed ? kNoValue : static_cast<double>(random() % 90),
                           static_cast<std::uint32_t>(random() % 3),
                           failed ? Quality::comm_failure : static_cast<Quality>(random() % 3)});
      }
      both(std::move(samples));
    }
  }
  both({{begins + 7'200'000, 500, 1}, {begins - 9'000'000'000, 3, 1}, {begins + 43'200'000, 77, 1}});  // late
  for (const std::int64_t length : {600'000ll, 3'600'000ll, 86'400'000ll, 30 * 86'400'000ll, 2000 * 86'400'000ll})
    for (const std::size_t width : {7u, 100u, 1000u}) {
      SCOPED_TRACE(std::to_string(length) + " ms in " + std::to_string(width));
      const TrendQuery chart{point_name(1), wall_from_ms(begins + 1'234'567), wall_from_ms(begins + 1'234'567 + length),
                             width};
      const auto wanted = plain.trend(chart), found = store_->trend(chart);
      ASSERT_TRUE(found) << found.error().message;
      EXPECT_EQ(found->step, wanted->step);
      EXPECT_TRUE(found->losses.empty());
      ASSERT_EQ(found->points.size(), wanted->points.size());
      EXPECT_LE(found->points.size(), width + 1);
      for (std::size_t i = 0; i < found->points.size(); ++i) {
        const TrendPoint &a = found->points[i], &b = wanted->points[i];
        ASSERT_EQ(a.from, b.from);
        ASSERT_EQ(a.count, b.count);
        ASSERT_EQ(a.worst, b.worst);
        if (a.count == 0) continue;
        ASSERT_EQ(a.min, b.min);
        ASSERT_EQ(a.max, b.max);
        ASSERT_DOUBLE_EQ(a.mean, b.mean);
      }
    }
}

TEST_P(TelemetryContract, AChartOfNothingIsEmptyAndABadOneIsRefused) {
  write({decoded(one_, 0, {{1'000'000, 1}})});
  const auto chart = [&](const std::string& point, std::int64_t from, std::int64_t to, std::size_t width) {
    return store_->trend({point, wall_from_ms(from), wall_from_ms(to), width});
  };
  EXPECT_TRUE(chart(point_name(0), 5'000'000, 9'000'000, 10)->points.empty());
  EXPECT_TRUE(chart(point_name(0), 9, 9, 10)->points.empty());
  EXPECT_EQ(chart(point_name(0), 0, 2'000'000, 1)->points.size(), 1u);
  EXPECT_EQ(chart("site/device/other", 0, 9, 10).error().code, Errc::not_found);
  for (const std::size_t width : {std::size_t{0}, kMostTrendWidth + 1})
    EXPECT_EQ(chart(point_name(0), 0, 9, width).error().code, Errc::invalid_argument);
}

TEST_P(TelemetryContract, WhatIsTooOldIsForgottenAndStillCounted) {
  if (!GetParam().forgets) GTEST_SKIP() << "its engine forgets by its own settings";
  constexpr std::int64_t day = 86'400'000;
  for (std::uint64_t at = 0; at < 3; ++at) {
    std::vector<At> samples;
    for (std::int64_t i = 0; i < 2000; ++i)
      samples.push_back({static_cast<std::int64_t>(at) * 10 * day + i * 1000, static_cast<double>(i)});
    write({decoded(one_, at, samples)});
  }
  ASSERT_TRUE(store_->compact());
  const TelemetryRetention retention{Millis{12 * day}, std::nullopt, std::nullopt, std::nullopt};
  while (true) {
    const auto more = store_->expire(retention, wall_from_ms(21 * day));
    ASSERT_TRUE(more) << more.error().message;
    if (!*more) break;
  }
  EXPECT_EQ(all(point_name(0)).size(), 4000u) << "the first 2,000 are older";
  if (GetParam().rolls_up) {
    const auto chart = store_->trend({point_name(0), wall_from_ms(0), wall_from_ms(day), 24});
    std::uint64_t counted = 0;
    for (const TrendPoint& point : chart->points) counted += point.count;
    EXPECT_EQ(counted, 2000u) << "what they were in minutes, hours and days stays";
  }
  EXPECT_EQ(store_->accounts("edge-a")->at(0).samples, 6000u);
  EXPECT_EQ(newest(point_name(0))->sample.value, 1999);
}

TEST_P(TelemetryContract, AReaderMeanwhileSeesWholeWritesAndAllThatHaveReturned) {
  constexpr std::size_t kWrites = 60, kEach = 10;
  write({decoded(one_, 0, {{0, 0}})});
  std::atomic<std::uint64_t> returned = 0;
  std::jthread writer([&] {
    for (std::uint64_t sequence = 1; sequence <= kWrites; ++sequence) {
      std::vector<At> samples(kEach, At{static_cast<std::int64_t>(sequence), static_cast<double>(sequence)});
      write({decoded(one_, sequence, samples)});
      returned = sequence;
    }
  });
  while (returned < kWrites && !HasFailure()) {
    const std::uint64_t before = returned;
    const std::size_t seen = all(point_name(0), 100'000).size() - 1;
    EXPECT_EQ(seen % kEach, 0u);
    EXPECT_GE(seen, before * kEach);
    EXPECT_GE(newest(point_name(0))->sample.sequence, before);
    EXPECT_GE(store_->accounts("edge-a")->at(0).samples, before * kEach);
  }
}

std::unique_ptr<TelemetryStore> open_sqlite(const test::TempDir& dir) {
  auto store = open_sqlite_telemetry(dir.file("telemetry.db"));
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

/// One engine for all tests: each journal has a label of its own in it.
std::unique_ptr<TelemetryStore> open_victoria(const test::TempDir& dir) {
  static test::Victoria engine;
  VictoriaOptions options;
  options.file = dir.file("victoria.db");
  options.engine.write_url = options.engine.read_url = engine.url();
  options.engine.storage_urls = {engine.url()};
  options.every = Millis{0};  // moved by move_all() only
  auto store = open_victoria_telemetry(options);
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

Result<void> compact(TelemetryStore& store) { return store.compact(); }
Result<void> move_all(TelemetryStore& store) { return dynamic_cast<VictoriaTelemetry&>(store).move_all(); }

INSTANTIATE_TEST_SUITE_P(All, TelemetryContract,
                         testing::Values(Kind{"memory",
                                              [](const test::TempDir&) -> std::unique_ptr<TelemetryStore> {
                                                return std::make_unique<test::MemoryTelemetry>();
                                              },
                                              nullptr},
                                         Kind{"sqlite", open_sqlite, nullptr, true, true},
                                         Kind{"sqlite_compacting", open_sqlite, compact, true, true},
                                         Kind{"victoria", open_victoria, nullptr, false},
                                         Kind{"victoria_moved", open_victoria, move_all, false}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace anlan::collector
