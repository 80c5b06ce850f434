#include "collector/store/compaction.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

constexpr std::int64_t kHour = 3'600'000;

StoredSample at(std::int64_t time, std::uint64_t sequence) { return {time, 0, Quality::good, 1, sequence, 0}; }

TEST(Runs, ABacklogAndLiveDataAreTwoRuns) {
  const auto runs =
      runs_of({at(100 * kHour, 7), at(20 * kHour, 8), at(100 * kHour + 1000, 9), at(20 * kHour + 1000, 10)});
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0][0].sequence, 8u);
  EXPECT_EQ(runs[0][1].sequence, 10u);
  EXPECT_EQ(runs[1][0].sequence, 7u);
  EXPECT_EQ(runs[1][1].sequence, 9u);
}

TEST(Runs, ASampleThatIsALittleLateStaysInItsRun) {
  const auto runs = runs_of({at(30'000, 1), at(31'000, 2), at(5'000, 3)});
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0][2].sequence, 3u) << "in the order of identity, not of time";
}

TEST(Runs, WhatArrivedInAnotherOrderStandsByIdentity) {
  const auto runs = runs_of({at(30'000, 3), at(31'000, 1), at(5'000, 2)});
  ASSERT_EQ(runs.size(), 1u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(runs[0][i].sequence, i + 1);
}

TEST(Runs, AnHourIsNotYetAPause) {
  EXPECT_EQ(runs_of({at(0, 1), at(kHour, 2)}).size(), 1u);
  EXPECT_EQ(runs_of({at(0, 1), at(kHour + 1, 2)}).size(), 2u);
  EXPECT_EQ(runs_of({at(INT64_MIN, 1), at(INT64_MAX, 2)}).size(), 2u);
  EXPECT_TRUE(runs_of({}).empty());
}

}  // namespace
}  // namespace anlan::collector
