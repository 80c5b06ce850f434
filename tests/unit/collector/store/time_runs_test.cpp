#include "collector/store/time_runs.hpp"

#include <gtest/gtest.h>

#include "tests/support/stored_records.hpp"

namespace anlan::collector {
namespace {

using test::sample;

constexpr std::int64_t kHourMs = 3'600'000;

StoredRecord at(std::int64_t time, std::uint64_t sequence) { return {{1, sequence}, {sample(0, time, 1)}}; }

std::vector<std::uint64_t> sequences(const TimeRun& run) {
  std::vector<std::uint64_t> found;
  for (const StoredRecord& record : run.records) found.push_back(record.head.sequence);
  return found;
}

using Sequences = std::vector<std::uint64_t>;

TEST(TimeRuns, ABacklogAndLiveDataAreTwoRuns) {
  const auto runs =
      runs_of({at(100 * kHourMs, 7), at(20 * kHourMs, 8), at(100 * kHourMs + 1000, 9), at(20 * kHourMs + 1000, 10)});
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(sequences(runs[0]), (Sequences{8, 10}));
  EXPECT_EQ(sequences(runs[1]), (Sequences{7, 9}));
}

TEST(TimeRuns, ARecordThatIsALittleLateStaysInItsRun) {
  const auto runs = runs_of({at(30'000, 1), at(31'000, 2), at(5'000, 3)});
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(sequences(runs[0]), (Sequences{1, 2, 3})) << "in the order of writing, not of time";
}

TEST(TimeRuns, WhatArrivedInAnotherOrderStandsByItsHead) {
  const auto runs = runs_of({at(30'000, 3), at(31'000, 1), at(5'000, 2)});
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(sequences(runs[0]), (Sequences{1, 2, 3}));
}

TEST(TimeRuns, AnHourIsNotYetAPause) {
  EXPECT_EQ(runs_of({at(0, 1), at(kHourMs, 2)}).size(), 1u);
  EXPECT_EQ(runs_of({at(0, 1), at(kHourMs + 1, 2)}).size(), 2u);
  EXPECT_EQ(runs_of({at(INT64_MIN, 1), at(INT64_MAX, 2)}).size(), 2u);
  EXPECT_TRUE(runs_of({}).empty());
  EXPECT_TRUE(runs_of({StoredRecord{}}).empty());
}

TEST(TimeRuns, ASampleOfALyingClockIsARunOfItsOwn) {
  const StoredRecord record{{1, 4}, {sample(0, 500 * kHourMs, 1), sample(0, 7, 2), sample(1, 500 * kHourMs, 3)}};
  const auto runs = runs_of({record});
  ASSERT_EQ(runs.size(), 2u);
  test::expect_same(runs[0].records, {{{1, 4}, {sample(0, 7, 2)}}});
  test::expect_same(runs[1].records, {{{1, 4}, {sample(0, 500 * kHourMs, 1), sample(1, 500 * kHourMs, 3)}}});
  EXPECT_EQ(runs[1].range.start, 500 * kHourMs);
  EXPECT_EQ(runs[1].range.end, 500 * kHourMs);
}

}  // namespace
}  // namespace anlan::collector
