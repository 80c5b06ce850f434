// The collector's half of PROTOCOL.md rules 4 to 9, case by case, without a database: which hellos are believed, which
// tokens pass, what becomes of records and voids.
#include "collector/ingest/edge_ledger.hpp"

#include <gtest/gtest.h>

#include "common/wire/checksum.hpp"

namespace anlan::collector {
namespace {

const StoreRef kStore{{1, 1}, {1, 2}};
const Generation kOtherGeneration{9, 9};
const Epoch kFirst{1, 1}, kSecond{2, 2}, kThird{3, 3};
const Place kEvents{kFirst, Stream::event}, kTelemetry{kFirst, Stream::telemetry};

/// One process of one box, as its hellos show it.
struct Process {
  Incarnation incarnation;
  Epoch epoch;
  std::vector<EpochEnd> ends;
  std::optional<Token> token = std::nullopt;
  std::optional<Generation> generation = std::nullopt;
  std::uint64_t counter = 0;
};

class EdgeLedgerTest : public testing::Test {
 protected:
  WallTime now() { return wall_from_ms(++clock_); }

  HelloOutcome take(const Hello& hello) {
    return take_hello(ledger_, hello, kStore.generation, first_, Token{77, ++tokens_}, now());
  }

  static Hello hello_of(const Process& process) {
    Hello hello;
    hello.edge = "edge-a";
    hello.site = "site-1";
    hello.incarnation = process.incarnation;
    hello.counter = process.counter;
    hello.token = process.token;
    hello.generation = process.generation;
    hello.epoch = process.epoch;
    hello.ends = process.ends;
    return hello;
  }
  HelloOutcome greet(Process& process) {
    ++process.counter;
    return take(hello_of(process));
  }
  /// The process gets the answer and keeps its token.
  Token answered(Process& process) {
    const Answer answer = answer_to(ledger_, hello_of(process), kStore, {}, false);
    process.token = answer.token;
    process.generation = answer.store.generation;
    return answer.token;
  }
  void confirm(const Process& process) {
    if (const auto suspicion = take_confirm(ledger_, *process.token))
      ledger_.unknown_until = std::max(ledger_.unknown_until.value_or(*suspicion), *suspicion);
  }
  /// A first conversation as it goes on every site.
  Process introduced() {
    Process process{{10, 1}, kFirst, {{kFirst, 1, 5, 20}}};
    EXPECT_FALSE(greet(process).stale);
    answered(process);
    confirm(process);
    return process;
  }
  /// The same box after a restart: a new process on the same buffer.
  static Process restarted(const Process& before, const Epoch& epoch, std::uint64_t number = 2) {
    return {{10, number}, epoch, before.ends, before.token, before.generation, 0};
  }

