// PROTOCOL.md rules 3 to 7, 15: samples, from the line to the telemetry store and back.
#include "tests/unit/collector/ingest/ingest_fixture.hpp"

namespace anlan::collector {
namespace {

const Definition kMeaning = [] {
  Definition d;
  d.points.emplace_back().path = {"site-1", "d", "p"};
  d.points.emplace_back().path = {"site-1", "d", "q"};
  return d;
}();

class TelemetryLaneTest : public IngestTest {
 protected:
  /// The edge has greeted and said what its samples mean.
  void introduce(const Origin& origin = kEdgeA, const Definition& meaning = kMeaning) {
    say(origin, hello(origin));
    send(origin, {record(origin, Kind::definition, 0, encode_payload(meaning))});
    settle();
  }
  RangeSet received_samples(const Origin& origin = kEdgeA) const { return received(origin, Stream::telemetry); }
};

TEST_F(TelemetryLaneTest, ReceiptsWhatCanBeQueried) {
  introduce();
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning, 1.5), samples(kEdgeA, 1, kMeaning, 2.5),
                        samples(kEdgeA, 2, kMeaning, 9, 1)});
  until([&] { return !received_samples().empty(); });
  EXPECT_EQ(received_samples(), RangeSet(0, 3));
  EXPECT_EQ(stored("site-1/d/p"), (std::vector{1.5, 2.5}));
  EXPECT_EQ(stored("site-1/d/q"), std::vector{9.0});
  EXPECT_EQ(receipts_to(kEdgeA).back().store, kIdentity.ref);
}

TEST_F(TelemetryLaneTest, LiveTelemetryIsGatheredIntoOneWrite) {
  introduce();
  std::vector<std::size_t> writes;
  telemetry_script_.before_write = [&](const TelemetryBatch& batch) -> Result<void> {
    if (!batch.decoded.empty()) writes.push_back(batch.decoded.size());
    return {};
  };
  for (std::uint64_t i = 0; i < 5; ++i) {
    send_samples(kEdgeA, {samples(kEdgeA, i, kMeaning)}, false);
    test::run_until(*io_, [&] { return clock_.sleepers() > 0; });
  }
  EXPECT_TRUE(writes.empty()) << "it waits";
  until([&] { return received_samples() == RangeSet(0, 5); });
  EXPECT_EQ(writes, std::vector<std::size_t>{5});

  send_samples(kEdgeA, {samples(kEdgeA, 5, kMeaning)});
  const int slept = sleeps_;
  until([&] { return received_samples() == RangeSet(0, 6); });
  EXPECT_EQ(sleeps_, slept) << "what an edge drains does not wait";
}

TEST_F(TelemetryLaneTest, SaysNothingBeforeTheCommitNorWhereItFails) {
  introduce();
  bool full = true, said = false;
  telemetry_script_.before_write = [&](const TelemetryBatch& batch) -> Result<void> {
    if (batch.decoded.empty()) return {};
    said = said || !received_samples().empty();
    if (full) return fail(Errc::storage_full, "no room");
    return {};
  };
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning)});
  until([&] { return sleeps_ > 0; });
  EXPECT_TRUE(received_samples().empty());
  EXPECT_FALSE(ledger(kEdgeA).data.contains({kEpoch, Stream::telemetry})) << "nothing of it stays in memory";
  full = false;
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning)});
  settle();
  EXPECT_FALSE(said);
  EXPECT_EQ(received_samples(), RangeSet(0, 1));
  EXPECT_EQ(stored("site-1/d/p").size(), 1u);
}

TEST_F(TelemetryLaneTest, ReceiptsADuplicateAgainAndStoresItOnce) {
  introduce();
  for (int i = 0; i < 3; ++i)
    send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning), samples(kEdgeA, 0, kMeaning), samples(kEdgeA, 1, kMeaning)});
  settle();
  restart();
  sent_.clear();
  send_samples(kEdgeA, {samples(kEdgeA, 1, kMeaning), samples(kEdgeA, 2, kMeaning)});
  settle();
  EXPECT_EQ(received_samples(), RangeSet(1, 3)) << "receipted again after a restart too";
  EXPECT_EQ(stored("site-1/d/p").size(), 3u);
}

TEST_F(TelemetryLaneTest, DoesNotReceiptARecordThatFailsItsChecksum) {
  introduce();
  Record damaged = samples(kEdgeA, 1, kMeaning);
  damaged.wall += Millis{1};
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning), damaged, samples(kEdgeA, 2, kMeaning)});
  settle();
  EXPECT_EQ(received_samples().str(), "0,2");
}

