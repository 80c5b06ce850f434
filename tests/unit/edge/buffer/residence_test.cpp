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

  bool restart(std::uint64_t cap = kNoCap) {
    ++run_;
    const bool in_use = homes_ && homes_->in_use;
    auto homes = std::make_unique<FakeHomes>(home_, &refuge_);
    homes_ = homes.get();
    homes_->in_use = in_use;
    homes_->home_broken = broken_;
    homes_->on_clear = [this] { refuge_ = {}; };
    residence_ = std::make_unique<Residence>(
        std::move(homes), Buffer::Identity{kEdge, epoch_of(run_), {9, run_}, "0.1.0"}, cap, Millis{30'000});
    return residence_->open(fresh(), now()).has_value();
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
  void bring_all() {
    for (int i = 0; i < 1000; ++i) {
      const auto more = buffer().adopt(now());
      ASSERT_TRUE(more) << more.error().message;
      residence_->tidy();
      if (!*more) return;
    }
    FAIL() << "it never ends";
  }
  void home_again() {
    home_.full = false;
    ASSERT_TRUE(residence_->go_home(fresh(), now()));
    bring_all();
  }
  std::vector<Record> read(const Place& place) {
    return buffer().read(place, RangeSet(0, RangeSet::kEnd), kAll, kAll, now()).value();
  }
  /// Everything that was ever committed is there or was received, and no gap says otherwise.
  void expect_whole() {
    for (const auto& [place, state] : ledger().places) {
      RangeSet known = state.held;
      known.add(state.received);
      EXPECT_EQ(known.str(), RangeSet(0, state.next).str()) << to_string(place.stream) << " " << place.epoch.hex();
      EXPECT_EQ(read(place).size(), state.held.count());
      for (const Record& record : read(place)) {
        EXPECT_NE(record.kind, Kind::gap);
        if (record.kind == Kind::start) EXPECT_TRUE(decode_start(record.payload)->losses.empty());
      }
    }
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

TEST_F(ResidenceTest, BringsWhatCanStillBeReadOfADiskThatTakesNothing) {
  commit_some();
  into_refuge();
  EXPECT_TRUE(read(telemetry_of(1)).empty());
  bring_all();
  EXPECT_EQ(read(telemetry_of(1)).size(), 3u);
  EXPECT_EQ(read(events_of(1)).size(), 4u);
  expect_whole();
}

TEST_F(ResidenceTest, BringsIntoMemoryOnlyWhatLeavesHalfOfItFree) {
  ASSERT_TRUE(restart(40'000));
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(commit({sample_entry(1000)}));
  into_refuge();
  bring_all();
  EXPECT_LE(ledger().bytes(), 40'000u) << "one piece more than half";
  ASSERT_TRUE(commit({sample_entry(1000)}));
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
  EXPECT_FALSE(homes_->in_use) << "nothing is left in memory";
  EXPECT_EQ(ledger().epochs.size(), 3u);
  expect_whole();
  commit_some();
  expect_whole();
  ASSERT_TRUE(restart());
  expect_whole();
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

TEST_F(ResidenceTest, KeepsItsWordAboutWhatWasReceivedMeanwhile) {
  commit_some();
  into_refuge();
  bring_all();
  ASSERT_TRUE(buffer().mark_received({{telemetry_of(1), RangeSet(0, 2)}}, mono_from_ms(1000)));
  home_again();
  EXPECT_EQ(ledger().at(telemetry_of(1)).received, RangeSet(0, 2));
  ASSERT_TRUE(buffer().release(mono_from_ms(2000), Millis{10}));
  EXPECT_EQ(read(telemetry_of(1)).size(), 1u);
  expect_whole();
}

TEST_F(ResidenceTest, AProcessThatEndsInTheRefugeGoesOnThereAndComesHome) {
  commit_some();
  into_refuge();
  commit_some();
  ASSERT_TRUE(restart()) << "home still takes nothing";
  EXPECT_TRUE(residence_->in_refuge());
  commit_some();
  home_.full = false;
  ASSERT_TRUE(restart());
  EXPECT_FALSE(residence_->in_refuge());
  bring_all();
  EXPECT_FALSE(homes_->in_use);
  expect_whole();
}

TEST_F(ResidenceTest, AProcessThatEndsWhileItBringsGoesOnBringing) {
  commit_some();
  into_refuge();
  commit_some(20);
  home_.full = false;
  ASSERT_TRUE(residence_->go_home(fresh(), now()));
  ASSERT_TRUE(buffer().adopt(now()).value());
  ASSERT_TRUE(restart());
  EXPECT_FALSE(residence_->in_refuge());
  EXPECT_TRUE(homes_->in_use);
  bring_all();
  EXPECT_FALSE(homes_->in_use);
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

TEST_F(ResidenceTest, AfterAPowerCutHomeIsAsItWas) {
  commit_some();
  into_refuge();
  commit_some();
  refuge_ = {};
  homes_->in_use = false;
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
  RangeSet voided;
  for (const auto& [its, state] : ledger().places)
    for (const Record& record : read(its))
      if (record.kind == Kind::gap)
        for (const Void& v : decode_gap(record.payload)->voids) {
          EXPECT_EQ(v.place, place);
          EXPECT_EQ(v.reason, LossReason::damaged);
          voided.add(v.ranges);
        }
  EXPECT_EQ(voided, RangeSet(1, 2));
  EXPECT_EQ(read(place).size(), 2u);
}

TEST_F(ResidenceTest, DoesNotCallGoneWhatLiesOnTheDisk) {
  commit_some();
  into_refuge();
  Answer answer;
  answer.store = kStore;
  answer.token = {5, 1};
  for (const auto& entry : ledger().epochs)
    for (const Stream stream : kStreams) answer.data[{entry.epoch, stream}];
  ASSERT_TRUE(buffer().agree(answer, now()));
  home_again();
  expect_whole();
}

TEST_F(ResidenceTest, ADiskThatDoesNotEvenOpenKeepsNoAlarmFromBeingStored) {
  commit_some();
  broken_ = true;
  ASSERT_TRUE(restart());
  EXPECT_TRUE(residence_->in_refuge());
  commit_some();
  homes_->home_broken = false;
  home_again();
  expect_whole();
  EXPECT_EQ(read(telemetry_of(1)).size(), 3u) << "what lay at home";
}

TEST_F(ResidenceTest, WithoutARefugeTheBufferStaysAtHome) {
  auto homes = std::make_unique<FakeHomes>(home_);
  residence_ = std::make_unique<Residence>(std::move(homes), Buffer::Identity{kEdge, epoch_of(50), {9, 50}, "0.1.0"},
                                           kNoCap, Millis{30'000});
  ASSERT_TRUE(residence_->open(fresh(), now()));
  EXPECT_EQ(residence_->take_refuge(fresh(), now()).error().code, Errc::unsupported);
  EXPECT_FALSE(residence_->in_refuge());
}

}  // namespace
}  // namespace anlan::edge
