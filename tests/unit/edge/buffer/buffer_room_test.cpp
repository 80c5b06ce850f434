// PROTOCOL.md rule 9 whole: at the cap the oldest telemetry is thinned, then dropped, never what is in flight; gaps say
// so in the same commit and merge; events have a reserve, and ended alert episodes are summarised when they fill it.
#include <algorithm>
#include <random>

#include "edge/buffer/losses.hpp"
#include "tests/unit/edge/buffer/buffer_fixture.hpp"

namespace anlan::edge {
namespace {

constexpr std::uint64_t kCap = 120'000;
constexpr std::int64_t kMinute = 60'000;

class RoomTest : public BufferTest {
 protected:
  RoomTest() {
    run_ = 0;
    restart(kCap);
    for (const char* point : {"a", "b"}) {
      PointDefinition p;
      p.path = {"site", "tank", point};
      meaning_.points.push_back(p);
    }
    hash_ = hash_of(meaning_);
    EXPECT_TRUE(buffer_->commit(
        {{{Kind::definition, encode_payload(meaning_), 0}}, {}, {}, {{hash_, encode_payload(meaning_)}}}, now()));
  }
  /// One sample of each point, a second after the ones before; the payload is padded to a size by more of the same
  /// second.
  Entry second(std::size_t each = 10) {
    Samples samples{hash_, {}};
    for (std::uint32_t point = 0; point < 2; ++point)
      for (std::size_t i = 0; i < each; ++i)
        samples.samples.push_back(
            {point, value_ += 0.37, Quality::good, now().wall + Millis{static_cast<std::int64_t>(i)}, {}});
    return {Kind::samples, encode_payload(samples), static_cast<std::uint32_t>(samples.samples.size())};
  }
  Result<void> tick(std::size_t each = 10) {
    mono_ += 1000;
    return commit({second(each)});
  }
  void run_for(int seconds, std::size_t each = 10) {
    for (int i = 0; i < seconds; ++i) ASSERT_TRUE(tick(each)) << "second " << i;
  }
  /// Of everything that was ever committed as telemetry: held, received, or named by a void that is held as a record.
  void expect_all_accounted() {
    RangesByPlace voids;
    std::map<LossReason, std::uint64_t> counted;
    std::uint64_t held_samples = 0, committed = 0;
    for (std::uint64_t run = 1; run <= run_; ++run) {
      for (const Gap& gap : gaps(events_of(run))) {
        for (const Void& v : gap.voids) voids[v.place].add(v.ranges);
        for (const Loss& loss : gap.losses)
          if (loss.reason != LossReason::refused) counted[loss.reason] += loss.count.value();
      }
    }
    for (std::uint64_t run = 1; run <= run_; ++run)
      for (const Place& place : {telemetry_of(run), events_of(run)}) {
        const PlaceState& state = ledger().at(place);
        RangeSet all = state.held;
        EXPECT_TRUE(all.intersection(voids[place]).empty()) << "void and still here";
        all.add(voids[place]);
        EXPECT_EQ(all, state.next ? RangeSet(0, state.next) : RangeSet());
        if (place.stream != Stream::telemetry) continue;
        for (const Record& record : read(place)) held_samples += record.samples;
        committed += state.samples;
      }
    EXPECT_EQ(held_samples + counted[LossReason::thinned] + counted[LossReason::dropped], committed) << "to the sample";
  }
  std::vector<Record> minutes() {
    std::vector<Record> all;
    for (std::uint64_t run = 1; run <= run_; ++run)
      for (Record& record : read_kind(telemetry_of(run), Kind::minutes)) all.push_back(std::move(record));
    return all;
  }
  std::size_t waiting_gaps() {
    std::size_t count = 0;
    for (std::uint64_t run = 1; run <= run_; ++run)
      for (const Record& record : read_kind(events_of(run), Kind::gap))
        count += !ledger().at(record.id.place).received.contains(record.id.sequence);
    return count;
  }