TEST_F(TelemetryLaneTest, ADefinitionThatArrivesAfterItsSamplesDecodesThem) {
  say(kEdgeA, hello(kEdgeA));
  settle();
  for (std::uint64_t i = 0; i < 1200; i += 100) {
    std::vector<Record> some;
    for (std::uint64_t k = i; k < i + 100; ++k) some.push_back(samples(kEdgeA, k, kMeaning, static_cast<double>(k)));
    send_samples(kEdgeA, std::move(some));
  }
  settle();
  EXPECT_EQ(received_samples(), RangeSet(0, 1200)) << "kept raw, and receipted: they are durable";
  EXPECT_TRUE(quarantined(kEdgeA).empty());
  say(kEdgeA, hello(kEdgeA, 2));
  settle();
  EXPECT_EQ(answer_to(kEdgeA, 2)->wanted, std::vector{hash_of(kMeaning)});
  send(kEdgeA, {record(kEdgeA, Kind::definition, 0, encode_payload(kMeaning))});
  settle();
  settle();  // what the lane learnt is done before its next samples
  EXPECT_EQ(stored("site-1/d/p").size(), 1200u);
  say(kEdgeA, hello(kEdgeA, 3));
  settle();
  EXPECT_TRUE(answer_to(kEdgeA, 3)->wanted.empty());
}

TEST_F(TelemetryLaneTest, WhatItWantsOutlivesARestart) {
  say(kEdgeA, hello(kEdgeA));
  settle();
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning, 3)});
  settle();
  restart();
  say(kEdgeA, hello(kEdgeA, 2));
  settle();
  EXPECT_EQ(answer_to(kEdgeA, 2)->wanted, std::vector{hash_of(kMeaning)});
  send(kEdgeA, {record(kEdgeA, Kind::definition, 0, encode_payload(kMeaning))});
  until([&] { return stored("site-1/d/p").size() == 1; });
}

// ---- poison
// -----------------------------------------------------------------------------------------------------------

TEST_F(TelemetryLaneTest, QuarantinesWhatItCannotDecode) {
  introduce();
  Record newer = record(kEdgeA, Kind{99}, 1, "anything");
  newer.id.place.stream = Stream::telemetry;
  newer.checksum = checksum(kEdgeA.edge, newer);
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning), newer, record(kEdgeA, Kind::samples, 2, "\x07"),
                        samples(kEdgeA, 3, kMeaning, 1, 7), samples(kEdgeA, 4, kMeaning)});
  settle();
  EXPECT_EQ(received_samples(), RangeSet(0, 5));
  EXPECT_EQ(quarantined(kEdgeA), RangeSet(1, 4));
  EXPECT_EQ(stored("site-1/d/p").size(), 2u);
}

/// A frame is judged by what its records say they hold.
TEST_F(TelemetryLaneTest, ARecordThatHoldsMoreSamplesThanItSaysIsKeptRaw) {
  introduce();
  Record more = samples(kEdgeA, 0, kMeaning);
  more.payload =
      encode_payload(Samples{hash_of(kMeaning), {{0, 1, Quality::good, {}, {}}, {0, 2, Quality::good, {}, {}}}});
  more.checksum = checksum(kEdgeA.edge, more);
  send_samples(kEdgeA, {more, samples(kEdgeA, 1, kMeaning)});
  settle();
  EXPECT_EQ(received_samples(), RangeSet(0, 2));
  EXPECT_EQ(quarantined(kEdgeA), RangeSet(0, 1));
  EXPECT_EQ(stored("site-1/d/p").size(), 1u);
}

TEST_F(TelemetryLaneTest, SaysInItsAnswerThatItReadsColumns) {
  introduce();
  say(kEdgeA, hello(kEdgeA, 2));
  settle();
  EXPECT_TRUE(answer_to(kEdgeA, 2)->columns);
}

TEST_F(TelemetryLaneTest, ARecordThatTheStoreRefusesHoldsUpNothing) {
  introduce();
  introduce(kEdgeB, [] {
    Definition d;
    d.points.emplace_back().path = {"site-1", "e", "p"};
    return d;
  }());
  telemetry_script_.before_write = [&](const TelemetryBatch& batch) -> Result<void> {
    for (const DecodedRecord& r : batch.decoded)
      if (r.edge == kEdgeA.edge && r.id.sequence == 1) return fail(Errc::invalid_argument, "poison");
    return {};
  };
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning), samples(kEdgeA, 1, kMeaning), samples(kEdgeA, 2, kMeaning)});
  Definition other;
  other.points.emplace_back().path = {"site-1", "e", "p"};
  send_samples(kEdgeB, {samples(kEdgeB, 0, other)});
  settle();
  EXPECT_EQ(received_samples(), RangeSet(0, 3));
  EXPECT_EQ(quarantined(kEdgeA), RangeSet(1, 2));
  EXPECT_EQ(stored("site-1/d/p").size(), 2u);
  EXPECT_EQ(received_samples(kEdgeB), RangeSet(0, 1));
  EXPECT_EQ(sleeps_, 0);
}

