// PROTOCOL.md rules 3 to 7, 15: hellos, event records and definitions, from the line to records.db and back.
#include "tests/unit/collector/ingest/ingest_fixture.hpp"

namespace anlan::collector {
namespace {

class EventLaneTest : public IngestTest {};

EdgeEvent event(const std::string& what) { return {"s/d", what, "", ""}; }

TEST_F(EventLaneTest, AnswersAHelloWithStoreTokenAndWhatItHolds) {
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p"), alert(kEdgeA, 1, "s/d/q"), alert(kEdgeA, 5, "s/d/r")});
  say(kEdgeA, hello(kEdgeA));
  settle();
  const auto answer = answer_to(kEdgeA, 1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->store, kIdentity.ref);
  EXPECT_EQ(answer->incarnation, hello(kEdgeA).incarnation);
  const Place place{kEpoch, Stream::event};
  EXPECT_EQ(answer->data.at(place).str(), "0-1,5");
  EXPECT_EQ(sink_.hellos, 2) << "and the probe's";
  EXPECT_EQ(ledger(kEdgeA).issued.at(answer->incarnation).token, answer->token);
}

TEST_F(EventLaneTest, ReceiptsNameStoreGenerationAndRanges) {
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p"), alert(kEdgeA, 1, "s/d/q")});
  settle();
  const auto receipts = receipts_to(kEdgeA);
  ASSERT_EQ(receipts.size(), 1u) << "one for a batch and place";
  EXPECT_EQ(receipts[0].store, kIdentity.ref);
  EXPECT_EQ(receipts[0].place, (Place{kEpoch, Stream::event}));
  EXPECT_EQ(receipts[0].data, RangeSet(0, 2));
  EXPECT_TRUE(receipts[0].quarantined.empty());
}

TEST_F(EventLaneTest, SaysNothingBeforeTheCommit) {
  bool said = false;
  sink_.in_transaction = [&] { said = said || !sent_.empty(); };
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p")});
  say(kEdgeA, hello(kEdgeA));
  until([&] { return answer_to(kEdgeA, 1).has_value(); });
  sink_.in_transaction = nullptr;
  EXPECT_FALSE(said);
  EXPECT_EQ(received(kEdgeA), RangeSet(0, 1));
}

TEST_F(EventLaneTest, SaysNothingWhereTheCommitFailsAndTakesTheRecordsWhenTheyComeAgain) {
  bool full = true;
  sink_.on_event_hook = [&](const Origin&, const Record&) {
    if (full) throw DatabaseError(Errc::storage_full, "no room");
  };
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p")});
  say(kEdgeA, hello(kEdgeA));
  until([&] { return sleeps_ > 0; });
  settle();
  EXPECT_TRUE(receipts_to(kEdgeA).empty());
  EXPECT_EQ(count("event_record", "edge = 'edge-a'"), 0);
  EXPECT_EQ(ledger(kEdgeA), EdgeLedger{}) << "nothing of it stays in memory";
  full = false;
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p")});
  settle();
  EXPECT_EQ(received(kEdgeA), RangeSet(0, 1));
  EXPECT_EQ(count("event_record", "edge = 'edge-a'"), 1);
  EXPECT_EQ(seen(), std::vector<std::string>{"edge-a alert s/d/p"});
}

TEST_F(EventLaneTest, ReceiptsADuplicateAgainAndStoresItOnce) {
  for (int i = 0; i < 3; ++i) send(kEdgeA, {alert(kEdgeA, 0, "s/d/p"), alert(kEdgeA, 0, "s/d/p")});
  settle();
  restart();
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p")});
  settle();
  EXPECT_GE(receipts_to(kEdgeA).size(), 2u);
  EXPECT_EQ(count("event_record", "edge = 'edge-a'"), 1);
  EXPECT_EQ(seen().size(), 1u);
}

TEST_F(EventLaneTest, DoesNotReceiptARecordThatFailsItsChecksum) {
  Record damaged = alert(kEdgeA, 1, "s/d/q");
  damaged.payload[3] ^= 1;
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p"), damaged, alert(kEdgeA, 2, "s/d/r")});
  settle();
  EXPECT_EQ(received(kEdgeA).str(), "0,2");
  send(kEdgeA, {alert(kEdgeA, 1, "s/d/q")});
  settle();
  EXPECT_EQ(received(kEdgeA), RangeSet(0, 3));
}

TEST_F(EventLaneTest, DoesNotTakeTheRecordsOfOneEdgeForAnothers) {
  send(kEdgeB, {alert(kEdgeA, 0, "s/d/p")});  // the checksum is over the edge id
  settle();
  EXPECT_TRUE(receipts_to(kEdgeB).empty());
  EXPECT_TRUE(seen().empty());
}

// ---- poison
// -----------------------------------------------------------------------------------------------------------

TEST_F(EventLaneTest, KeepsRawWhatIsNewerThanItself) {
  AlertTransition t;
  t.alert = {1, 1};
  std::string newer_word = encode_payload(t) + std::string("\x18\x63", 2);  // step 99, the last one counts
  send(kEdgeA,
       {alert(kEdgeA, 0, "s/d/p"), record(kEdgeA, Kind{99}, 1, "anything"), record(kEdgeA, Kind::alert, 2, newer_word),
        record(kEdgeA, Kind::gap, 3, "\x07"), alert(kEdgeA, 4, "s/d/q")});
  settle();
  EXPECT_EQ(received(kEdgeA), RangeSet(0, 5));
  EXPECT_EQ(quarantined(kEdgeA), RangeSet(1, 4));
  EXPECT_EQ(seen(), (std::vector<std::string>{"edge-a alert s/d/p", "edge-a alert s/d/q"}));
  EXPECT_EQ(count("event_record", "quarantined = 1"), 3);
  EXPECT_TRUE(sink_.unclear.at("edge-a")) << "one of them may have been a clearing";
  EXPECT_FALSE(sink_.unclear.at("probe"));
}

TEST_F(EventLaneTest, ARecordThatTheDatabaseRefusesIsKeptRawAndHoldsUpNothing) {
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p"), alert(kEdgeA, 1, std::string("s\0/d", 4)), alert(kEdgeA, 2, "s/d/red")});
  send(kEdgeB, {alert(kEdgeB, 0, "s/d/b")});
  settle();
  EXPECT_EQ(received(kEdgeA), RangeSet(0, 3));
  EXPECT_EQ(quarantined(kEdgeA), RangeSet(1, 2)) << "a red alert in the same frame is not poison";
  EXPECT_EQ(seen(), (std::vector<std::string>{"edge-a alert s/d/p", "edge-a alert s/d/red", "edge-b alert s/d/b"}));
  EXPECT_EQ(sleeps_, 0) << "nobody waits for it";
  EXPECT_EQ(count("seen"), 3);
}

TEST_F(EventLaneTest, PoisonDoesNotComeAgainAsFresh) {
  send(kEdgeA, {alert(kEdgeA, 0, std::string("\0", 1))});
  settle();
  send(kEdgeA, {alert(kEdgeA, 0, std::string("\0", 1))});
  settle();
  EXPECT_EQ(received(kEdgeA), RangeSet(0, 1));
  EXPECT_EQ(count("event_record", "edge = 'edge-a'"), 1);
}

TEST_F(EventLaneTest, AHelloThatTheDatabaseRefusesHoldsUpNobody) {
  Hello bad = hello(kEdgeA);
  bad.version = std::string("0\0", 2);
  for (int i = 0; i < 5; ++i) {
    ++bad.counter;
    say(kEdgeA, bad);
  }
  send(kEdgeB, {alert(kEdgeB, 0, "s/d/b")});
  settle();
  EXPECT_EQ(received(kEdgeB), RangeSet(0, 1));
  EXPECT_EQ(sleeps_, 0);
  EXPECT_TRUE(answer_to(kEdgeA, bad.counter)) << "nor its own edge: what it holds must flow";
}

TEST_F(EventLaneTest, WhatCouldNotBeStoredAsUnderstoodIsTriedAgainAtTheNextStart) {
  bool older = true;
  sink_.on_event_hook = [&](const Origin& origin, const Record&) {
    if (older && origin == kEdgeA) throw DatabaseError(Errc::invalid_argument, "an older version cannot store this");
  };
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p")});
  settle();
  EXPECT_EQ(quarantined(kEdgeA), RangeSet(0, 1));
  EXPECT_TRUE(sink_.unclear.at("edge-a"));
  older = false;  // upgraded
  restart();
  settle();
  EXPECT_EQ(seen(), std::vector<std::string>{"edge-a alert s/d/p"});
  EXPECT_EQ(count("event_record", "quarantined = 1"), 0);
  EXPECT_FALSE(sink_.unclear.at("edge-a"));
  restart();
  settle();
  EXPECT_EQ(seen().size(), 1u) << "once";
}

// ---- whose message it is
// ----------------------------------------------------------------------------------------------

TEST_F(EventLaneTest, AnEdgeIdIsUsedOnceInTheCity) {
  send(kEdgeA, {alert(kEdgeA, 0, "s/d/p")});
  settle();
  const Origin impostor{kEdgeA.edge, "site-2"};
  say(impostor, hello(impostor));
  send(impostor, {alert(impostor, 1, "s/d/q")});
  settle();
  EXPECT_FALSE(answer_to(impostor, 1));
  EXPECT_TRUE(receipts_to(impostor).empty());
  EXPECT_EQ(ledger(kEdgeA).data.at({kEpoch, Stream::event}), RangeSet(0, 1));
  EXPECT_EQ(seen().size(), 1u);
}

TEST_F(EventLaneTest, AHelloSpeaksForTheEdgeOfItsTopicOnly) {
  say(kEdgeB, hello(kEdgeA));
  Hello elsewhere = hello(kEdgeB);
  elsewhere.site = "site-2";
  say(kEdgeB, elsewhere);
  settle();
  EXPECT_FALSE(answer_to(kEdgeA, 1));
  EXPECT_FALSE(answer_to(kEdgeB, 1));
  EXPECT_EQ(sink_.hellos, 1) << "the probe's";
}

// ---- hellos
// -----------------------------------------------------------------------------------------------------------

TEST_F(EventLaneTest, AnswersTheSameHelloWithTheSameTokenAndAnOlderOneNotAtAll) {
  say(kEdgeA, hello(kEdgeA, 3));
  settle();
  const Token token = answer_to(kEdgeA, 3)->token;
  sent_.clear();
  say(kEdgeA, hello(kEdgeA, 3));
  say(kEdgeA, hello(kEdgeA, 2));
  settle();
  ASSERT_TRUE(answer_to(kEdgeA, 3));
  EXPECT_EQ(answer_to(kEdgeA, 3)->token, token);
  EXPECT_FALSE(answer_to(kEdgeA, 2));
}

TEST_F(EventLaneTest, ASecondBoxIsReportedAndWhatItMayHaveLostIsUnknownOnceItConfirms) {
  say(kEdgeA, hello(kEdgeA));
  settle();
  say(kEdgeA, Confirm{kEdgeA.edge, hello(kEdgeA).incarnation, answer_to(kEdgeA, 1)->token});
  Hello second = hello(kEdgeA, 10);
  second.incarnation = {99, 99};
  say(kEdgeA, second);
  settle();
  ASSERT_TRUE(answer_to(kEdgeA, 10));
  EXPECT_TRUE(answer_to(kEdgeA, 10)->stale);
  EXPECT_FALSE(ledger(kEdgeA).losses_unknown()) << "a process that has died since confirms nothing";
  say(kEdgeA, hello(kEdgeA, 2));
  say(kEdgeA, Confirm{kEdgeA.edge, second.incarnation, answer_to(kEdgeA, 10)->token});
  settle();
  EXPECT_TRUE(ledger(kEdgeA).losses_unknown());
  EXPECT_TRUE(sink_.unclear.at("edge-a"));
  EXPECT_EQ(std::ranges::count(seen(), "edge-a two boxes"), 1);
}

// ---- gaps and definitions
// ---------------------------------------------------------------------------------------------

TEST_F(EventLaneTest, WhatAGapSaysIsListedOnceAndOfItsOwnSiteOnly) {
  const Loss known{"site-1/d/p", wall_from_ms(1'000), wall_from_ms(2'000), 7, LossReason::dropped};
  const Loss unknown{"", wall_from_ms(0), wall_from_ms(3'000), std::nullopt, LossReason::gone};
  const Loss foreign{"site-9/d/p", wall_from_ms(0), wall_from_ms(1), 1, LossReason::lost};
  const Record gap = record(kEdgeA, Kind::gap, 2, encode_payload(Gap{{}, {}, {known, unknown, foreign}}));
  send(kEdgeA, {gap});
  send(kEdgeA, {gap});
  settle();
  const auto listed = losses({});
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].loss, unknown) << "newest first";
  EXPECT_EQ(listed[1].loss, known);
  EXPECT_EQ(listed[1].origin, kEdgeA);
  EXPECT_EQ(losses({.point = "site-1/d/p"}).size(), 1u);
  EXPECT_EQ(losses({.before = listed[0].number}).size(), 1u);
  EXPECT_EQ(losses({.site = "site-9"}).size(), 0u);
}

TEST_F(EventLaneTest, AGapThatTellsNoPointsIsListedByTheRecordsThatItVoids) {
  const Gap gone{{{{kEpoch, Stream::telemetry}, LossReason::gone, RangeSet(3, 8)},
                  {{kEpoch, Stream::event}, LossReason::lost, RangeSet(9, RangeSet::kEnd)}},
                 {},
                 {}};
  send(kEdgeA, {record(kEdgeA, Kind::gap, 2, encode_payload(gone))});
  settle();
  const auto listed = losses({});
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].records, std::nullopt) << "without end: nobody knows";
  EXPECT_EQ(listed[1].records, 5u);
  EXPECT_EQ(listed[1].loss.reason, LossReason::gone);
}

