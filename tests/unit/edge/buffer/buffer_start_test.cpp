// PROTOCOL.md rules 1, 2: identities, epochs and their start records.
#include "tests/unit/edge/buffer/buffer_fixture.hpp"

namespace anlan::edge {
namespace {

TEST_F(BufferTest, BeginsAnEpochWithItsFirstRecordOnly) {
  EXPECT_TRUE(ledger().epochs.empty());
  restart();
  restart();
  EXPECT_TRUE(ledger().epochs.empty()) << "a process that had nothing to say leaves no epoch";
  ASSERT_TRUE(commit({sample_entry()}));
  ASSERT_EQ(ledger().epochs.size(), 1u);
  EXPECT_EQ(ledger().epochs[0].epoch, epoch_of(run_));
}

TEST_F(BufferTest, WritesTheStartRecordBeforeAnyOther) {
  ASSERT_TRUE(commit({event_entry(), sample_entry()}));
  const auto events = read(events_of(1));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, Kind::start);
  EXPECT_EQ(events[0].id.sequence, 0u);
  EXPECT_EQ(events[1].kind, Kind::edge_event);
  EXPECT_EQ(start_of(1).boot, (BootId{9, 1}));
  EXPECT_EQ(start_of(1).version, "0.1.0");
}

TEST_F(BufferTest, TheStartRecordIsDurableBeforeAnyOtherIsAccepted) {
  storage_.full = true;
  EXPECT_FALSE(commit({event_entry()}));
  EXPECT_TRUE(storage_.disk.rows.empty());
  storage_.full = false;
  ASSERT_TRUE(commit({event_entry()}));
  EXPECT_EQ(storage_.disk.rows.size(), 2u);
}

TEST_F(BufferTest, TheStartNamesEveryEarlierEpochAndItsOrdinalIsAboveTheirs) {
  for (int i = 0; i < 3; ++i, restart()) ASSERT_TRUE(commit({event_entry()}));
  ASSERT_TRUE(commit({event_entry()}));
  EXPECT_EQ(start_of(4).before, (std::vector{epoch_of(1), epoch_of(2), epoch_of(3)}));
  std::uint64_t last = 0;
  for (std::uint64_t run = 1; run <= 4; ++run) {
    EXPECT_GT(start_of(run).ordinal, last);
    last = start_of(run).ordinal;
  }
  EXPECT_EQ(ledger().ends().size(), 4u);
}

TEST_F(BufferTest, TheStartNamesEveryActiveAlertAtItsVersion) {
  ASSERT_TRUE(commit_alerts({{{1, 1}, alert_of(1, 4)}, {{2, 2}, alert_of(2)}}));
  ASSERT_TRUE(restart());
  EXPECT_TRUE(ledger().knows(epoch_of(2))) << "written at once where there is an active alert";
  const Start start = start_of(2);
  ASSERT_EQ(start.active.size(), 2u);
  EXPECT_EQ(start.active[0], alert_of(1, 4));
  EXPECT_EQ(start.active[1], alert_of(2));
  ASSERT_TRUE(commit_alerts({}));
  restart();
  EXPECT_FALSE(ledger().knows(epoch_of(3)));
}

TEST_F(BufferTest, NeverTakesUpAnEpochAgain) {
  ASSERT_TRUE(commit({event_entry()}));
  restart();
  ASSERT_TRUE(commit({event_entry()}));
  EXPECT_EQ(ledger().at(events_of(1)).next, 2u);
  EXPECT_EQ(ledger().at(events_of(2)).next, 2u);
}

TEST_F(BufferTest, CountsSequencesDenselyInEachStream) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(commit({sample_entry(), event_entry(), sample_entry()}));
  EXPECT_EQ(ledger().at(events_of(1)).held, RangeSet(0, 6));
  EXPECT_EQ(ledger().at(telemetry_of(1)).held, RangeSet(0, 10));
  EXPECT_EQ(ledger().at(telemetry_of(1)).samples, 10u);
  const auto rows = read(telemetry_of(1));
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].id.sequence, i);
}

TEST_F(BufferTest, AFailedCommitUsesNoSequence) {
  ASSERT_TRUE(commit({event_entry()}));
  const Ledger before = ledger();
  storage_.full = true;
  const auto failed = commit({event_entry(), sample_entry()});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::storage_full);
  EXPECT_EQ(ledger(), before);
  storage_.full = false;
  ASSERT_TRUE(commit({event_entry()}));
  EXPECT_EQ(ledger().at(events_of(1)).held, RangeSet(0, 3));
}

TEST_F(BufferTest, GivesEachRecordItsTimesAndChecksum) {
  mono_ = 4321;
  ASSERT_TRUE(commit({event_entry()}));
  const Record record = read(events_of(1)).at(1);
  EXPECT_EQ(record.wall, wall_from_ms(1'004'321));
  EXPECT_EQ(record.mono, mono_from_ms(4321));
  EXPECT_EQ(record.clock, ClockState::synced);
  EXPECT_EQ(record.checksum, checksum(kEdge, record));
}

TEST_F(BufferTest, KeepsTheEnginesStateWithTheRecordsThatItBelongsTo) {
  ASSERT_TRUE(buffer_->commit({{sample_entry()}, {}, "state 1", {}}, now()));
  storage_.full = true;
  ASSERT_FALSE(buffer_->commit({{sample_entry()}, {}, "state 2", {}}, now()));
  storage_.full = false;
  ++run_;
  Buffer next(storage_, {kEdge, epoch_of(run_), {}, ""}, kNoCap);
  EXPECT_EQ(next.open(now()).value(), "state 1");
}

TEST_F(BufferTest, TakesTheEnginesStateAlone) {
  ASSERT_TRUE(buffer_->commit({{}, {}, "state", {}}, now()));
  EXPECT_EQ(storage_.disk.engine_state, "state");
}

TEST_F(BufferTest, OpensOnAFullDiskAndBeginsLater) {
  ASSERT_TRUE(commit_alerts({{{1, 1}, alert_of(1)}}));
  storage_.full = true;
  EXPECT_TRUE(restart()) << "a full disk stops nothing but the storing";
  EXPECT_FALSE(ledger().knows(epoch_of(2)));
  storage_.full = false;
  ASSERT_TRUE(commit({event_entry()}));
  EXPECT_EQ(start_of(2).active.size(), 1u);
}

TEST_F(BufferTest, BeginsWithTheNextAnswerWhatAFullDiskKeptFromBeginning) {
  ASSERT_TRUE(commit_alerts({{{1, 1}, alert_of(1)}}));
  storage_.full = true;
  ASSERT_TRUE(restart());
  storage_.full = false;
  ASSERT_TRUE(buffer_->agree(answer(), now()));
  ASSERT_TRUE(ledger().knows(epoch_of(2))) << "or its active alert would be said by no hello";
  EXPECT_EQ(start_of(2).active.size(), 1u);
}

/// It could never be sent, and what comes after it would wait for ever.
TEST_F(BufferTest, RefusesARecordThatNoFrameHolds) {
  std::string noise(300'000, '\0');
  std::uint64_t x = 1;
  for (char& c : noise) c = static_cast<char>((x = x * 6364136223846793005u + 1442695040888963407u) >> 56);
  const auto refused = commit({event_entry(), {Kind::definition, noise, 0}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::too_large);
  EXPECT_TRUE(commit({{Kind::definition, std::string(1'000'000, 'd'), 0}})) << "one that packs is taken";
}

}  // namespace
}  // namespace anlan::edge