  EdgeLedger ledger_;
  bool first_ = true;
  std::int64_t clock_ = 1000;
  std::uint64_t tokens_ = 0;
};

// ---- records ------------------------------------------------------------------------------------------------------

class RecordTest : public EdgeLedgerTest {
 protected:
  Fate take_sequence(std::uint64_t sequence, const std::string& edge = "edge-a") {
    Record record;
    record.id = {kEvents, sequence};
    record.kind = Kind::alert;
    record.payload = "payload";
    record.checksum = checksum("edge-a", record);
    return take_record(ledger_, edge, record);
  }
};

TEST_F(RecordTest, AreFreshOnceInAnyOrder) {
  for (const std::uint64_t sequence : {3u, 0u, 1u}) EXPECT_EQ(take_sequence(sequence), Fate::fresh);
  for (const std::uint64_t sequence : {0u, 1u, 3u}) EXPECT_EQ(take_sequence(sequence), Fate::duplicate);
  EXPECT_EQ(ledger_.data.at(kEvents).str(), "0-1,3");
  EXPECT_EQ(ledger_.ends.at(kEvents), 4u);
}

TEST_F(RecordTest, WithAWrongChecksumChangeNothing) {
  EXPECT_EQ(take_sequence(0, "edge-b"), Fate::damaged);
  EXPECT_EQ(ledger_, EdgeLedger{});
}

TEST_F(RecordTest, WinOverVoids) {
  take_voids(ledger_, {{kEvents, LossReason::damaged, RangeSet(0, 3)}}, now());
  EXPECT_TRUE(ledger_.losses_unknown());
  EXPECT_EQ(take_sequence(1), Fate::fresh);
  EXPECT_EQ(take_sequence(1), Fate::duplicate);
  EXPECT_EQ(ledger_.data.at(kEvents), RangeSet(1, 2));
  EXPECT_EQ(ledger_.voided.at(kEvents), RangeSet(0, 3));
}

TEST_F(RecordTest, VoidsOfEventsWithUnknownContentMakeLossesUnknownUpToThen) {
  for (const LossReason reason :
       {LossReason::thinned, LossReason::dropped, LossReason::summarised, LossReason::merged, LossReason::refused})
    take_voids(ledger_, {{kEvents, reason, RangeSet(0, 3)}}, now());
  take_voids(ledger_, {{kTelemetry, LossReason::lost, RangeSet(0, RangeSet::kEnd)}}, now());
  EXPECT_FALSE(ledger_.losses_unknown()) << "what was in them is known, or it was no event";
  for (const LossReason reason : {LossReason::lost, LossReason::gone, LossReason::damaged}) {
    EdgeLedger ledger;
    const WallTime when = now();
    take_voids(ledger, {{kEvents, reason, RangeSet(0, 3)}}, when);
    EXPECT_EQ(ledger.unknown_until, when);
    EXPECT_TRUE(ledger.losses_unknown());
  }
}

// ---- hellos of one box --------------------------------------------------------------------------------------------

TEST_F(EdgeLedgerTest, ANewEdgeOfANewStoreIsBelieved) {
  Process process{{10, 1}, kFirst, {{kFirst, 1, 5, 20}}};
  const auto outcome = greet(process);
  EXPECT_FALSE(outcome.old || outcome.stale || outcome.overtaken);
  answered(process);
  confirm(process);
  EXPECT_EQ(ledger_.confirmed, process.token);
  EXPECT_TRUE(ledger_.issued.empty());
  EXPECT_FALSE(ledger_.losses_unknown());
  EXPECT_EQ(ledger_.ends.at(kTelemetry), 20u);
  EXPECT_EQ(ledger_.ordinals.at(kFirst), 1u);
}

TEST_F(EdgeLedgerTest, LaterHellosOfAProcessAreBelievedWhateverTokenTheyCarry) {
  Process process = introduced();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(greet(process).stale);
  process.token = Token{1234, 5};
  EXPECT_FALSE(greet(process).stale) << "one process has one buffer";
}

TEST_F(EdgeLedgerTest, ARestartedProcessIsBelievedByItsConfirmedToken) {
  Process next = restarted(introduced(), kSecond);
  EXPECT_FALSE(greet(next).stale);
}

TEST_F(EdgeLedgerTest, ARestartedProcessIsBelievedByATokenStillOutstanding) {
  Process process{{10, 1}, kFirst, {{kFirst, 1, 5, 20}}};
  greet(process);
  answered(process);  // durable on the edge; it dies before it confirms
  Process next = restarted(process, kSecond);
  EXPECT_FALSE(greet(next).stale);
  EXPECT_EQ(ledger_.confirmed, process.token) << "carrying it is confirming it";
}

TEST_F(EdgeLedgerTest, AProcessThatDiedBeforeTheAnswerIsNoSuspicion) {
  Process process{{10, 1}, kFirst, {{kFirst, 1, 5, 20}}};
  greet(process);
  Process next = restarted(process, kSecond);  // no token: the answer was lost
  EXPECT_FALSE(greet(next).stale);
  EXPECT_FALSE(ledger_.losses_unknown());
}

TEST_F(EdgeLedgerTest, GivesOneTokenToAProcessUntilItConfirms) {
  Process process{{10, 1}, kFirst, {}};
  greet(process);
  const Token first = answered(process);
  process.token.reset();
  greet(process);
  EXPECT_EQ(answered(process), first);
  confirm(process);
  greet(process);
  EXPECT_NE(answered(process), first) << "and another one afterwards";
}

TEST_F(EdgeLedgerTest, TheSameHelloAgainChangesNothingAndIsAnsweredAlike) {
  Process process = introduced();
  greet(process);
  const Answer answer = answer_to(ledger_, hello_of(process), kStore, {}, false);
  const EdgeLedger before = ledger_;
  const auto again = take(hello_of(process));
  EXPECT_FALSE(again.old);
  EXPECT_EQ(ledger_, before);
  EXPECT_EQ(answer_to(ledger_, hello_of(process), kStore, {}, false), answer);
}

TEST_F(EdgeLedgerTest, AnOldHelloChangesNothing) {
  Process process = introduced();
  const Hello old = hello_of(process);
  greet(process);
  const EdgeLedger before = ledger_;
  EXPECT_TRUE(take(old).old);
  EXPECT_EQ(ledger_, before);
}

TEST_F(EdgeLedgerTest, ATokenThatWasNeverIssuedConfirmsNothing) {
  introduced();
  const EdgeLedger before = ledger_;
  EXPECT_EQ(take_confirm(ledger_, Token{1234, 5}), std::nullopt);
  EXPECT_EQ(take_confirm(ledger_, *before.confirmed), std::nullopt) << "a doubled confirmation";
  EXPECT_EQ(ledger_, before);
}

TEST_F(EdgeLedgerTest, RemembersTheFurthestEndThatAnythingShowed) {
  Process process = introduced();
  process.ends = {{kFirst, 1, 9, 18}};  // its own epoch may show less in a hello that was overtaken
  EXPECT_FALSE(greet(process).stale);
  EXPECT_EQ(ledger_.ends.at(kEvents), 9u);
  EXPECT_EQ(ledger_.ends.at(kTelemetry), 20u);
}

// ---- restored buffers ---------------------------------------------------------------------------------------------

TEST_F(EdgeLedgerTest, ARestoredBufferIsNoticedByItsOldTokenAndReportedWhenItConfirms) {
  Process process = introduced();
  Process copy = restarted(process, kSecond, 5);  // a backup of the buffer, taken now
  greet(process);
  answered(process);
  confirm(process);
  EXPECT_TRUE(greet(copy).stale);
  EXPECT_FALSE(ledger_.losses_unknown()) << "as long as it does not confirm: a dead process cannot";
  const WallTime said = wall_from_ms(clock_);
  answered(copy);
  confirm(copy);
  EXPECT_EQ(ledger_.unknown_until, said) << "unknown up to that hello";
  EXPECT_EQ(ledger_.confirmed, copy.token);
}

TEST_F(EdgeLedgerTest, ARestoredBufferIsNoticedByALowerEnd) {
  Process next = restarted(introduced(), kSecond);
  for (const EpochEnd& less : {EpochEnd{kFirst, 1, 4, 20}, EpochEnd{kFirst, 1, 5, 19}}) {
    next.incarnation.low++;
    next.ends = {less, {kSecond, 2, 1, 0}};
    EXPECT_TRUE(greet(next).stale);
  }
}

TEST_F(EdgeLedgerTest, ARestoredBufferIsNoticedByAMissingEpoch) {
  Process next = restarted(introduced(), kSecond);
  next.ends = {{kSecond, 1, 1, 0}};
  EXPECT_TRUE(greet(next).stale);
}

TEST_F(EdgeLedgerTest, ARecordShowsAnEndToo) {
  Process process = introduced();
  Record record;
  record.id = {kEvents, 8};
  record.checksum = checksum("edge-a", record);
  ASSERT_EQ(take_record(ledger_, "edge-a", record), Fate::fresh);
  Process next = restarted(process, kSecond);  // whose buffer ends at 5
  EXPECT_TRUE(greet(next).stale);
}

TEST_F(EdgeLedgerTest, ALostBufferIsNoticedByWantOfAToken) {
  introduced();
  Process fresh{{10, 6}, kThird, {}};
  EXPECT_TRUE(greet(fresh).stale);
}

TEST_F(EdgeLedgerTest, AfterItsReportTheBoxIsAnOrdinaryOne) {
  Process process = introduced();
  Process copy = restarted(process, kSecond, 5);
  copy.token = Token{1, 1};
  greet(copy);
  answered(copy);
  confirm(copy);
  Process next = restarted(copy, kThird, 6);
  EXPECT_FALSE(greet(next).stale);
}

TEST_F(EdgeLedgerTest, ASuspicionSurvivesTheConfirmationOfAnother) {
  Process process = introduced(), copy = restarted(process, kSecond, 5);
  copy.token = Token{1, 1};
  greet(copy);  // under suspicion, not confirmed
  const WallTime said = wall_from_ms(clock_);
  greet(process);
  answered(process);
  confirm(process);
  EXPECT_FALSE(ledger_.losses_unknown());
  answered(copy);
  confirm(copy);
  EXPECT_EQ(ledger_.unknown_until, said);
}

// ---- restored stores ----------------------------------------------------------------------------------------------

TEST_F(EdgeLedgerTest, AnEdgeOfTheOldGenerationWhoseProcessIsKnownIsBelieved) {
  Process process = introduced();
  process.generation = kOtherGeneration;  // the store was restored from a backup that knows this process
  EXPECT_FALSE(greet(process).stale);
}

TEST_F(EdgeLedgerTest, AnUnknownProcessWithATokenOfAnotherGenerationCannotBeTold) {
  Process next = restarted(introduced(), kSecond);
  next.generation = kOtherGeneration;
  EXPECT_TRUE(greet(next).stale);
}

TEST_F(EdgeLedgerTest, ARestoredStoreDoesNotBelieveAnEdgeWithoutAToken) {
  first_ = false;
  Process process{{10, 1}, kFirst, {}};
  EXPECT_TRUE(greet(process).stale) << "the backup may be older than the edge's first greeting";
}

TEST_F(EdgeLedgerTest, ATokenOfAnotherGenerationIsNotConfirmedByCarryingIt) {
  Process process{{10, 1}, kFirst, {}};
  greet(process);
  answered(process);
  Process next = restarted(process, kSecond);
  next.generation = kOtherGeneration;
  greet(next);
  EXPECT_NE(ledger_.confirmed, process.token);
}

// ---- two boxes ----------------------------------------------------------------------------------------------------

TEST_F(EdgeLedgerTest, TwoBoxesUnderOneIdentityOvertakeEachOther) {
  Process one = introduced(), two = restarted(one, kSecond, 5);
  EXPECT_FALSE(greet(two).overtaken) << "an ordinary restart";
  EXPECT_TRUE(greet(one).overtaken) << "but the other one is still there";
  EXPECT_TRUE(greet(two).overtaken);
  EXPECT_FALSE(greet(two).overtaken);
}

TEST_F(EdgeLedgerTest, RestartsAreNotTwoBoxes) {
  Process process = introduced();
  for (std::uint64_t i = 2; i < 100; ++i) {
    process = restarted(process, {i, i}, i);
    const auto outcome = greet(process);
    EXPECT_FALSE(outcome.stale || outcome.overtaken) << i;
    answered(process);
    confirm(process);
    process.ends.push_back({{i, i}, i, 1, 1});
  }
  EXPECT_LE(ledger_.greeted.size(), 32u) << "memory for one edge is bounded";
  EXPECT_LE(ledger_.issued.size(), 32u);
}

TEST_F(EdgeLedgerTest, ProcessesThatNeverConfirmAreForgottenInTime) {
  for (std::uint64_t i = 1; i < 200; ++i) {
    Process process{{10, i}, {i, i}, {}};
    greet(process);
  }
  EXPECT_LE(ledger_.greeted.size(), 32u);
  EXPECT_LE(ledger_.issued.size(), 32u);
  EXPECT_TRUE(ledger_.greeted.contains({10, 199}));
}

// ---- answers ------------------------------------------------------------------------------------------------------

TEST_F(EdgeLedgerTest, AnswersForEveryEpochOfTheHelloWithDataAndVoidsApart) {
  Process process = introduced();
  ledger_.data[kEvents] = RangeSet(0, 3);
  ledger_.voided[kTelemetry] = RangeSet(5, 7);
  ledger_.data[{kThird, Stream::event}] = RangeSet(0, 9);
  process.ends.push_back({kSecond, 2, 0, 0});
  greet(process);
  const Answer answer = answer_to(ledger_, hello_of(process), kStore, {{4, 4}}, true);
  EXPECT_EQ(answer.incarnation, process.incarnation);
  EXPECT_EQ(answer.counter, process.counter);
  EXPECT_EQ(answer.store, kStore);
  EXPECT_EQ(answer.data.size(), 4u) << "also where there is nothing: then nothing is received";
  EXPECT_EQ(answer.data.at(kEvents), RangeSet(0, 3));
  EXPECT_TRUE(answer.data.at({kSecond, Stream::telemetry}).empty());
  EXPECT_EQ(answer.voided, (RangesByPlace{{kTelemetry, RangeSet(5, 7)}}));
  EXPECT_EQ(answer.wanted, (std::vector<DefinitionHash>{{4, 4}}));
  EXPECT_TRUE(answer.stale);
}

}  // namespace
}  // namespace anlan::collector