TEST_F(EventLaneTest, VoidsAreKeptApartFromDataAndAnswered) {
  const Gap gap{{{{kEpoch, Stream::telemetry}, LossReason::dropped, RangeSet(3, 5)},
                 {{kEpoch, Stream::event}, LossReason::damaged, RangeSet(1, 2)}},
                {},
                {}};
  send(kEdgeA, {record(kEdgeA, Kind::gap, 2, encode_payload(gap))});
  say(kEdgeA, hello(kEdgeA));
  settle();
  const auto answer = answer_to(kEdgeA, 1);
  EXPECT_EQ(answer->voided.at({kEpoch, Stream::telemetry}), RangeSet(3, 5));
  EXPECT_EQ(answer->voided.at({kEpoch, Stream::event}), RangeSet(1, 2));
  EXPECT_EQ(answer->data.at({kEpoch, Stream::event}), RangeSet(2, 3));
  EXPECT_TRUE(sink_.unclear.at("edge-a")) << "a damaged event may have been a gap itself";
  send(kEdgeA, {alert(kEdgeA, 1, "s/d/found-again")});
  settle();
  EXPECT_EQ(received(kEdgeA), RangeSet(1, 3)) << "data wins";
}

TEST_F(EventLaneTest, ADefinitionMakesItsPointsKnown) {
  const Definition meaning = definition("site-1", {"level", "temperature"});
  send(kEdgeA, {record(kEdgeA, Kind::definition, 0, encode_payload(meaning))});
  settle();
  const auto points = look([](Database& db) { return list_points(db, {}); });
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].path.str(), "site-1/d/level");
  EXPECT_EQ(points[0].edge, "edge-a");
  EXPECT_EQ(look([&](Database& db) { return load_definition(db, hash_of(meaning)); }), meaning);
}

