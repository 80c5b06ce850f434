// PROTOCOL.md rules 3, 5, 7, 8: what an answer of the centre does to the buffer.
#include <algorithm>

#include "tests/unit/edge/buffer/buffer_fixture.hpp"

namespace anlan::edge {
namespace {

const StoreRef kRestored{kStore.id, {2, 2}};

class AgreeTest : public BufferTest {
 protected:
  Result<void> agree(RangesByPlace data = {}, StoreRef store = kStore) {
    return buffer_->agree(answer(std::move(data), store), now());
  }
  Result<void> agree_wanting(std::vector<DefinitionHash> wanted) {
    Answer a = answer();
    a.wanted = std::move(wanted);
    return buffer_->agree(a, now());
  }
  /// Three samples committed, received in generation 1, and the first of them released.
  void receive_three_and_release_one() {
    ASSERT_TRUE(commit({sample_entry(), sample_entry(), sample_entry()}));
    ASSERT_TRUE(agree({{telemetry_of(1), RangeSet(0, 1)}}));
    mono_ += 5000;
    ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(1, 3)}}, now().mono));
    ASSERT_TRUE(buffer_->release(now().mono, Millis{1000}));
    ASSERT_EQ(ledger().at(telemetry_of(1)).held, RangeSet(1, 3));
  }
  std::string define(const std::string& name) {
    Definition definition;
    definition.points.emplace_back().path = {"s", "d", name};
    const std::string payload = encode_payload(definition);
    EXPECT_TRUE(buffer_->commit({{{Kind::definition, payload, 0}}, {}, {}, {{hash128(payload), payload}}}, now()));
    return payload;
  }
  std::vector<std::string> definitions(std::uint64_t run) {
    std::vector<std::string> out;
    for (const Record& record : read_kind(events_of(run), Kind::definition)) out.push_back(record.payload);
    return out;
  }
};

TEST_F(AgreeTest, TakesTheFirstStoreThatAnswersAndItsToken) {
  ASSERT_TRUE(commit({sample_entry()}));
  const Answer a = answer();
  ASSERT_TRUE(buffer_->agree(a, now()));
  EXPECT_EQ(ledger().store, kStore);
  EXPECT_EQ(ledger().token, a.token);
  EXPECT_EQ(storage_.disk.ledger, ledger()) << "durable before it is confirmed";
}

