// PROTOCOL.md rules 5, 8, 9: the byte cap, receipts, release. What leaves at the cap is in buffer_room_test.cpp.
#include "tests/unit/edge/buffer/buffer_fixture.hpp"

namespace anlan::edge {
namespace {

constexpr std::uint64_t kCap = 10'000;

class CappedBufferTest : public BufferTest {
 protected:
  CappedBufferTest() {
    run_ = 0;
    restart(kCap);
  }
  /// Commits telemetry until no more fits.
  void fill() {
    while (ledger().bytes() + row_bytes(100) <= kCap / 10 * 9) ASSERT_TRUE(commit({sample_entry(100)}));
  }
  /// The same, and nothing of it may leave.
  void fill_and_send() {
    fill();
    for (std::uint64_t run = 1; run <= run_; ++run) send(telemetry_of(run));
  }
  void receive(const Place& place, const RangeSet& ranges) {
    ASSERT_TRUE(buffer_->mark_received({{place, ranges}}, now().mono));
  }
};

TEST_F(CappedBufferTest, RefusesTelemetryAtNineTenthsWhereAllOfItIsInFlight) {
  fill_and_send();
  EXPECT_LE(ledger().bytes(), kCap / 10 * 9);
  EXPECT_GT(ledger().bytes(), kCap / 10 * 9 - row_bytes(100));
  const auto refused = commit({sample_entry(100)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::cap_reached);
  EXPECT_NE(refused.error().message.find("not yet received"), std::string::npos) << refused.error().message;
}

TEST_F(CappedBufferTest, KeepsTheReserveForEvents) {
  fill_and_send();
  EXPECT_TRUE(commit({event_entry(100)}));
  while (commit({event_entry(100)})) {
  }
  EXPECT_LE(ledger().bytes(), kCap);
  EXPECT_GT(ledger().bytes(), kCap - row_bytes(100));
}

/// Telemetry does not ride into the reserve on an event.
TEST_F(CappedBufferTest, TelemetryBesideAnEventHasNoReserve) {
  fill_and_send();
  const auto refused = commit({event_entry(), sample_entry(100)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::cap_reached);
}

TEST_F(CappedBufferTest, SavesTheEnginesStateWithoutNewRecordsWhateverIsHeld) {
  fill();
  while (commit({event_entry(100)})) {
  }
  EXPECT_TRUE(buffer_->commit({{}, {}, "state", {}}, now()));
}

TEST_F(CappedBufferTest, NeverGoesBeyondTheCapWhateverIsCommitted) {
  std::uint64_t x = 7;
  for (int i = 0; i < 3000; ++i) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    const auto bytes = static_cast<std::size_t>(x >> 33) % 600;
    (void)commit(x >> 62 ? std::vector{sample_entry(bytes)} : std::vector{event_entry(bytes)});
    if (i % 50 == 0) {
      (void)commit_alerts({{{1, 1}, alert_of(1)}});
      restart(kCap);
      (void)buffer_->agree(answer({}, {kStore.id, {x, 1}}), now());
    }
    if (i % 7 == 0 && i > 1500) receive(telemetry_of(run_), RangeSet(0, ledger().at(telemetry_of(run_)).next));
    ASSERT_LE(ledger().bytes(), kCap) << "after " << i;
  }
}

TEST_F(CappedBufferTest, FreesReceivedRowsWhenRoomIsNeededTelemetryAndOldEpochsFirst) {
  fill();
  restart(kCap);
  send(telemetry_of(1));
  ASSERT_TRUE(commit({event_entry(100)}));
  const RangeSet some(3, 6);
  receive(telemetry_of(1), some);
  receive(events_of(1), RangeSet(0, 1));
  ASSERT_TRUE(commit({sample_entry(100)}));
  EXPECT_TRUE(ledger().at(telemetry_of(1)).held.intersection(some).empty()) << "received: they make room";
  EXPECT_TRUE(ledger().at(events_of(1)).held.contains(0)) << "events only where that is not enough";
  EXPECT_TRUE(ledger().at(telemetry_of(1)).held.contains(2)) << "never what no receipt covers";
}

TEST_F(CappedBufferTest, FreesNothingAsLongAsThereIsRoom) {
  ASSERT_TRUE(commit({sample_entry(100)}));
  receive(telemetry_of(1), RangeSet(0, 1));
  ASSERT_TRUE(commit({sample_entry(100)}));
  EXPECT_EQ(ledger().at(telemetry_of(1)).held, RangeSet(0, 2)) << "received records stay for a time (rule 8)";
}

TEST_F(CappedBufferTest, RemembersWhatIsHeldAfterARestart) {
  fill();
  const std::uint64_t bytes = ledger().bytes();
  restart(kCap);
  EXPECT_EQ(ledger().bytes(), bytes);
  send(telemetry_of(1));
  EXPECT_FALSE(commit({sample_entry(100)}));
}

// ---- receipts -------------------------------------------------------------------------------------------------------

TEST_F(BufferTest, MarksWhatAReceiptCovers) {
  ASSERT_TRUE(commit({sample_entry(), sample_entry(), sample_entry(), sample_entry()}));
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(1, 3)}}, now().mono));
  EXPECT_EQ(ledger().at(telemetry_of(1)).received, RangeSet(1, 3));
  EXPECT_EQ(ledger().at(telemetry_of(1)).due().str(), "0,3");
  EXPECT_EQ(storage_.disk.ledger, ledger()) << "durable when it returns";
}