TEST_F(EventLaneTest, RefusesPointsOfAnotherSite) {
  Definition meaning = definition("site-1", {"mine"});
  meaning.points.push_back(definition("site-2", {"theirs"}).points[0]);
  send(kEdgeA, {record(kEdgeA, Kind::definition, 0, encode_payload(meaning))});
  settle();
  EXPECT_EQ(look([](Database& db) { return list_points(db, {}); }).size(), 1u);
  EXPECT_EQ(received(kEdgeA), RangeSet(0, 1));
}

std::string present(Database& database) {
  std::string out;
  for (const PointRow& point : list_points(database, {}))
    if (point.present) out += point.path.point + " ";
  return out;
}

TEST_F(EventLaneTest, TheNewestDefinitionStandsInWhateverOrderTheyArrive) {
  const auto define = [](std::uint64_t sequence, const std::string& point, const Epoch& epoch = kEpoch) {
    return record(kEdgeA, Kind::definition, sequence, encode_payload(definition("site-1", {point})), epoch);
  };
  const Epoch later{6, 6};
  const auto start = [](std::uint64_t ordinal, const Epoch& epoch) {
    return record(kEdgeA, Kind::start, 0, encode_payload(Start{ordinal, {}, {}, {}, {}, ""}), epoch);
  };
  send(kEdgeA, {start(1, kEpoch), define(5, "second")});
  send(kEdgeA, {define(2, "first")});  // resent, overtaken
  settle();
  EXPECT_EQ(look(present), "second ");
  send(kEdgeA, {start(2, later), define(1, "third", later)});
  send(kEdgeA, {define(7, "late", kEpoch)});  // the backlog of the run before
  settle();
  EXPECT_EQ(look(present), "third ");
  restart();
  send(kEdgeA, {define(8, "later-still", kEpoch)});
  settle();
  EXPECT_EQ(look(present), "third ");
}