TEST_F(AgreeTest, RefusesAnotherStore) {
  ASSERT_TRUE(agree());
  ASSERT_TRUE(commit({sample_entry()}));
  const Ledger before = ledger();
  const auto refused = agree({{telemetry_of(1), RangeSet(0, 1)}}, {{8, 8}, {9, 9}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_EQ(ledger(), before);
}

TEST_F(AgreeTest, WithinAGenerationReceivedMarksOnlyGrow) {
  ASSERT_TRUE(commit({sample_entry(), sample_entry()}));
  ASSERT_TRUE(agree({{telemetry_of(1), RangeSet(0, 1)}}));
  ASSERT_TRUE(agree({{telemetry_of(1), RangeSet(1, 2)}})) << "an answer that was under way while the other was";
  EXPECT_EQ(ledger().at(telemetry_of(1)).received, RangeSet(0, 2));
}

TEST_F(AgreeTest, ANewGenerationMakesDueAgainWhatItLacks) {
  receive_three_and_release_one();
  ASSERT_TRUE(agree({{telemetry_of(1), RangeSet(0, 2)}}, kRestored));
  EXPECT_EQ(ledger().at(telemetry_of(1)).received, RangeSet(0, 2));
  EXPECT_EQ(ledger().at(telemetry_of(1)).due(), RangeSet(2, 3));
  EXPECT_TRUE(gaps(events_of(1)).empty()) << "nothing is gone: the store has the one that was released";
}

TEST_F(AgreeTest, VoidsOnceWhatNeitherSideHas) {
  receive_three_and_release_one();
  ASSERT_TRUE(agree({}, kRestored));
  ASSERT_TRUE(agree({}, kRestored)) << "the next hello's answer, before the gap has arrived";
  const auto said = gaps(events_of(1));
  ASSERT_EQ(said.size(), 1u) << "once a generation";
  ASSERT_EQ(said[0].voids.size(), 1u);
  EXPECT_EQ(said[0].voids[0], (Void{telemetry_of(1), LossReason::gone, RangeSet(0, 1)}));
  EXPECT_FALSE(ledger().gone_due);
}

TEST_F(AgreeTest, VoidsNothingThatAVoidCoversAlready) {
  receive_three_and_release_one();
  Answer a = answer({}, kRestored);
  a.voided[telemetry_of(1)] = RangeSet(0, 1);
  ASSERT_TRUE(buffer_->agree(a, now()));
  EXPECT_TRUE(gaps(events_of(1)).empty());
}

TEST_F(AgreeTest, VoidsNothingThatAGapStillHeldHereCovers) {
  receive_three_and_release_one();
  ASSERT_TRUE(agree({}, kRestored));
  ASSERT_TRUE(agree({}, {kStore.id, {3, 3}})) << "restored again before the gap arrived";
  EXPECT_EQ(gaps(events_of(1)).size(), 1u);
}

TEST_F(AgreeTest, SaysWhatIsGoneLaterWhereTheDiskHasNoRoomForAnEpoch) {
  receive_three_and_release_one();
  restart(ledger().bytes());
  ASSERT_TRUE(agree({}, kRestored)) << "greeted all the same";
  EXPECT_TRUE(ledger().gone_due);
  EXPECT_FALSE(ledger().knows(epoch_of(2)));
  EXPECT_EQ(ledger().at(telemetry_of(1)).due(), RangeSet(1, 3)) << "what it holds is sent again meanwhile";
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(1, 3)}, {events_of(1), RangeSet(0, 1)}}, now().mono));
  ASSERT_TRUE(agree({}, kRestored));
  EXPECT_FALSE(ledger().gone_due);
  ASSERT_EQ(gaps(events_of(2)).size(), 1u);
  EXPECT_EQ(gaps(events_of(2))[0].voids[0].ranges, RangeSet(0, 1));
}

TEST_F(AgreeTest, SaysWhatIsGoneLaterWhereTheGapItselfHasNoRoom) {
  receive_three_and_release_one();
  const std::uint64_t cap = ledger().bytes() + 150;  // enough for a start record, not for the gap beside it
  restart(cap);
  send(telemetry_of(1));  // and nothing may be dropped for it
  ASSERT_TRUE(agree({}, kRestored));
  ASSERT_TRUE(ledger().knows(epoch_of(2)));
  EXPECT_LE(ledger().bytes(), cap);
  EXPECT_TRUE(ledger().gone_due);
  EXPECT_TRUE(gaps(events_of(2)).empty());
}

/// What makes room was received by the old generation; the new one may lack it.
TEST_F(AgreeTest, FreesNothingThatTheNewGenerationLacks) {
  ASSERT_TRUE(commit({sample_entry(500), sample_entry(500)}));
  ASSERT_TRUE(agree({{telemetry_of(1), RangeSet(0, 2)}, {events_of(1), RangeSet(0, 1)}}));
  storage_.disk.ledger.places[telemetry_of(1)].next = 3;  // of a third, released, the new store knows nothing
  restart(ledger().bytes() + 10);
  send(telemetry_of(1));
  ASSERT_TRUE(agree({}, kRestored));
  EXPECT_EQ(ledger().at(telemetry_of(1)).due(), RangeSet(0, 2));
}

TEST_F(AgreeTest, KeepsWhatItLearntOfAnEpochThatTheAnswerDoesNotName) {
  ASSERT_TRUE(commit({sample_entry()}));
  ASSERT_TRUE(agree({{telemetry_of(1), RangeSet(0, 1)}}));
  Answer old = answer();
  old.data.clear();
  ASSERT_TRUE(buffer_->agree(old, now()));
  EXPECT_EQ(ledger().at(telemetry_of(1)).received, RangeSet(0, 1));
}

