// PROTOCOL.md rule 10 and DESIGN.md promise 10: a lost or older buffer is noticed at the start by the side file; a
// damaged one is put aside, and a new one takes over what can be saved.
#include <algorithm>

#include "edge/buffer/losses.hpp"
#include "tests/unit/edge/buffer/buffer_fixture.hpp"

namespace anlan::edge {
namespace {

class LossTest : public BufferTest {
 protected:
  void commit_some(int records = 3) {
    for (int i = 0; i < records; ++i) ASSERT_TRUE(commit({sample_entry(), event_entry()}));
  }
  Void lost(const Place& place, std::uint64_t from) {
    return {place, LossReason::lost, RangeSet(from, RangeSet::kEnd)};
  }
  bool heal() { return buffer_->heal(epoch_of(++run_), now()).has_value(); }
};

TEST_F(LossTest, NamesTheEpochInTheSideFileBeforeAnyOtherRecord) {
  EXPECT_FALSE(storage_.side);
  ASSERT_TRUE(commit({sample_entry()}));
  ASSERT_EQ(storage_.side->size(), 1u);
  EXPECT_EQ(storage_.side->at(0), (EpochEnd{epoch_of(1), 1, 1, 0}));
}

TEST_F(LossTest, FindsNothingLostWhereTheBufferHasAllThatTheSideFileNames) {
  commit_some();
  ASSERT_TRUE(buffer_->keep_marks());
  EXPECT_EQ(storage_.side->at(0), (EpochEnd{epoch_of(1), 1, 4, 3}));
  commit_some();
  ASSERT_TRUE(restart());
  EXPECT_TRUE(buffer_->losses().empty()) << "more than the marks is no loss";
  EXPECT_FALSE(ledger().knows(epoch_of(2))) << "nothing to say yet";
}

TEST_F(LossTest, SaysAtOnceThatALostBufferIsLostWithoutEnd) {
  commit_some();
  storage_.disk = {};
  ASSERT_TRUE(restart());
  const Start start = start_of(2);
  EXPECT_EQ(start.losses, (std::vector<Void>{lost(events_of(1), 0), lost(telemetry_of(1), 0)}));
  EXPECT_GT(start.ordinal, 1u) << "above the epochs that are lost too";
  EXPECT_TRUE(buffer_->losses().empty());
  EXPECT_EQ(storage_.side->size(), 1u) << "said: the side file speaks of the new buffer";
  ASSERT_TRUE(restart());
  EXPECT_TRUE(buffer_->losses().empty()) << "said once";
}

TEST_F(LossTest, SaysFromWhereARestoredBufferIsOlder) {
  commit_some();
  ASSERT_TRUE(buffer_->keep_marks());
  const auto copy = storage_.disk;
  commit_some();
  ASSERT_TRUE(buffer_->keep_marks());
  storage_.disk = copy;
  ASSERT_TRUE(restart());
  EXPECT_EQ(start_of(2).losses, (std::vector<Void>{lost(events_of(1), 4), lost(telemetry_of(1), 3)}));
}

TEST_F(LossTest, KeepsTheSideFileUntilTheLossIsSaid) {
  commit_some();
  storage_.disk = {};
  storage_.full = true;
  ASSERT_TRUE(restart());
  storage_.full = false;
  ASSERT_TRUE(buffer_->keep_marks());
  EXPECT_EQ(storage_.side->at(0).epoch, epoch_of(1)) << "not rewritten";
  EXPECT_FALSE(buffer_->losses().empty());
  ASSERT_TRUE(restart());
  EXPECT_EQ(start_of(3).losses.size(), 2u) << "said by the next process";
}

// ---- healing ------------------------------------------------------------------------------------------------------

TEST_F(LossTest, ADamagedStorageIsReplacedAtTheStartAndItsRowsAreTakenOver) {
  commit_some();
  ASSERT_TRUE(buffer_->commit({{event_entry()}, {{{{1, 1}, alert_of(1)}}}, "engine", {{hash128("d"), "d"}}}, now()));
  const auto before = storage_.disk;
  storage_.corrupt = true;
  ++run_;
  buffer_ = std::make_unique<Buffer>(storage_, Buffer::Identity{kEdge, epoch_of(run_), {9, run_}, "0.1.0"}, kNoCap);
  EXPECT_EQ(buffer_->open(now()), "engine") << "delays go on";
  const Start start = start_of(2);
  EXPECT_EQ(start.before, std::vector{epoch_of(1)});
  EXPECT_EQ(start.active, std::vector{alert_of(1)});
  EXPECT_EQ(start.losses, (std::vector<Void>{lost(events_of(1), 0), lost(telemetry_of(1), 0)}))
      << "nobody can tell what was in it beside";
  EXPECT_EQ(storage_.disk.definitions.at(hash128("d")), "d");
  EXPECT_EQ(storage_.disk.engine_state, "engine");
  while (buffer_->adopt(now()).value()) {
  }
  for (const auto& [id, record] : before.rows) EXPECT_EQ(storage_.disk.rows.at(id), record);
  EXPECT_EQ(ledger().at(telemetry_of(1)).next, 3u) << "under their own identities";
  EXPECT_EQ(ledger().at(telemetry_of(1)).due(), RangeSet(0, 3));
  EXPECT_FALSE(storage_.aside) << "taken over once";
  ASSERT_TRUE(restart());
  std::uint64_t bytes = 0;
  for (const auto& [place, state] : ledger().places) bytes += storage_.bytes_of(place, RangeSet(0, 99)).value();
  EXPECT_EQ(ledger().bytes(), bytes);
}

TEST_F(LossTest, TakesOverOnlyWhatItsChecksumsProve) {
  commit_some();
  auto& rows = storage_.disk.rows;
  rows.at({telemetry_of(1), 1}).payload[0] ^= 4;
  rows.at({telemetry_of(1), 2}).wall += Millis{1};
  storage_.corrupt = true;
  ASSERT_TRUE(restart());
  while (buffer_->adopt(now()).value()) {
  }
  EXPECT_EQ(ledger().at(telemetry_of(1)).held, RangeSet(0, 1));
  EXPECT_EQ(ledger().at(telemetry_of(1)).next, 3u);
}

TEST_F(LossTest, HealsWhileItRunsUnderAFreshEpoch) {
  commit_some();
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(0, 1)}}, now().mono));
  ASSERT_TRUE(buffer_->agree(answer({{telemetry_of(1), RangeSet(0, 1)}}), now()));
  storage_.corrupt = true;
  ASSERT_FALSE(commit({sample_entry()}));
  ASSERT_TRUE(heal());
  EXPECT_EQ(ledger().store, kStore) << "what this process knows is known";
  EXPECT_EQ(ledger().at(telemetry_of(1)).received, RangeSet(0, 1));
  ASSERT_TRUE(commit({sample_entry()}));
  EXPECT_EQ(ledger().at(telemetry_of(2)).next, 1u);
  EXPECT_EQ(ledger().at(telemetry_of(1)).next, 3u) << "the old epoch is not taken up again";
  while (buffer_->adopt(now()).value()) {
  }
  EXPECT_EQ(ledger().at(telemetry_of(1)).held, RangeSet(1, 3)) << "received rows need not be saved";
}