TEST_F(TelemetryLaneTest, DoesNotTakeAnotherKindForSamples) {
  introduce();
  Record newer = samples(kEdgeA, 0, kMeaning, 666);
  newer.kind = Kind{99};  // its payload may look like samples
  newer.checksum = checksum(kEdgeA.edge, newer);
  send_samples(kEdgeA, {newer});
  settle();
  EXPECT_EQ(quarantined(kEdgeA), RangeSet(0, 1));
  EXPECT_TRUE(stored("site-1/d/p").empty());
}

TEST_F(TelemetryLaneTest, WhatCouldNotBeStoredAsUnderstoodIsTriedAgainAtTheNextStart) {
  introduce();
  telemetry_script_.before_write = [&](const TelemetryBatch& batch) -> Result<void> {
    return batch.decoded.empty() ? Result<void>{} : fail(Errc::unsupported, "an older version cannot store this");
  };
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning, 4)});
  settle();
  EXPECT_EQ(quarantined(kEdgeA), RangeSet(0, 1));
  telemetry_script_ = {};  // upgraded
  restart();
  settle();
  EXPECT_EQ(stored("site-1/d/p"), std::vector{4.0});
  restart();
  settle();
  EXPECT_EQ(stored("site-1/d/p").size(), 1u) << "once";
}

// ---- whose samples they are (rule 15)
// ---------------------------------------------------------------------------------

TEST_F(TelemetryLaneTest, TakesNoSamplesOfAnEdgeUnderAnotherSite) {
  introduce();
  const Origin impostor{kEdgeA.edge, "site-2"};
  send_samples(impostor, {samples(impostor, 0, kMeaning, 666)});
  settle();
  EXPECT_TRUE(receipts_to(impostor).empty());
  EXPECT_TRUE(stored("site-1/d/p").empty());
}

TEST_F(TelemetryLaneTest, StoresNoSampleUnderAPointOfAnotherSite) {
  introduce();
  const Origin stranger{"edge-c", "site-2"};
  say(stranger, hello(stranger));
  settle();
  send_samples(stranger, {samples(stranger, 0, kMeaning, 666)});  // names a definition of site-1
  settle();
  EXPECT_EQ(quarantined(stranger), RangeSet(0, 1)) << "kept, shown, and no value of that point";
  EXPECT_TRUE(stored("site-1/d/p").empty());
}

TEST_F(TelemetryLaneTest, SamplesOfAnEdgeThatHasNotGreetedComeAgain) {
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning)});
  settle();
  EXPECT_TRUE(received_samples().empty());
  introduce();
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning)});
  settle();
  EXPECT_EQ(received_samples(), RangeSet(0, 1));
}

// ---- both lanes
// -------------------------------------------------------------------------------------------------------

TEST_F(TelemetryLaneTest, AHelloIsAnsweredWithTheSamplesThatAreStored) {
  introduce();
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning), samples(kEdgeA, 3, kMeaning)});
  settle();
  say(kEdgeA, hello(kEdgeA, 2));
  settle();
  EXPECT_EQ(answer_to(kEdgeA, 2)->data.at({kEpoch, Stream::telemetry}).str(), "0,3");
}

TEST_F(TelemetryLaneTest, ASlowTelemetryStoreDelaysNoAlert) {
  introduce();
  int writes = 0;
  telemetry_script_.before_write = [&](const TelemetryBatch&) -> Result<void> {
    ++writes;
    return fail(Errc::storage_failed, "the disk is gone");
  };
  send_samples(kEdgeA, {samples(kEdgeA, 0, kMeaning)});
  send(kEdgeA, {alert(kEdgeA, 1, "s/d/red")});
  until([&] { return received(kEdgeA).contains(1); });
  EXPECT_EQ(seen().back(), "edge-a alert s/d/red");
  until([&] { return sleeps_ > 0; });
  telemetry_script_ = {};
}

TEST_F(TelemetryLaneTest, SaysThatItIsFullInsteadOfGrowing) {
  introduce();
  std::size_t taken = 0;
  const Record large = record(kEdgeA, Kind{99}, 1, std::string(200'000, 'x'));
  while (telemetry_lane_->push(kEdgeA, {large})) ASSERT_LT(++taken, 10'000u);
  EXPECT_GT(taken, 100u);
  until([&] { return telemetry_lane_->push(kEdgeA, {large}); });
}

}  // namespace
}  // namespace anlan::collector
