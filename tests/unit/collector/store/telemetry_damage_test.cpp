// Damage in telemetry.db: what is lost is named, the rest is read.
#include <gtest/gtest.h>

#include "collector/store/sqlite_telemetry.hpp"
#include "common/io/sqlite.hpp"
#include "tests/support/telemetry_builder.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

using test::At;
using test::decoded;
using test::point_name;

class TelemetryDamage : public testing::Test {
 protected:
  void open() {
    auto opened = open_sqlite_telemetry(file());
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  std::string file() const { return dir_.file("telemetry.db"); }

  /// 100 samples of two points each, second by second from `second`.
  void write(std::uint64_t sequence, std::int64_t second, std::int64_t count = 100) {
    std::vector<At> samples;
    for (std::int64_t i = 0; i < count; ++i)
      for (std::uint32_t point : {0u, 1u}) samples.push_back({(second + i) * 1000, static_cast<double>(i), point});
    const auto done = store_->write({{decoded(points_, sequence, samples)}, {}, {}});
    ASSERT_TRUE(done) << done.error().message;
  }
  void compact() { ASSERT_TRUE(store_->compact()); }

  /// While nobody has the file open.
  void edit(const std::string& sql) {
    store_.reset();
    SQLite::Database db(file(), SQLite::OPEN_READWRITE);
    ASSERT_GT(db.exec(sql), 0) << sql;
    open();
  }
  /// At the beginning of a chunk's data stands its head, at its end the last point's samples.
  void damage(const std::string& table, const std::string& where, const std::string& data = "data") {
    edit("UPDATE " + table + " SET " + data + " = CAST(substr(" + data + ", 1, length(" + data +
         ") - 9) || x'00ff' || substr(" + data + ", -7) AS BLOB) WHERE " + where);
  }
  void damage_head(const std::string& where) {
    edit("UPDATE chunk SET data = CAST(substr(data, 1, 9) || x'00ff' || substr(data, 12) AS BLOB) WHERE " + where);
  }
  TelemetryPage query(std::uint32_t point, std::size_t limit = 100'000) {
    auto page = store_->query({point_name(point), wall_from_ms(0), wall_from_ms(100'000'000'000), limit, ""});
    EXPECT_TRUE(page) << page.error().message;
    return page ? *page : TelemetryPage{};
  }

  test::TempDir dir_;
  test::Points points_{2};
  std::unique_ptr<TelemetryStore> store_;
};

TEST_F(TelemetryDamage, OfAPointInAChunkIsNamedWithItsCountAndTheRestIsRead) {
  open();
  for (std::uint64_t i = 0; i < 30; ++i) write(i, static_cast<std::int64_t>(i) * 100);
  compact();
  write(30, 3000);
  damage("chunk", "id = (SELECT min(id) FROM chunk WHERE step_ms = 0 AND open = 0)");
  const auto page = query(1);
  ASSERT_EQ(page.losses.size(), 1u);
  ASSERT_TRUE(page.losses[0].count);
  EXPECT_GE(*page.losses[0].count, 1000u);
  EXPECT_EQ(page.samples.size() + *page.losses[0].count, 3100u);
  EXPECT_EQ(page.losses[0].from, wall_from_ms(0));
  EXPECT_EQ(query(0).samples.size(), 3100u) << "another point is whole";
  EXPECT_TRUE(query(0).losses.empty());
}

TEST_F(TelemetryDamage, OfAChunksHeadIsNamedWithoutACount) {
  open();
  for (std::uint64_t i = 0; i < 30; ++i) write(i, static_cast<std::int64_t>(i) * 100);
  compact();
  damage_head("id = (SELECT min(id) FROM chunk WHERE step_ms = 0 AND open = 0)");
  for (const std::uint32_t point : {0u, 1u}) {
    const auto page = query(point);
    ASSERT_EQ(page.losses.size(), 1u);
    EXPECT_FALSE(page.losses[0].count);
    EXPECT_LT(page.samples.size(), 2001u);
    EXPECT_GT(page.samples.size(), 0u);
  }
}

TEST_F(TelemetryDamage, OfAnOpenChunkStaysNamedWhenItsPointsGoOn) {
  open();
  write(0, 0);
  compact();
  damage("chunk", "open = 1 AND step_ms = 0");
  const std::vector<TelemetryLoss> lost{{wall_from_ms(0), wall_from_ms(99'000), 100u}};
  EXPECT_EQ(query(1).losses, lost);
  EXPECT_EQ(query(0).samples.size(), 100u);
  for (std::uint64_t i = 1; i < 30; ++i) write(i, static_cast<std::int64_t>(i) * 100);
  compact();  // would have filled that chunk
  EXPECT_EQ(query(1).losses, lost);
  EXPECT_EQ(query(1).samples.size(), 2900u);
  EXPECT_EQ(query(0).samples.size(), 3000u);
}

TEST_F(TelemetryDamage, OfARollupIsNamedByTheChart) {
  open();
  for (std::uint64_t i = 0; i < 30; ++i) write(i, static_cast<std::int64_t>(i) * 100);
  compact();
  const TrendQuery chart{point_name(1), wall_from_ms(0), wall_from_ms(86'400'000), 1000};
  ASSERT_TRUE(store_->trend(chart)->losses.empty());
  damage("chunk", "step_ms = 60000");
  const auto trend = store_->trend(chart);
  ASSERT_TRUE(trend) << trend.error().message;
  ASSERT_EQ(trend->losses.size(), 1u);
  EXPECT_FALSE(trend->losses[0].count);
  EXPECT_FALSE(store_->trend({point_name(0), wall_from_ms(0), wall_from_ms(86'400'000), 1000})->points.empty());
}

TEST_F(TelemetryDamage, OfARecordInASegmentIsNamedWithoutACountBeforeAndAfterCompaction) {
  open();
  write(0, 0);
  write(1, 100);
  damage("segment", "id = 1");
  const std::vector<TelemetryLoss> lost{{wall_from_ms(0), wall_from_ms(99'000), std::nullopt}};
  EXPECT_EQ(query(0).losses, lost);
  EXPECT_EQ(query(0).samples.size(), 100u);
  compact();
  EXPECT_EQ(query(0).losses, lost);
  EXPECT_EQ(query(0).samples.size(), 100u);
  EXPECT_EQ(store_->newest({point_name(0)})->at(0)->sample.time, wall_from_ms(199'000));
}

TEST_F(TelemetryDamage, OfASegmentsHeadsIsNamedForEveryPoint) {
  open();
  write(0, 0);
  write(1, 100);
  damage("segment", "id = 1", "heads");
  const std::vector<TelemetryLoss> lost{{wall_from_ms(0), wall_from_ms(99'000), std::nullopt}};
  for (const bool compacted : {false, true}) {
    if (compacted) compact();
    EXPECT_EQ(query(0).losses, lost);
    EXPECT_EQ(query(1).samples.size(), 100u);
  }
}

TEST_F(TelemetryDamage, AccountsKeepCountingWhatWasStored) {
  open();
  write(0, 0);
  damage("segment", "id = 1");
  EXPECT_EQ(store_->accounts("edge-a")->at(0).samples, 200u);
}

TEST_F(TelemetryDamage, AFileThatIsNoDatabaseIsRefused) {
  test::write_file(file(), std::string(10'000, 'x'));
  const auto opened = open_sqlite_telemetry(file());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::storage_corrupt);
}

}  // namespace
}  // namespace anlan::collector