  Definition meaning_;
  DefinitionHash hash_;
  double value_ = 0;
};

TEST_F(RoomTest, ThinsTheOldestMinutesBeforeAnythingIsDropped) {
  run_for(1000);
  EXPECT_LE(ledger().bytes(), kCap / 10 * 9);
  const auto thinned = minutes();
  ASSERT_FALSE(thinned.empty());
  const auto said = gaps(events_of(1));
  for (const Void& v : said.at(0).voids)
    EXPECT_NE(v.reason, LossReason::dropped) << "there was still something to thin";
  const auto first = decode_samples(thinned.front().payload).value();
  EXPECT_EQ(first.samples.front().quality, Quality::minute_min);
  EXPECT_EQ(first.definition, hash_);
  EXPECT_EQ(thinned.front().samples, first.samples.size());
  const auto raw = read_kind(telemetry_of(1), Kind::samples);
  EXPECT_GT(raw.front().wall, wall_from_ms(to_ms(first.samples.back().time))) << "the oldest went";
  EXPECT_EQ(to_ms(raw.back().wall), to_ms(now().wall)) << "the newest stayed";
  expect_all_accounted();
}

TEST_F(RoomTest, DropsTheOldestMinutesWhenEverythingIsThinned) {
  ASSERT_TRUE(restart(20'000));
  const auto dropped = [&] {
    for (const Gap& gap : gaps(events_of(2)))
      for (const Void& v : gap.voids)
        if (v.reason == LossReason::dropped) return true;
    return false;
  };
  int commits = 0;
  for (; commits < 10'000 && (commits % 100 != 0 || !dropped()); ++commits) {
    mono_ += 6000;
    ASSERT_TRUE(commit({second()}));
  }
  EXPECT_GT(commits, 500) << "20,000 bytes hold more than that of minutes";
  EXPECT_EQ(waiting_gaps(), 1u) << "gaps that were not sent are one";
  bool named = false;
  for (const Gap& gap : gaps(events_of(2)))
    for (const Loss& loss : gap.losses)
      named = named || (loss.reason == LossReason::dropped && loss.point == "site/tank/a" && loss.count > 0u);
  EXPECT_TRUE(named);
  expect_all_accounted();
}

TEST_F(RoomTest, KeepsFarMoreTimeThinnedThanRaw) {
  run_for(4000, 1);
  const auto said = gaps(events_of(1));
  EXPECT_FALSE(std::ranges::any_of(said.at(0).voids, [](const Void& v) { return v.reason == LossReason::dropped; }))
      << "what " << kCap << " bytes hold of a minute is a twentieth of the raw";
  expect_all_accounted();
}

TEST_F(RoomTest, DropsSlowPointsBecauseThinningThemGainsNothing) {
  for (int i = 0; i < 5000; ++i) {
    mono_ += 30'000;
    ASSERT_TRUE(commit({second(1)}));
  }
  EXPECT_TRUE(minutes().empty());
  EXPECT_LE(ledger().bytes(), kCap / 10 * 9);
  expect_all_accounted();
}

TEST_F(RoomTest, NeverTakesWhatIsInFlight) {
  run_for(120);
  const auto sent = buffer_->read_to_send(telemetry_of(1), RangeSet(0, 60), kAll, kAll, now()).value();
  ASSERT_EQ(sent.size(), 60u);
  for (int i = 0; i < 5000; ++i) {
    mono_ += 1000;
    if (i % 20 == 0) (void)buffer_->read_to_send(telemetry_of(1), RangeSet(0, 60), kAll, kAll, now());  // sent again
    ASSERT_TRUE(commit({second()}));
  }
  EXPECT_TRUE(ledger().at(telemetry_of(1)).held.covers(0, 60));
  expect_all_accounted();
  run_for(6000);
  EXPECT_FALSE(ledger().at(telemetry_of(1)).held.contains(0)) << "no longer in flight when nobody sends it any more";
}

TEST_F(RoomTest, FreesReceivedRowsBeforeItThinsAnything) {
  run_for(300);
  ASSERT_TRUE(buffer_->mark_received({{telemetry_of(1), RangeSet(0, 300)}}, now().mono));
  run_for(200);
  EXPECT_TRUE(minutes().empty());
  EXPECT_TRUE(gaps(events_of(1)).empty());
}

TEST_F(RoomTest, AGapThatIsInFlightIsLeftAndAnotherBegun) {
  run_for(3000);
  ASSERT_EQ(waiting_gaps(), 1u);
  ASSERT_FALSE(buffer_->read_to_send(events_of(1), RangeSet(0, RangeSet::kEnd), kAll, kAll, now()).value().empty());
  run_for(25, 60);
  EXPECT_EQ(waiting_gaps(), 2u);
  expect_all_accounted();
  run_for(3000);
  EXPECT_LE(waiting_gaps(), 2u) << "it merges again";
  expect_all_accounted();
}

TEST_F(RoomTest, KeepsGapsWithinOnePercentOfTheCapByNamingLess) {
  for (std::size_t i = 2; i < 1000; ++i) {
    PointDefinition p;
    p.path = {"site", "tank-" + std::to_string(i / 50), "point-with-a-long-name-" + std::to_string(i)};
    meaning_.points.push_back(p);
  }
  hash_ = hash_of(meaning_);
  const std::string payload = encode_payload(meaning_);
  ASSERT_TRUE(buffer_->commit({{{Kind::definition, payload, 0}}, {}, {}, {{hash_, payload}}}, now()));
  for (int i = 0; i < 300; ++i) {
    mono_ += 1000;
    Samples samples{hash_, {}};
    for (std::uint32_t point = 0; point < 1000; ++point)
      samples.samples.push_back({point, value_ += 0.5, Quality::good, now().wall, {}});
    ASSERT_TRUE(commit({{Kind::samples, encode_payload(samples), 1000}}));
  }
  std::uint64_t bytes = 0;
  for (const Record& record : read_kind(events_of(1), Kind::gap)) bytes += row_bytes(record.payload.size());
  EXPECT_LE(bytes, std::max<std::uint64_t>(kCap / 100, 4096));
  const auto losses = gaps(events_of(1)).back().losses;
  ASSERT_FALSE(losses.empty());
  EXPECT_TRUE(losses[0].point.ends_with("/*") || losses[0].point.empty()) << losses[0].point;
  expect_all_accounted();
}

TEST_F(RoomTest, SaysWhatNeverBecameARecordInTheSameGap) {
  run_for(3000);
  Commit commit;
  commit.losses = {{"site/tank/a", wall_from_ms(5), wall_from_ms(9), 7, LossReason::refused}};
  ASSERT_TRUE(buffer_->commit(std::move(commit), now()));
  ASSERT_EQ(waiting_gaps(), 1u);
  const auto losses = gaps(events_of(1)).back().losses;
  EXPECT_TRUE(
      std::ranges::any_of(losses, [](const Loss& l) { return l.reason == LossReason::refused && l.count == 7; }));
}

TEST_F(RoomTest, ADamagedRowAmongThemIsSaidToBeDamaged) {
  run_for(200);
  storage_.disk.rows.at({telemetry_of(1), 3}).payload[5] ^= 1;
  run_for(3000);
  bool said = false;
  for (const Gap& gap : gaps(events_of(1)))
    for (const Void& v : gap.voids)
      if (v.reason == LossReason::damaged) said = v.ranges == RangeSet(3, 4);
  EXPECT_TRUE(said);
  for (const Record& record : minutes())
    for (const Sample& sample : decode_samples(record.payload)->samples) EXPECT_LT(std::abs(sample.value), 1e6);
}

// ---- events -------------------------------------------------------------------------------------------------------

class ReserveTest : public RoomTest {
 protected:
  Entry alert(std::uint64_t id, AlertStep step, std::uint32_t version) {
    AlertTransition t = alert_of(id, version);
    t.step = step;
    t.level = step == AlertStep::cleared ? Level::none : Level::red;
    return {Kind::alert, encode_payload(t), 0};
  }
  Result<void> transition(std::uint64_t id, AlertStep step, std::uint32_t version) {
    mono_ += 1000;
    if (step == AlertStep::cleared)
      active_.erase({id, id});
    else
      active_[{id, id}] = alert_of(id, version);
    return buffer_->commit({{alert(id, step, version)}, active_, {}, {}}, now());
  }
  std::map<AlertId, AlertTransition> active_;
};

TEST_F(ReserveTest, EventsPushOutTelemetryAndAreNeverDroppedForIt) {
  run_for(3000);
  std::uint64_t events = 0;
  while (ledger().at(telemetry_of(1)).held.count() > 2 && events < 20'000) {
    mono_ += 100;
    ASSERT_TRUE(commit({event_entry(100)})) << events;
    ++events;
  }
  EXPECT_GT(events, 400u);
  const RangeSet held = ledger().at(events_of(1)).held;
  for (const Record& record : read(events_of(1))) EXPECT_TRUE(held.contains(record.id.sequence));
  EXPECT_EQ(read_kind(events_of(1), Kind::edge_event).size(), events);
  expect_all_accounted();
}

TEST_F(ReserveTest, SummarisesEndedEpisodesWhenEventsAloneFillTheBuffer) {
  ASSERT_TRUE(transition(1, AlertStep::raised, 1));
  std::uint64_t id = 2;
  for (; id < 1500; ++id) {
    ASSERT_TRUE(transition(id, AlertStep::raised, 1)) << id;
    ASSERT_TRUE(transition(id, AlertStep::cleared, 2)) << id;
    ASSERT_LE(ledger().bytes(), kCap);
  }
  std::set<AlertId> summarised, held;
  for (const Gap& gap : gaps(events_of(1)))
    for (const AlertTransition& t : gap.ended) {
      EXPECT_EQ(t.step, AlertStep::cleared);
      summarised.insert(t.alert);
    }
  for (const Record& record : read_kind(events_of(1), Kind::alert)) held.insert(decode_alert(record.payload)->alert);
  EXPECT_FALSE(summarised.empty());
  EXPECT_FALSE(summarised.contains({1, 1})) << "an active one never";
  EXPECT_TRUE(held.contains({1, 1}));
  for (std::uint64_t i = 1; i < id; ++i) EXPECT_TRUE(summarised.contains({i, i}) || held.contains({i, i})) << i;
}

TEST_F(ReserveTest, RefusesWhereActiveAlertsAloneFillIt) {
  std::uint64_t id = 1;
  Result<void> done;
  while ((done = transition(id, AlertStep::raised, 1))) ++id;
  EXPECT_EQ(done.error().code, Errc::cap_reached);
  std::size_t held = 0;
  for (const Record& record : read_kind(events_of(1), Kind::alert)) held += record.kind == Kind::alert;
  EXPECT_EQ(held, id - 1) << "every transition that was committed is here";
}

// ---- everything at once -------------------------------------------------------------------------------------------

TEST_F(RoomTest, AccountsForEverythingWhateverComes) {
  std::mt19937_64 random(20261124);
  for (int i = 0; i < 6000; ++i) {
    switch (random() % 40) {
      case 0:
        (void)commit({event_entry(random() % 300)});
        break;
      case 1:
        (void)buffer_->read_to_send(telemetry_of(run_), RangeSet(random() % 500, 1 + random() % 5000), 50, kAll, now());
        break;
      case 2:
        if (random() % 40 == 0) ASSERT_TRUE(restart(kCap));
        break;
      case 3:
        mono_ += static_cast<std::int64_t>(random() % kMinute);
        break;
      default:
        ASSERT_TRUE(tick(1 + random() % 30));
    }
    ASSERT_LE(ledger().bytes(), kCap);
    if (i % 3000 == 2999) expect_all_accounted();
  }
}

}  // namespace
}  // namespace anlan::edge