TEST_F(BufferTest, TakesADoubledReceiptWithoutAnotherCommit) {
  ASSERT_TRUE(commit({sample_entry()}));
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(0, 1)}}, now().mono));
  storage_.full = true;
  EXPECT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(0, 1)}}, now().mono));
}

TEST_F(BufferTest, RefusesAReceiptForWhatWasNeverCommittedAndTakesTheRest) {
  ASSERT_TRUE(commit({sample_entry(), sample_entry()}));
  const auto refused = buffer_->mark_received(
      {{telemetry_of(1), RangeSet(1, 5)}, {telemetry_of(9), RangeSet(0, 1)}, {events_of(1), RangeSet(0, 1)}},
      now().mono);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_EQ(ledger().at(telemetry_of(1)).received, RangeSet(1, 2));
  EXPECT_EQ(ledger().at(events_of(1)).received, RangeSet(0, 1));
  ASSERT_TRUE(commit({sample_entry()}));
  EXPECT_EQ(ledger().at(telemetry_of(1)).due().str(), "0,2") << "a record of later is not received beforehand";
}

TEST_F(BufferTest, ReleasesByTimeSinceTheReceipt) {
  ASSERT_TRUE(commit({sample_entry(), sample_entry(), sample_entry()}));
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(0, 1)}}, now().mono));
  mono_ += 600;
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(1, 2)}}, now().mono));
  mono_ += 399;
  ASSERT_TRUE(buffer_->release(now().mono, Millis{1000}));
  EXPECT_EQ(ledger().at(telemetry_of(1)).held, RangeSet(0, 3));
  mono_ += 1;
  ASSERT_TRUE(buffer_->release(now().mono, Millis{1000}));
  EXPECT_EQ(ledger().at(telemetry_of(1)).held, RangeSet(1, 3));
  mono_ += 10'000;
  ASSERT_TRUE(buffer_->release(now().mono, Millis{1000}));
  EXPECT_EQ(ledger().at(telemetry_of(1)).held, RangeSet(2, 3)) << "what no receipt covers stays";
  EXPECT_EQ(ledger().at(telemetry_of(1)).received, RangeSet(0, 2)) << "and what was received stays known";
}

TEST_F(BufferTest, ReleasesAfterARestartToo) {
  ASSERT_TRUE(commit({sample_entry()}));
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(0, 1)}}, now().mono));
  restart();
  mono_ += 999;
  ASSERT_TRUE(buffer_->release(now().mono, Millis{1000}));
  EXPECT_FALSE(ledger().at(telemetry_of(1)).held.empty());
  mono_ += 1;
  ASSERT_TRUE(buffer_->release(now().mono, Millis{1000}));
  EXPECT_TRUE(ledger().at(telemetry_of(1)).held.empty());
  EXPECT_EQ(ledger().at(telemetry_of(1)).bytes, 0u);
}

TEST_F(BufferTest, TriesAReleaseAgainThatTheDiskRefused) {
  ASSERT_TRUE(commit({sample_entry()}));
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(0, 1)}}, now().mono));
  mono_ += 5000;
  storage_.full = true;
  EXPECT_FALSE(buffer_->release(now().mono, Millis{1000}));
  storage_.full = false;
  EXPECT_TRUE(buffer_->release(now().mono, Millis{1000}));
  EXPECT_TRUE(storage_.disk.rows.contains({events_of(1), 0}));
  EXPECT_FALSE(storage_.disk.rows.contains({telemetry_of(1), 0}));
}

}  // namespace
}  // namespace anlan::edge
