// What becomes of open chunks, compaction by compaction, at every pace at which points are read.
#include "collector/store/filing.hpp"

#include <map>

#include <gtest/gtest.h>

#include "collector/store/chunk.hpp"
#include "tests/support/stored_records.hpp"

namespace anlan::collector {
namespace {

constexpr std::int64_t kGroup = 9, kDayMs = 86'400'000;

/// The table of chunks, and how much work was done on it.
class Table {
 public:
  void file(std::vector<StoredRecord> records) {
    for (const StoredRecord& record : records) filed_ += record.samples.size();
    ChunkChanges changes;
    {
      Shelf samples(open(0), load(), changes), minutes(open(kMinute), load(), changes),
          hours(open(kHour), load(), changes), days(open(kDay), load(), changes);
      Filing(kGroup, samples, {&minutes, &hours, &days}).file(std::move(records));
    }
    for (const std::int64_t id : changes.removed) ASSERT_EQ(rows_.erase(id), 1u);
    for (ChunkRow& row : changes.added) {
      if (row.step == 0) written_ += row.items;
      row.id = ++last_;
      rows_[row.id] = std::move(row);
    }
    most_open_ = std::max(most_open_, count(0, true));
  }

  std::size_t count(std::int64_t step, bool is_open) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        rows_, [&](const auto& entry) { return entry.second.step == step && entry.second.open == is_open; }));
  }
  std::size_t most_open() const { return most_open_; }
  double written_each() const { return static_cast<double>(written_) / static_cast<double>(filed_); }
  std::size_t filed() const { return filed_; }

  /// Samples in chunks, and in the stretches of `step` plus what is still open: each must be all of them.
  std::size_t samples() const {
    std::size_t found = 0;
    for (const auto& [id, row] : rows_)
      if (row.step == 0) found += decode_chunk(row.data, kGroup)->samples();
    return found;
  }
  std::size_t in_charts(std::int64_t step) const {
    std::size_t found = 0;
    for (const auto& [id, row] : rows_)
      if (row.step == 0 && row.open) found += row.items;
    for (const auto& [id, row] : rows_) {
      if (row.step != step) continue;
      const auto set = decode_rollup(row.data, kGroup, step);
      for (const RollupColumn& column : *set)
        for (const Bucket& bucket : column.buckets) found += bucket.count;
    }
    return found;
  }

 private:
  std::vector<ChunkRow> open(std::int64_t step) const {
    std::vector<ChunkRow> found;
    for (const auto& [id, row] : rows_)
      if (row.step == step && row.open) {
        found.push_back(row);
        found.back().data.clear();
      }
    return found;
  }
  Shelf::Load load() const {
    return [this](std::int64_t id) { return rows_.at(id).data; };
  }

  std::map<std::int64_t, ChunkRow> rows_;
  std::int64_t last_ = 0;
  std::size_t filed_ = 0, written_ = 0, most_open_ = 0;
};

/// A record every `period`, filed once a minute (or with each record, where they are rarer).
struct Pace {
  const char* name;
  std::int64_t period_ms;
  std::int64_t length_ms;
  std::uint32_t points, in_a_record;  // which ones changes from record to record
};

class FilingPace : public testing::TestWithParam<Pace> {};

TEST_P(FilingPace, OpenChunksStayFewAndNoSampleIsFiledOften) {
  const Pace& pace = GetParam();
  Table table;
  std::vector<StoredRecord> waiting;
  std::uint64_t sequence = 0;
  std::uint32_t point = 0;
  for (std::int64_t time = 0, filed = 0; time < pace.length_ms; time += pace.period_ms) {
    StoredRecord record{{1, sequence++}, {}};
    for (std::uint32_t i = 0; i < pace.in_a_record; ++i)
      record.samples.push_back(test::sample((point + i) % pace.points, time, static_cast<double>(time % 7)));
    std::ranges::sort(record.samples, {}, &Sample::point);
    point = (point + pace.in_a_record) % pace.points;
    waiting.push_back(std::move(record));
    if (time - filed >= 60'000 || pace.period_ms > 60'000) {
      table.file(std::exchange(waiting, {}));
      filed = time;
    }
  }
  EXPECT_LE(table.most_open(), 2 * kMostOpen);
  EXPECT_LT(table.written_each(), 9.0) << "times that each sample was written";
  EXPECT_EQ(table.samples(), table.filed());
  for (const std::int64_t step : kRollupSteps) {
    EXPECT_EQ(table.in_charts(step), table.filed()) << step;
    EXPECT_LE(table.count(step, true), 2 * kMostOpen + 1) << step;
  }
  if (table.filed() / pace.points > 4000) EXPECT_GT(table.count(0, false), 0u) << "full ones are closed";
}

INSTANTIATE_TEST_SUITE_P(
    All, FilingPace,
    testing::Values(Pace{"each_second", 1'000, kDayMs / 4, 5, 5}, Pace{"each_10_s", 10'000, 2 * kDayMs, 5, 5},
                    Pace{"each_minute", 60'000, 10 * kDayMs, 5, 5}, Pace{"each_5_minutes", 300'000, 40 * kDayMs, 5, 5},
                    Pace{"each_2_hours", 7'200'000, 800 * kDayMs, 5, 5}, Pace{"in_turn", 1'000, kDayMs / 2, 100, 5},
                    Pace{"in_turn_slowly", 60'000, 20 * kDayMs, 100, 5}),
    [](const auto& pace) { return pace.param.name; });

TEST(Filing, ALineThatIsCutEachNightLeavesNoChunkOpenForEver) {
  Table table;
  std::uint64_t sequence = 0;
  for (std::int64_t day = 0; day < 200; ++day) {
    std::vector<StoredRecord> records;
    for (std::int64_t i = 0; i < 30; ++i)
      records.push_back({{1, sequence++}, {test::sample(0, day * kDayMs + i * 60'000, 1)}});
    table.file(std::move(records));
  }
  EXPECT_LE(table.most_open(), 2 * kMostOpen);
  EXPECT_GT(table.count(0, false), 1u);
  EXPECT_EQ(table.samples(), 6000u);
  EXPECT_EQ(table.in_charts(kHour), 6000u);
}

}  // namespace
}  // namespace anlan::collector