TEST_F(EventLaneTest, AnEdgesEventsReachTheLaterStages) {
  send(kEdgeA, {record(kEdgeA, Kind::edge_event, 0, encode_payload(event("device-lost"))),
                record(kEdgeA, Kind::clock_step, 1, encode_payload(event("clock-stepped")))});
  settle();
  EXPECT_EQ(seen(), (std::vector<std::string>{"edge-a edge-event device-lost", "edge-a clock-step clock-stepped"}));
}

// ---- restarts and bounds
// ----------------------------------------------------------------------------------------------

TEST_F(EventLaneTest, KnowsAfterARestartWhatItKnewBefore) {
  const Gap gap{{{{kEpoch, Stream::event}, LossReason::lost, RangeSet(9, RangeSet::kEnd)},
                 {{Epoch{1, 1}, Stream::telemetry}, LossReason::gone, RangeSet(0, 4)}},
                {},
                {}};
  send(kEdgeA, {record(kEdgeA, Kind::start, 0, encode_payload(Start{3, {{1, 1}}, {}, {}, {}, ""})),
                record(kEdgeA, Kind::gap, 1, encode_payload(gap)), alert(kEdgeA, 4, "s/d/p")});
  say(kEdgeA, hello(kEdgeA));
  settle();
  say(kEdgeA, Confirm{kEdgeA.edge, hello(kEdgeA).incarnation, answer_to(kEdgeA, 1)->token});
  Hello second = hello(kEdgeA, 4);
  second.incarnation = {99, 99};
  say(kEdgeA, second);
  send_samples(kEdgeA, {samples(kEdgeA, 2, definition("site-1", {"p"}))});
  settle();
  const EdgeLedger before = ledger(kEdgeA);
  EXPECT_TRUE(before.confirmed);
  EXPECT_TRUE(before.unknown_until);
  EXPECT_EQ(before.issued.size(), 1u);
  EXPECT_EQ(before.greeted.size(), 2u);
  EXPECT_EQ(before.data.size(), 2u);
  restart();
  EXPECT_EQ(ledger(kEdgeA), before);
}

TEST_F(EventLaneTest, SaysThatItIsFullInsteadOfGrowing) {
  std::size_t taken = 0;
  while (events_->push({kEdgeA, Confirm{kEdgeA.edge, {1, 1}, {2, 2}}})) ASSERT_LT(++taken, 1'000'000u);
  EXPECT_GT(taken, 1000u);
  until([&] { return events_->push({kProbe, Confirm{kProbe.edge, {1, 1}, {2, 2}}}); });
}

}  // namespace
}  // namespace anlan::collector
