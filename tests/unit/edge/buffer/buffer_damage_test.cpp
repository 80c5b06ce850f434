// PROTOCOL.md rule 4: a row that fails its checksum, or is not there, becomes a gap.
#include "tests/unit/edge/buffer/buffer_fixture.hpp"

namespace anlan::edge {
namespace {

TEST_F(BufferTest, GivesRowsWithinTheLimitsOfAFrame) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(commit({sample_entry(100)}));
  EXPECT_EQ(buffer_->read(telemetry_of(1), RangeSet(0, 10), 4, kAll, now())->size(), 4u);
  EXPECT_EQ(buffer_->read(telemetry_of(1), RangeSet(0, 10), kAll, 250, now())->size(), 3u);
  EXPECT_TRUE(gaps(events_of(1)).empty()) << "what was not looked for is not missing";
}

TEST_F(BufferTest, ADamagedRowBecomesAGapAndIsNeverSent) {
  ASSERT_TRUE(commit({sample_entry(), sample_entry(), sample_entry()}));
  storage_.disk.rows.at({telemetry_of(1), 1}).payload[0] ^= 1;
  const auto rows = read(telemetry_of(1));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].id.sequence, 0u);
  EXPECT_EQ(rows[1].id.sequence, 2u);
  ASSERT_EQ(gaps(events_of(1)).size(), 1u);
  EXPECT_EQ(gaps(events_of(1))[0].voids, (std::vector{Void{telemetry_of(1), LossReason::damaged, RangeSet(1, 2)}}));
  EXPECT_EQ(ledger().at(telemetry_of(1)).held.str(), "0,2");
  EXPECT_EQ(storage_.disk.rows.size(), 4u) << "gone from the disk in the same commit";
}

TEST_F(BufferTest, EveryFieldOfARowIsProtected) {
  const std::vector<void (*)(Record&)> damages{
      [](Record& r) { r.kind = Kind::alert; }, [](Record& r) { r.wall += Millis{1}; },
      [](Record& r) { r.mono += Millis{1}; },  [](Record& r) { r.clock = ClockState::stepped; },
      [](Record& r) { ++r.samples; },          [](Record& r) { ++r.checksum; }};
  for (std::size_t i = 0; i < damages.size(); ++i) ASSERT_TRUE(commit({sample_entry()}));
  for (std::size_t i = 0; i < damages.size(); ++i) damages[i](storage_.disk.rows.at({telemetry_of(1), i}));
  EXPECT_TRUE(read(telemetry_of(1)).empty());
  EXPECT_EQ(gaps(events_of(1)).at(0).voids.at(0).ranges, RangeSet(0, damages.size()));
}

TEST_F(BufferTest, ARowThatIsNotThereBecomesAGapToo) {
  ASSERT_TRUE(commit({sample_entry(), sample_entry(), sample_entry()}));
  storage_.disk.rows.erase({telemetry_of(1), 1});
  EXPECT_EQ(read(telemetry_of(1)).size(), 2u);
  EXPECT_EQ(gaps(events_of(1)).at(0).voids.at(0).ranges, RangeSet(1, 2));
}

/// Not only where everything was looked for: a row before one that came was looked for too.
TEST_F(BufferTest, ARowThatIsNotThereBecomesAGapAlsoInAFullPage) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(commit({sample_entry(100)}));
  storage_.disk.rows.erase({telemetry_of(1), 1});
  EXPECT_EQ(buffer_->read(telemetry_of(1), RangeSet(0, 10), 4, kAll, now())->size(), 4u);
  ASSERT_EQ(gaps(events_of(1)).size(), 1u);
  EXPECT_EQ(gaps(events_of(1)).at(0).voids.at(0).ranges, RangeSet(1, 2));
}

/// A damaged page may swallow what is written into it: then no gap would ever be sent, and no alert.
TEST_F(BufferTest, AStorageThatDoesNotGiveTheGapBackIsCorrupt) {
  ASSERT_TRUE(commit({sample_entry()}));
  storage_.disk.rows.at({telemetry_of(1), 0}).payload += "x";
  storage_.swallows = Kind::gap;
  const auto rows = buffer_->read(telemetry_of(1), RangeSet(0, 9), kAll, kAll, now());
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Errc::storage_corrupt);
  storage_.swallows.reset();
  ASSERT_TRUE(buffer_->heal(epoch_of(2), now()));
  EXPECT_EQ(start_of(2).losses.size(), 2u);
}

TEST_F(BufferTest, CountsBytesRightAfterDamage) {
  ASSERT_TRUE(commit({sample_entry(100), sample_entry(200), sample_entry(300)}));
  storage_.disk.rows.erase({telemetry_of(1), 0});
  storage_.disk.rows.at({telemetry_of(1), 1}).payload = "short";
  (void)read(telemetry_of(1));
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(2, 3)}}, now().mono));
  ASSERT_TRUE(buffer_->release(now().mono, Millis{0}));
  EXPECT_TRUE(ledger().at(telemetry_of(1)).held.empty());
  EXPECT_EQ(ledger().at(telemetry_of(1)).bytes, 0u) << "or the cap would shrink with every damaged row";
}

TEST_F(BufferTest, ADamagedRowOfAnEarlierRunIsSaidInThisOne) {
  ASSERT_TRUE(commit({sample_entry()}));
  restart();
  storage_.disk.rows.at({telemetry_of(1), 0}).payload += "x";
  EXPECT_TRUE(read(telemetry_of(1)).empty());
  EXPECT_EQ(gaps(events_of(2)).size(), 1u);
  EXPECT_TRUE(ledger().knows(epoch_of(2)));
}

TEST_F(BufferTest, ADamagedRowIsSaidEvenWhereTheBufferIsAtItsCap) {
  ASSERT_TRUE(commit({sample_entry(1000)}));
  restart(ledger().bytes());
  storage_.disk.rows.at({telemetry_of(1), 0}).payload[0] ^= 1;
  const auto rows = buffer_->read(telemetry_of(1), RangeSet(0, 9), kAll, kAll, now());
  ASSERT_TRUE(rows) << "or nothing more would be sent, and no receipt would ever make room: " << rows.error().message;
  EXPECT_TRUE(rows->empty());
  EXPECT_EQ(gaps(events_of(2)).size(), 1u);
}

TEST_F(BufferTest, ADamagedStartRecordLeavesTheEpochKnown) {
  ASSERT_TRUE(commit({event_entry()}));
  storage_.disk.rows.at({events_of(1), 0}).payload += "x";
  (void)read(events_of(1));
  EXPECT_TRUE(ledger().knows(epoch_of(1)));
  EXPECT_EQ(ledger().at(events_of(1)).next, 3u);
}

}  // namespace
}  // namespace anlan::edge
