// The newest values as they are kept: every one comes back, what is damaged does not pass, and a restart changes none.
#include "collector/store/newest_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/store/chunk.hpp"
#include "collector/store/sqlite_telemetry.hpp"
#include "tests/support/telemetry_builder.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

using test::decoded;
using test::point_name;

const std::vector<PlacedValue> kValues{
    {0, {1'000, 1.5, Quality::good, 3, 7, 0}},
    {1, {9'000'000'000'000, -0.0, Quality::stale, 3, 7, 0}},
    {4, {-5, kNoValue, Quality::comm_failure, 2, 1'000'000, 0}},
    {9, {1'000, 0.1, Quality::good, 3, 6, 0}},
};

std::string text(const std::vector<PlacedValue>& values) {
  std::string out;
  for (const auto& [place, s] : values)
    out += std::to_string(place) + ": " + std::to_string(s.time) + " " +
           std::to_string(std::bit_cast<std::uint64_t>(s.value)) + " " + std::to_string(static_cast<int>(s.quality)) +
           " " + std::to_string(s.epoch) + "/" + std::to_string(s.sequence) + "\n";
  return out;
}

TEST(NewestTable, EveryValueComesBack) {
  const NewestRow row = newest_row(5, kValues);
  EXPECT_EQ(row.group, 5);
  EXPECT_EQ(row.latest_ms, 9'000'000'000'000);
  const auto back = newest_in(5, row.data);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(text(*back), text(kValues));
}

TEST(NewestTable, WhatIsOfAnotherGroupOrIsAChunkDoesNotPass) {
  const NewestRow row = newest_row(5, kValues);
  EXPECT_EQ(newest_in(6, row.data).error().code, Errc::storage_corrupt);
  EXPECT_FALSE(decode_chunk(row.data, 5));
  ColumnSet set;
  set.add({{1, 1}, {Sample{}}});
  EXPECT_FALSE(newest_in(5, encode_chunk(set, 5, Effort::quick)));
  for (std::size_t i = 0; i < row.data.size(); ++i) {
    std::string damaged = row.data;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_FALSE(newest_in(5, damaged)) << i;
    EXPECT_FALSE(newest_in(5, row.data.substr(0, i))) << i;
  }
}

class NewestValuesKept : public testing::Test {
 protected:
  NewestValuesKept() { open(); }
  void open() {
    store_.reset();
    store_ = std::move(*open_sqlite_telemetry(dir_.file("telemetry.db")));
  }
  void file(DecodedRecord record) {
    ASSERT_TRUE(store_->write({{std::move(record)}, {}, {}}));
    ASSERT_TRUE(store_->compact());
  }
  std::optional<NewestValue> newest(std::size_t point) { return store_->newest({point_name(point)})->at(0); }

  test::TempDir dir_;
  test::Points one_{1}, two_{2};
  std::unique_ptr<TelemetryStore> store_;
};

/// A point of two definitions has a row with each.
TEST_F(NewestValuesKept, AreThoseOfTheEdgeThatHadThePointLastWhateverTheDefinition) {
  file(decoded(two_, 10, {{1000, 1, 0}, {1000, 2, 1}}, test::kEpoch1, 40, "edge-a"));
  file(decoded(one_, 0, {{2000, 3}}, test::kEpoch2, 1, "edge-b"));
  open();
  EXPECT_EQ(newest(0)->edge, "edge-b");
  EXPECT_EQ(newest(1)->sample.value, 2);
  file(decoded(two_, 11, {{3000, 4, 0}}, test::kEpoch1, 40, "edge-a"));
  open();
  EXPECT_EQ(newest(0)->edge, "edge-a");
  EXPECT_EQ(newest(0)->sample.value, 4);
  EXPECT_EQ(newest(1)->sample.value, 2) << "it had none in the last record";
}

TEST_F(NewestValuesKept, WhereTheyAreDamagedTheNextSamplesReplaceThem) {
  file(decoded(one_, 0, {{1000, 1}}));
  store_.reset();
  SQLite::Database(dir_.file("telemetry.db"), SQLite::OPEN_READWRITE)
      .exec("UPDATE newest SET data = CAST(substr(data, 1, 4) || x'00ff' || substr(data, 7) AS BLOB)");
  open();
  EXPECT_FALSE(newest(0));
  file(decoded(one_, 1, {{2000, 2}}));
  open();
  EXPECT_EQ(newest(0)->sample.value, 2);
}

}  // namespace
}  // namespace anlan::collector
