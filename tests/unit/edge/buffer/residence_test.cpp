// A disk that takes nothing (read-only, worn out, full): the buffer goes on in a refuge in memory and comes home again.
// Nothing is lost on either way, nothing is said to be lost, and what the box is told of in between holds.
#include "edge/buffer/residence.hpp"

#include "tests/support/fake_homes.hpp"
#include "tests/unit/edge/buffer/buffer_fixture.hpp"

namespace anlan::edge {
namespace {

class ResidenceTest : public testing::Test {
 protected:
  ResidenceTest() { EXPECT_TRUE(restart()); }

  /// A new process: what was in memory is gone.
  bool restart(std::uint64_t cap = kNoCap) {
    ++run_;
    residence_.reset();
    refuge_.disk = {};
    refuge_.side = home_.side;
    auto homes = std::make_unique<FakeHomes>(home_, &refuge_);
    homes_ = homes.get();
    homes_->home_broken = broken_;
    residence_ = std::make_unique<Residence>(
        std::move(homes), Buffer::Identity{kEdge, epoch_of(run_), {9, run_}, "0.1.0"}, cap, Millis{30'000});
    return residence_->open(now()).has_value();
  }

  Epoch fresh() { return epoch_of(++run_); }
  Stamp now() const { return {wall_from_ms(1'000'000), mono_from_ms(1000), ClockState::synced}; }
  Buffer& buffer() { return residence_->buffer(); }
  Ledger ledger() { return *buffer().snapshot(); }

  Result<void> commit(std::vector<Entry> entries) { return buffer().commit({std::move(entries), {}, {}, {}}, now()); }
  void commit_some(int records = 3) {
    for (int i = 0; i < records; ++i) ASSERT_TRUE(commit({sample_entry(), event_entry()}));
  }
  /// The disk takes nothing, and a commit says so.
  void into_refuge() {
    home_.full = true;
    ASSERT_EQ(commit({event_entry()}).error().code, Errc::storage_full);
    ASSERT_TRUE(residence_->take_refuge(fresh(), now()));
  }
  bool bring_one() {
    auto piece = residence_->elsewhere();
    if (!piece) return false;
    auto rows = Residence::read(*piece);
    const auto brought = residence_->bring(*piece, std::move(rows), now());
    EXPECT_TRUE(brought) << brought.error().message;
    return brought.has_value();
  }
  void bring_all() {
    while (buffer().adopt(now()).value()) {
    }
    buffer().look_again();
    for (int i = 0; bring_one(); ++i) ASSERT_LT(i, 1000) << "it never ends";
  }
  void home_again() {
    home_.full = false;
    ASSERT_TRUE(residence_->go_home(fresh(), now()));
    bring_all();
    EXPECT_FALSE(residence_->bringing());
  }
  std::vector<Record> read(const Place& place) {
    return buffer().read(place, RangeSet(0, RangeSet::kEnd), kAll, kAll, now()).value();
  }
  RangesByPlace voids() {
    RangesByPlace all;
    for (const auto& [place, state] : ledger().places)
      for (const Record& record : read(place))
        if (record.kind == Kind::gap)
          for (const Void& v : decode_gap(record.payload)->voids) all[v.place].add(v.ranges);
    return all;
  }
  /// Everything that was ever committed is there or was received, and nothing says otherwise.
  void expect_whole() {
    EXPECT_TRUE(voids().empty());
    for (const auto& [place, state] : ledger().places) {
      RangeSet known = state.held;
      known.add(state.received);
      EXPECT_EQ(known.str(), RangeSet(0, state.next).str()) << to_string(place.stream) << " " << place.epoch.hex();
      EXPECT_EQ(read(place).size(), state.held.count());
      for (const Record& record : read(place))
        if (record.kind == Kind::start) EXPECT_TRUE(decode_start(record.payload)->losses.empty());
    }
  }
  Answer answer(StoreRef store, RangesByPlace data = {}) {
    Answer a;
    a.store = store;
    a.token = {5, 1};
    for (const auto& entry : ledger().epochs)
      for (const Stream stream : kStreams) a.data[{entry.epoch, stream}];
    for (auto& [place, ranges] : data) a.data[place] = ranges;
    return a;
  }

  MemoryStorage home_, refuge_;
  FakeHomes* homes_ = nullptr;
  bool broken_ = false;
  std::unique_ptr<Residence> residence_;
  std::uint64_t run_ = 0;
};

TEST_F(ResidenceTest, GoesOnInTheRefugeWithEverythingThatIsKnown) {
  commit_some();
  ASSERT_TRUE(buffer().commit({{event_entry()}, {{{{1, 1}, alert_of(1)}}}, "engine", {}}, now()));
  ASSERT_TRUE(buffer().mark_received({{events_of(1), RangeSet(0, 2)}}, mono_from_ms(1000)));
  into_refuge();
  EXPECT_TRUE(residence_->in_refuge());
  const Ledger after = ledger();
  ASSERT_EQ(after.epochs.size(), 2u);
  EXPECT_EQ(after.at(events_of(1)).next, 5u);
  EXPECT_EQ(after.at(events_of(1)).received, RangeSet(0, 2));
  const Place now_events{after.epochs.back().epoch, Stream::event};
  const Start start = decode_start(read(now_events).at(0).payload).value();
  EXPECT_EQ(start.active.size(), 1u);
  EXPECT_TRUE(start.losses.empty()) << "what lies on the disk is not lost";
  EXPECT_EQ(refuge_.disk.engine_state, "engine");
  ASSERT_TRUE(commit({event_entry()})) << "an alarm is stored, and may be sent";
  EXPECT_EQ(read(now_events).size(), 2u);
}

TEST_F(ResidenceTest, StaysWhereItIsWhileHomeTakesNothing) {
  commit_some();
  into_refuge();
  EXPECT_FALSE(residence_->go_home(fresh(), now()));
  homes_->home_broken = true;
  EXPECT_FALSE(residence_->go_home(fresh(), now()));
  homes_->home_broken = false;
  EXPECT_TRUE(residence_->in_refuge());
  commit_some();
  home_again();
  expect_whole();
}

TEST_F(ResidenceTest, TakesTheRefugeAgainWhileItStillBringsFromIt) {
  commit_some();
  into_refuge();
  commit_some(20);
  home_.full = false;
  ASSERT_TRUE(residence_->go_home(fresh(), now()));
  commit_some();
  into_refuge();
  commit_some();
  home_again();
  expect_whole();
}

TEST_F(ResidenceTest, SendsTheAlarmsThatLieOnADiskThatTakesNothing) {
  commit_some();
  ASSERT_TRUE(buffer().mark_received({{events_of(1), RangeSet(0, 2)}}, mono_from_ms(1000)));
  into_refuge();
  EXPECT_TRUE(read(events_of(1)).empty());
  bring_all();
  EXPECT_EQ(read(events_of(1)).size(), 2u) << "what is not received yet";
  EXPECT_TRUE(read(telemetry_of(1)).empty()) << "that waits at home";
  EXPECT_TRUE(voids().empty());
  home_again();
  EXPECT_EQ(read(telemetry_of(1)).size(), 3u);
  expect_whole();
}

TEST_F(ResidenceTest, LeavesHalfOfTheMemoryToWhatIsNew) {
  ASSERT_TRUE(restart(40'000));
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(commit({event_entry(1000)}));
  into_refuge();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(commit({event_entry(1000)}));
  bring_all();
  EXPECT_TRUE(ledger().at(events_of(2)).held.empty());
  ASSERT_TRUE(buffer().mark_received({{events_of(2), RangeSet(0, 20)}}, mono_from_ms(1000)));
  home_again();
  expect_whole();
}

TEST_F(ResidenceTest, ReadsPastWhatCannotBeReadOfTheDisk) {
  for (int i = 0; i < 2500; ++i) ASSERT_TRUE(commit({event_entry()}));
  into_refuge();
  home_.unreadable = RecordId{events_of(1), 100};
  bring_all();
  EXPECT_EQ(ledger().at(events_of(1)).held.count(), 2500u) << "all but the one";
  EXPECT_TRUE(voids().empty()) << "it may be read another time";
  home_.unreadable.reset();
  bring_all();
  EXPECT_EQ(ledger().at(events_of(1)).held.count(), 2501u);
  home_again();
  expect_whole();
}

TEST_F(ResidenceTest, ComesHomeWithEverything) {
  commit_some();
  into_refuge();
  commit_some(5);
  bring_all();
  home_again();
  EXPECT_FALSE(residence_->in_refuge());
  EXPECT_EQ(ledger().epochs.size(), 3u);
  expect_whole();
  commit_some();
  ASSERT_TRUE(restart());
  expect_whole();
}

TEST_F(ResidenceTest, KeepsItsWordAboutWhatWasReceivedMeanwhile) {
  commit_some();
  into_refuge();
  bring_all();
  ASSERT_TRUE(buffer().mark_received({{events_of(1), RangeSet(0, 2)}}, mono_from_ms(1000)));
  home_again();
  EXPECT_EQ(ledger().at(events_of(1)).received, RangeSet(0, 2));
  ASSERT_TRUE(buffer().release(mono_from_ms(2000), Millis{10}));
  EXPECT_EQ(read(events_of(1)).size(), 2u);
  expect_whole();
}

/// What lies at home was received by one store; another generation has not got it, and nobody has lost it.
TEST_F(ResidenceTest, DoesNotCallGoneWhatLiesElsewhere) {
  commit_some();
  ASSERT_TRUE(buffer().agree(answer(kStore, {{telemetry_of(1), RangeSet(0, 2)}}), now()));
  into_refuge();
  commit_some();
  ASSERT_TRUE(buffer().agree(answer({{1, 1}, {1, 3}}), now()));
  EXPECT_TRUE(voids().empty());
  home_again();
  EXPECT_EQ(ledger().at(telemetry_of(1)).due(), RangeSet(0, 3));
  expect_whole();
}

TEST_F(ResidenceTest, AnotherProcessGoesHomeAndKnowsNothingOfTheRefuge) {
  commit_some();
  into_refuge();
  commit_some();
  home_.full = false;
  ASSERT_TRUE(restart());
  EXPECT_FALSE(residence_->in_refuge());
  EXPECT_EQ(ledger().epochs.size(), 1u) << "the centre sees by its hello that an epoch is missing (rule 6)";
  expect_whole();
}

TEST_F(ResidenceTest, SaysExactlyWhatCouldNotBeBroughtHome) {
  commit_some();
  into_refuge();
  commit_some();
  const Place place{ledger().epochs.back().epoch, Stream::telemetry};
  refuge_.disk.rows.at({place, 1}).payload = "flipped";
  home_again();
  EXPECT_EQ(voids(), (RangesByPlace{{place, RangeSet(1, 2)}}));
  EXPECT_EQ(read(place).size(), 2u);
}

/// The commit failed when it was synced, and lies there whole; what it held was stored again in the refuge.
TEST_F(ResidenceTest, WhatLiesAtHomeFromACommitThatHadFailedGoes) {
  commit_some();
  home_.fails_after = true;
  ASSERT_FALSE(commit({sample_entry(), event_entry()}));
  home_.fails_after = false;
  into_refuge();
  ASSERT_TRUE(commit({sample_entry(), event_entry()}));
  home_.full = false;
  home_.fails_after = true;
  ASSERT_FALSE(residence_->go_home(fresh(), now())) << "its start record lies there";
  home_.fails_after = false;
  home_again();
  EXPECT_EQ(ledger().at(telemetry_of(1)).next, 3u);
  EXPECT_FALSE(home_.disk.rows.contains({telemetry_of(1), 3}));
  expect_whole();
  ASSERT_TRUE(restart());
  expect_whole();
}

/// Damaged and read-only at once.
TEST_F(ResidenceTest, GoesIntoTheRefugeFromADamagedDiskToo) {
  commit_some();
  home_.corrupt = home_.stuck = true;
  ASSERT_EQ(commit({event_entry()}).error().code, Errc::storage_corrupt);
  ASSERT_FALSE(residence_->heal(fresh(), now()));
  ASSERT_TRUE(residence_->take_refuge(fresh(), now()));
  commit_some();
  bring_all();
  EXPECT_TRUE(voids().empty());
  home_.stuck = false;
  home_again();
  EXPECT_FALSE(home_.corrupt) << "it was put aside";
  EXPECT_EQ(read(telemetry_of(1)).size(), 3u) << "and what could be read of it taken over";
}

/// The damaged file was put aside, and there is no room for the first commit of the new one.
TEST_F(ResidenceTest, GoesIntoTheRefugeAsAnHeirToo) {
  commit_some();
  ASSERT_TRUE(buffer().commit({{event_entry()}, {{{{1, 1}, alert_of(1)}}}, "engine", {}}, now()));
  home_.corrupt = home_.full = true;
  ASSERT_EQ(commit({event_entry()}).error().code, Errc::storage_corrupt);
  ASSERT_EQ(residence_->heal(fresh(), now()).error().code, Errc::storage_full);
  EXPECT_TRUE(buffer().heir());
  EXPECT_EQ(buffer().mark_received({{events_of(1), RangeSet(0, 1)}}, mono_from_ms(1000)).error().code,
            Errc::storage_full)
      << "nothing is written into a storage that has not begun";
  ASSERT_TRUE(residence_->take_refuge(fresh(), now()));
  EXPECT_EQ(refuge_.disk.engine_state, "engine");
  EXPECT_EQ(refuge_.disk.ledger.active.size(), 1u);
  bring_all();
  EXPECT_TRUE(read(events_of(1)).empty()) << "what can be saved waits at home";
  home_again();
  EXPECT_EQ(read(telemetry_of(1)).size(), 3u);
}

/// An heir that has nothing of its own to say begins with the next answer.
TEST_F(ResidenceTest, AnHeirBeginsWhenThereIsRoomAndTheCentreAnswers) {
  commit_some();
  home_.corrupt = home_.full = true;
  ASSERT_EQ(commit({event_entry()}).error().code, Errc::storage_corrupt);
  ASSERT_EQ(residence_->heal(fresh(), now()).error().code, Errc::storage_full);
  EXPECT_EQ(buffer().agree(answer(kStore), now()).error().code, Errc::storage_full);
  home_.full = false;
  ASSERT_TRUE(buffer().agree(answer(kStore), now()));
  EXPECT_FALSE(buffer().heir());
  bring_all();
  EXPECT_EQ(read(telemetry_of(1)).size(), 3u);
}

TEST_F(ResidenceTest, DamageOfTheOtherStorageIsNotItsOwn) {
  commit_some();
  refuge_.corrupt = true;
  const auto refuge = residence_->take_refuge(fresh(), now());
  ASSERT_FALSE(refuge);
  EXPECT_NE(refuge.error().code, Errc::storage_corrupt) << "home would be healed for it";
  refuge_.corrupt = false;
  into_refuge();
  home_.corrupt = home_.stuck = true;
  home_.full = false;
  const auto home = residence_->go_home(fresh(), now());
  ASSERT_FALSE(home);
  EXPECT_NE(home.error().code, Errc::storage_corrupt) << "the refuge would be healed for it";
  commit_some();
}

/// It would not know what it must not overwrite.
TEST_F(ResidenceTest, ADiskThatCannotBeReadIsLeftToTheNextProcess) {
  commit_some();
  ASSERT_TRUE(buffer().keep_marks());
  broken_ = true;
  ASSERT_TRUE(restart());
  EXPECT_TRUE(residence_->in_refuge());
  commit_some();
  EXPECT_EQ(buffer().found().lost, true) << "by the side file";
  EXPECT_GT(ledger().epochs.back().ordinal, 1u);
  homes_->home_broken = broken_ = false;
  EXPECT_EQ(residence_->go_home(fresh(), now()).error().code, Errc::unsupported);
  ASSERT_TRUE(restart());
  EXPECT_FALSE(residence_->in_refuge());
  EXPECT_EQ(read(telemetry_of(1)).size(), 3u);
}

TEST_F(ResidenceTest, WithoutARefugeTheBufferStaysAtHome) {
  residence_ =
      std::make_unique<Residence>(std::make_unique<FakeHomes>(home_),
                                  Buffer::Identity{kEdge, epoch_of(50), {9, 50}, "0.1.0"}, kNoCap, Millis{30'000});
  ASSERT_TRUE(residence_->open(now()));
  EXPECT_EQ(residence_->take_refuge(fresh(), now()).error().code, Errc::unsupported);
  EXPECT_FALSE(residence_->in_refuge());
  ASSERT_TRUE(commit({event_entry()}));
}

}  // namespace
}  // namespace anlan::edge