TEST_F(LossTest, ADiskThatIsFullMeanwhileHealsLater) {
  commit_some();
  storage_.corrupt = true;
  ASSERT_FALSE(commit({sample_entry()}));
  storage_.full = true;
  EXPECT_FALSE(heal());
  EXPECT_FALSE(buffer_->adopt(now()).value()) << "not before the start record says what is lost";
  storage_.full = false;
  ASSERT_TRUE(commit({sample_entry()}));
  EXPECT_EQ(start_of(2).losses.size(), 2u);
  EXPECT_TRUE(buffer_->adopt(now()).value());
}

TEST_F(LossTest, ARestartInTheMiddleOfTakingOverBeginsItAgain) {
  commit_some();
  storage_.corrupt = true;
  ASSERT_TRUE(restart());
  ASSERT_TRUE(restart()) << "nothing was taken over yet";
  while (buffer_->adopt(now()).value()) {
  }
  EXPECT_EQ(ledger().at(telemetry_of(1)).held, RangeSet(0, 3));
}

TEST_F(LossTest, BeginsItsEpochBeforeItSaysWhatGaveWayToRowsTakenOver) {
  constexpr std::uint64_t kSmall = 8'000;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(commit({event_entry(100)}));
  storage_.corrupt = true;
  ASSERT_TRUE(restart(kSmall));
  while (ledger().bytes() < kSmall / 10 * 8) ASSERT_TRUE(commit({sample_entry(200)}));
  ASSERT_TRUE(restart(kSmall));
  ASSERT_FALSE(ledger().knows(epoch_of(run_))) << "nothing to say yet";
  while (buffer_->adopt(now()).value()) {
  }
  EXPECT_EQ(ledger().at(events_of(1)).due().count(), 21u);
  const auto rows = read(events_of(run_));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_TRUE(ledger().knows(epoch_of(run_))) << "what is said there is sent";
  EXPECT_EQ(rows[0].kind, Kind::start);
  EXPECT_EQ(rows[1].kind, Kind::gap);
}

}  // namespace
}  // namespace anlan::edge