TEST_F(AgreeTest, BelievesNothingBeyondWhatWasCommitted) {
  ASSERT_TRUE(commit({sample_entry()}));
  ASSERT_TRUE(agree({{telemetry_of(1), RangeSet(0, RangeSet::kEnd)}, {telemetry_of(7), RangeSet(0, 5)}}));
  EXPECT_EQ(ledger().at(telemetry_of(1)).received, RangeSet(0, 1));
  EXPECT_EQ(ledger().at(telemetry_of(7)), PlaceState{});
}

TEST_F(AgreeTest, ChangesNothingWhereTheDiskIsFull) {
  receive_three_and_release_one();
  const Ledger before = ledger();
  storage_.full = true;
  EXPECT_FALSE(agree({}, kRestored));
  EXPECT_EQ(ledger(), before);
}

TEST_F(AgreeTest, ReleasesWhatAnAnswerCovers) {
  ASSERT_TRUE(commit({sample_entry()}));
  ASSERT_TRUE(agree({{telemetry_of(1), RangeSet(0, 1)}}));
  mono_ += 1000;
  ASSERT_TRUE(buffer_->release(now().mono, Millis{1000}));
  EXPECT_TRUE(ledger().at(telemetry_of(1)).held.empty());
}

TEST_F(AgreeTest, DoesNotReleaseWhatANewGenerationTookBack) {
  ASSERT_TRUE(commit({sample_entry()}));
  ASSERT_TRUE(agree({{telemetry_of(1), RangeSet(0, 1)}}));
  ASSERT_TRUE(agree({}, kRestored));
  mono_ += 10'000;
  ASSERT_TRUE(buffer_->release(now().mono, Millis{1000}));
  EXPECT_EQ(ledger().at(telemetry_of(1)).due(), RangeSet(0, 1));
}

// ---- definitions ----------------------------------------------------------------------------------------------------

TEST_F(AgreeTest, CommitsAWantedDefinitionAnewAndOnlyOnce) {
  const std::string payload = define("old");
  ASSERT_TRUE(agree({{events_of(1), RangeSet(0, 2)}}));
  ASSERT_TRUE(agree_wanting({hash128(payload)}));
  EXPECT_EQ(definitions(1).size(), 2u);
  ASSERT_TRUE(agree_wanting({hash128(payload)})) << "it is under way";
  EXPECT_EQ(definitions(1).size(), 2u);
  ASSERT_TRUE(buffer_->mark_received({{events_of(1), RangeSet(0, 3)}}, now().mono));
  ASSERT_TRUE(agree_wanting({hash128(payload)})) << "received, and wanted again: the store lost it";
  EXPECT_EQ(definitions(1).size(), 3u);
}

TEST_F(AgreeTest, KnowsOnlyDefinitionsThatItEverUsed) {
  ASSERT_TRUE(commit({event_entry()}));
  ASSERT_TRUE(agree_wanting({{1, 2}, {3, 4}}));
  EXPECT_TRUE(definitions(1).empty());
}

TEST_F(AgreeTest, GivesDefinitionsOfEarlierRuns) {
  const std::string payload = define("old");
  ASSERT_TRUE(agree({{events_of(1), RangeSet(0, 2)}}));
  restart();
  ASSERT_TRUE(agree_wanting({hash128(payload)}));
  EXPECT_EQ(definitions(2), std::vector{payload});
}

/// The centre takes an edge's last definition for the present one.
TEST_F(AgreeTest, AnOldDefinitionThatIsWantedIsFollowedByThePresentOne) {
  const std::string old = define("old"), present = define("present");
  ASSERT_TRUE(agree({{events_of(1), RangeSet(0, 3)}}));
  ASSERT_TRUE(agree_wanting({hash128(old)}));
  EXPECT_EQ(definitions(1).back(), present);
  ASSERT_TRUE(buffer_->mark_received({{events_of(1), RangeSet(0, 9).intersection(ledger().at(events_of(1)).held)}},
                                     now().mono));
  ASSERT_TRUE(agree_wanting({hash128(present)}));
  const auto all = definitions(1);
  EXPECT_EQ(std::ranges::count(all, present), 3);
  EXPECT_EQ(std::ranges::count(all, old), 2);
}

}  // namespace
}  // namespace anlan::edge
