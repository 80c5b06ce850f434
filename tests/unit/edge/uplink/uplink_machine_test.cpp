// UplinkMachine, one case per arrow: disconnected → greeting → answered, and what is sent in which state.
#include "edge/uplink/uplink_machine.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

using topics::Lane;

const StoreRef kStore{{1, 1}, {1, 2}};
const Incarnation kSelf{5, 5};
const Epoch kOld{1, 7}, kOwn{2, 7};
constexpr Millis kResend{100}, kHelloEvery{1000};

Place events(const Epoch& epoch) { return {epoch, Stream::event}; }
Place telemetry(const Epoch& epoch) { return {epoch, Stream::telemetry}; }

class UplinkMachineTest : public testing::Test {
 protected:
  UplinkMachineTest() {
    ledger_.epochs = {{kOld, 1}, {kOwn, 2}};
    for (const Epoch& epoch : {kOld, kOwn})
      for (const Stream stream : kStreams) ledger_.places[{epoch, stream}];
    publish();
  }

  void publish() { machine_.ledger(std::make_shared<const Ledger>(ledger_), now().mono); }
  /// `count` more records are durable.
  void commit(const Place& place, std::uint64_t count, std::size_t bytes = 100) {
    PlaceState& state = ledger_.places[place];
    state.held.add(state.next, state.next + count);
    state.next += count;
    state.bytes += count * bytes;
    publish();
  }
  void receive(const Place& place, std::uint64_t first, std::uint64_t last) {
    ledger_.places[place].received.add(first, last);
    publish();
  }

  Stamp now() const { return {wall_from_ms(1'000'000 + now_.count()), mono_from_ms(now_.count()), ClockState::synced}; }
  std::optional<Hello> greet() {
    const auto message = machine_.greeting(now());
    if (!message || !std::holds_alternative<Hello>(*message)) return std::nullopt;
    return std::get<Hello>(*message);
  }
  static Answer answer_to(const Hello& hello, const StoreRef& store = kStore) {
    Answer answer;
    answer.incarnation = hello.incarnation;
    answer.counter = hello.counter;
    answer.store = store;
    answer.token = {9, hello.counter};
    return answer;
  }
  /// The buffer has committed what the answer says.
  void agree(const Answer& answer) {
    ledger_.store = answer.store;
    ledger_.token = answer.token;
    publish();
    machine_.agreed();
  }
  void connect_and_answer() {
    machine_.connected();
    const auto hello = greet();
    ASSERT_TRUE(hello);
    const auto deed = machine_.take(answer_to(*hello));
    ASSERT_TRUE(std::holds_alternative<UplinkMachine::Agree>(deed));
    agree(std::get<UplinkMachine::Agree>(deed).answer);
    ASSERT_TRUE(machine_.greeting(now()));  // the confirmation
  }
  /// Sends up to `most` records of the next order and says which: "urgent event 0-2"; "" where there is none.
  std::string send(std::uint64_t most = 1000, std::size_t bytes = 100) {
    const auto order = machine_.next(now().mono);
    if (!order) return "";
    std::vector<Record> records;
    RangeSet sent;
    for (const auto& range : order->wanted.ranges())
      for (std::uint64_t i = range.first; i < range.last && records.size() < most; ++i) {
        Record record;
        record.id = {order->place, i};
        record.payload.resize(bytes);
        records.push_back(std::move(record));
        sent.add(i);
      }
    machine_.sent(records, now().mono);
    return std::string(topics::to_string(order->lane)) + " " + std::string(to_string(order->place.stream)) + " " +
           sent.str() + (order->place.epoch == kOld ? " of before" : "");
  }
  static std::string why(const UplinkMachine::Deed& deed) {
    const auto* nothing = std::get_if<UplinkMachine::Nothing>(&deed);
    EXPECT_TRUE(nothing) << "something was done";
    return nothing ? nothing->why : "?";
  }

  Ledger ledger_;
  UplinkMachine machine_{{kHelloEvery, kResend, 8, 1 << 20}, {"edge-1", "site-1", "0.1.0", kSelf, kOwn}};
  Millis now_{10'000};
};

// ---- greeting
// ---------------------------------------------------------------------------------------------------------

TEST_F(UplinkMachineTest, SaysNothingWithoutALine) {
  commit(events(kOwn), 3);
  EXPECT_FALSE(machine_.greeting(now()));
  EXPECT_EQ(send(), "");
  EXPECT_EQ(machine_.wake(now().mono), now().mono + kHelloEvery);
}

TEST_F(UplinkMachineTest, GreetsAtOnceOnEachConnection) {
  machine_.connected();
  EXPECT_EQ(machine_.wake(now().mono), now().mono);
  EXPECT_TRUE(greet());
  EXPECT_FALSE(greet());
  machine_.disconnected();
  machine_.connected();
  EXPECT_TRUE(greet());
}

TEST_F(UplinkMachineTest, ItsHelloSaysWhatIsDurable) {
  commit(events(kOld), 4);
  commit(telemetry(kOwn), 2);
  AlertTransition alert;
  alert.alert = {3, 3};
  ledger_.active[alert.alert] = alert;
  ledger_.store = kStore;
  ledger_.token = Token{8, 8};
  publish();
  machine_.connected();
  const auto hello = greet();
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->edge, "edge-1");
  EXPECT_EQ(hello->site, "site-1");
  EXPECT_EQ(hello->incarnation, kSelf);
  EXPECT_EQ(hello->counter, 1u);
  EXPECT_EQ(hello->token, (Token{8, 8}));
  EXPECT_EQ(hello->generation, kStore.generation);
  EXPECT_EQ(hello->epoch, kOwn);
  EXPECT_EQ(hello->ends, (std::vector<EpochEnd>{{kOld, 1, 4, 0}, {kOwn, 2, 0, 2}}));
  EXPECT_EQ(hello->active.size(), 1u);
  EXPECT_EQ(hello->at, now().wall);
  EXPECT_EQ(hello->clock, ClockState::synced);
}

TEST_F(UplinkMachineTest, AnEpochWithoutARecordDoesNotYetGoOnWithTheAlerts) {
  ledger_.epochs.pop_back();
  ledger_.active[{3, 3}] = {};
  publish();
  machine_.connected();
  EXPECT_TRUE(greet()->active.empty());
}

TEST_F(UplinkMachineTest, KnowsFromTheNewestAnswerWhetherTheCentreReadsColumns) {
  machine_.connected();
  EXPECT_FALSE(machine_.columns());
  Answer answer = answer_to(*greet());
  answer.columns = true;
  agree(std::get<UplinkMachine::Agree>(machine_.take(answer)).answer);
  EXPECT_TRUE(machine_.columns());
  machine_.disconnected();
  machine_.connected();
  EXPECT_FALSE(machine_.columns()) << "an older centre may answer now";
  agree(std::get<UplinkMachine::Agree>(machine_.take(answer_to(*greet()))).answer);
  EXPECT_FALSE(machine_.columns());
}

TEST_F(UplinkMachineTest, RepeatsItsHelloUntilItIsAnswered) {
  machine_.connected();
  EXPECT_EQ(greet()->counter, 1u);
  now_ += kResend - Millis{1};
  EXPECT_FALSE(greet());
  EXPECT_EQ(machine_.wake(now().mono), now().mono + Millis{1});
  now_ += Millis{1};
  EXPECT_EQ(greet()->counter, 2u) << "counted, so that an answer names its hello";
}

TEST_F(UplinkMachineTest, GreetsEveryFewMinutesAfterwards) {
  connect_and_answer();
  now_ += kHelloEvery - Millis{1};
  EXPECT_FALSE(greet());
  now_ += Millis{1};
  EXPECT_TRUE(greet());
}

TEST_F(UplinkMachineTest, ConfirmsTheTokenOnceItIsDurable) {
  machine_.connected();
  const Answer answer = answer_to(*greet());
  ASSERT_TRUE(std::holds_alternative<UplinkMachine::Agree>(machine_.take(answer)));
  EXPECT_FALSE(machine_.greeting(now())) << "taken, not yet committed";
  EXPECT_FALSE(machine_.answered());
  agree(answer);
  EXPECT_TRUE(machine_.answered());
  const auto confirm = machine_.greeting(now());
  ASSERT_TRUE(confirm);
  EXPECT_EQ(std::get<Confirm>(*confirm), (Confirm{"edge-1", kSelf, answer.token}));
  EXPECT_FALSE(machine_.greeting(now()));
}

TEST_F(UplinkMachineTest, WhatIsCommittedAfterTheLineWentIsNotConfirmedOnTheNext) {
  machine_.connected();
  const Answer answer = answer_to(*greet());
  machine_.disconnected();
  agree(answer);
  EXPECT_FALSE(machine_.answered());
  machine_.connected();
  ASSERT_TRUE(greet()) << "the hello carries the token: that confirms it";
  EXPECT_FALSE(machine_.greeting(now()));
}

// ---- what comes down
// --------------------------------------------------------------------------------------------------

TEST_F(UplinkMachineTest, IgnoresAnAnswerToAnotherProcess) {
  machine_.connected();
  Answer answer = answer_to(*greet());
  answer.incarnation = {6, 6};
  EXPECT_EQ(why(machine_.take(answer)), "");
}

TEST_F(UplinkMachineTest, IgnoresAnAnswerToAnOlderHello) {
  machine_.connected();
  const Answer late = answer_to(*greet());
  now_ += kResend;
  const Answer answer = answer_to(*greet());
  EXPECT_EQ(why(machine_.take(late)), "");
  EXPECT_TRUE(std::holds_alternative<UplinkMachine::Agree>(machine_.take(answer)));
}

TEST_F(UplinkMachineTest, IgnoresAnAnswerOfAnotherStoreAndSaysSo) {
  connect_and_answer();
  now_ += kHelloEvery;
  EXPECT_NE(why(machine_.take(answer_to(*greet(), {{8, 8}, {1, 2}}))).find("store"), std::string::npos);
}

TEST_F(UplinkMachineTest, TakesAnAnswerOfANewGeneration) {
  connect_and_answer();
  now_ += kHelloEvery;
  EXPECT_TRUE(std::holds_alternative<UplinkMachine::Agree>(machine_.take(answer_to(*greet(), {kStore.id, {2, 2}}))));
}

TEST_F(UplinkMachineTest, HandsOnAReceiptOfItsStore) {
  connect_and_answer();
  const auto deed = machine_.take(Receipt{kStore, events(kOwn), RangeSet(0, 3), RangeSet(2, 3)});
  const auto* mark = std::get_if<UplinkMachine::MarkReceived>(&deed);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->place, events(kOwn));
  EXPECT_EQ(mark->data, RangeSet(0, 3));
  EXPECT_EQ(mark->quarantined, RangeSet(2, 3));
}

TEST_F(UplinkMachineTest, AReceiptOfAnotherGenerationFreesNothingAndMakesItGreet) {
  connect_and_answer();
  EXPECT_NE(why(machine_.take(Receipt{{kStore.id, {2, 2}}, events(kOwn), RangeSet(0, 3), {}})), "");
  EXPECT_TRUE(greet()) << "at once";
}

TEST_F(UplinkMachineTest, AReceiptBeforeAnyAnswerFreesNothing) {
  machine_.connected();
  EXPECT_TRUE(greet());
  why(machine_.take(Receipt{kStore, events(kOwn), RangeSet(0, 3), {}}));
  EXPECT_FALSE(greet()) << "the hello is under way";
}

TEST_F(UplinkMachineTest, TheCollectorsStateMakesItGreetWhereTheGenerationIsAnother) {
  connect_and_answer();
  why(machine_.take(CollectorState{kStore, true}));
  EXPECT_FALSE(greet());
  why(machine_.take(CollectorState{{kStore.id, {2, 2}}, true}));
  EXPECT_TRUE(greet());
}

TEST_F(UplinkMachineTest, ExpectsNothingElse) {
  connect_and_answer();
  for (const Message& message : {Message(Hello{}), Message(RecordBatch{}), Message(Confirm{}), Message(EdgeState{})})
    EXPECT_NE(why(machine_.take(message)), "");
}

// ---- what goes up
// -----------------------------------------------------------------------------------------------------

TEST_F(UplinkMachineTest, SendsEventsBeforeItIsAnsweredAndTelemetryAfterwards) {
  commit(events(kOwn), 2);
  commit(telemetry(kOwn), 2);
  machine_.connected();
  EXPECT_EQ(send(), "urgent event 0-1");
  EXPECT_EQ(send(), "");
  connect_and_answer();
  EXPECT_EQ(send(), "urgent event 0-1") << "what the old connection carried may be lost";
  EXPECT_EQ(send(), "backlog telemetry 0-1");
}

TEST_F(UplinkMachineTest, SendsEventsThenLiveThenBacklogOldestFirst) {
  commit(telemetry(kOld), 2);
  commit(events(kOld), 1);
  commit(telemetry(kOwn), 2);
  connect_and_answer();
  commit(events(kOwn), 1);
  commit(telemetry(kOwn), 3);
  EXPECT_EQ(send(), "urgent event 0 of before");
  EXPECT_EQ(send(), "urgent event 0");
  EXPECT_EQ(send(), "live telemetry 2-4") << "what was committed since the line is there";
  EXPECT_EQ(send(), "backlog telemetry 0-1 of before");
  EXPECT_EQ(send(), "backlog telemetry 0-1");
  EXPECT_EQ(send(), "");
}

TEST_F(UplinkMachineTest, SendsWhatIsInFlightAgainOnlyAfterTheResendTime) {
  connect_and_answer();
  commit(telemetry(kOwn), 4);
  EXPECT_EQ(send(2), "live telemetry 0-1");
  now_ += Millis{40};
  EXPECT_EQ(send(2), "live telemetry 2-3");
  EXPECT_EQ(machine_.wake(now().mono), now().mono + Millis{60});
  now_ += Millis{60};
  EXPECT_EQ(send(), "live telemetry 0-1");
  now_ += Millis{40};
  EXPECT_EQ(send(), "live telemetry 2-3");
  EXPECT_EQ(send(), "");
  EXPECT_EQ(machine_.in_flight(), 2u) << "what is sent again belongs to its newest frame";
}

TEST_F(UplinkMachineTest, NeverSendsWhatIsReceived) {
  connect_and_answer();
  commit(telemetry(kOwn), 6);
  receive(telemetry(kOwn), 1, 3);
  EXPECT_EQ(send(), "live telemetry 0,3-5");
  receive(telemetry(kOwn), 0, 6);
  now_ += kResend;
  EXPECT_EQ(send(), "");
  EXPECT_EQ(machine_.in_flight(), 0u);
}

TEST_F(UplinkMachineTest, KeepsAWindowOfFramesAndAQuarterOfItForLive) {
  commit(telemetry(kOwn), 100);
  connect_and_answer();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(send(1), "backlog telemetry " + std::to_string(i));
  EXPECT_EQ(send(1), "") << "six of eight";
  commit(telemetry(kOwn), 10);
  EXPECT_EQ(send(1), "live telemetry 100");
  EXPECT_EQ(send(1), "live telemetry 101");
  EXPECT_EQ(send(1), "") << "full";
  receive(telemetry(kOwn), 0, 1);
  EXPECT_EQ(send(1), "live telemetry 102");
}

TEST_F(UplinkMachineTest, AFullWindowOfTelemetryNeverHoldsUpAnEvent) {
  connect_and_answer();
  commit(telemetry(kOwn), 100);
  while (!send(1).empty()) {
  }
  commit(events(kOwn), 1);
  EXPECT_EQ(send(), "urgent event 0");
}

TEST_F(UplinkMachineTest, KeepsAWindowOfBytes) {
  connect_and_answer();
  commit(telemetry(kOwn), 100);
  int frames = 0;
  while (!send(1, 300'000).empty()) ++frames;
  EXPECT_EQ(frames, 4) << "the one that reaches 1 MiB is the last";
}

// ---- the backlog's window
// ---------------------------------------------------------------------------------------------

class BacklogTest : public UplinkMachineTest {
 protected:
  BacklogTest() {
    machine_ = UplinkMachine{{kHelloEvery, Millis{10'000}, 64, 1 << 20}, {"edge-1", "site-1", "0.1.0", kSelf, kOwn}};
    commit(telemetry(kOwn), 100'000);
    connect_and_answer();
  }
  /// Frames of 1 KiB until none may go; how many.
  std::uint64_t fill() {
    const std::uint64_t before = sent_;
    while (send(1, 1024 - row_bytes(0)).starts_with("backlog")) ++sent_;
    return sent_ - before;
  }
  /// A receipt for all of them, after this long.
  void receipt_after(Millis delay) {
    now_ += delay;
    receive(telemetry(kOwn), 0, sent_);
  }
  std::uint64_t sent_ = 0;
};

TEST_F(BacklogTest, BeginsWithALittleAndDoublesAsLongAsReceiptsComeQuickly) {
  EXPECT_EQ(fill(), 32u);
  receipt_after(Millis{600});
  EXPECT_EQ(fill(), 48u) << "three quarters of the frames: the rest stays for live";
  now_ += Millis{600};
  commit(telemetry(kOwn), 1);
  EXPECT_EQ(send(1), "live telemetry 100000");
}

TEST_F(BacklogTest, GetsLessOnALineWhereReceiptsTakeLong) {
  EXPECT_EQ(fill(), 32u);
  receipt_after(Millis{8'000});
  EXPECT_EQ(fill(), 8u) << "a quarter, once for all that was on its way";
  receipt_after(Millis{2'500});
  EXPECT_EQ(fill(), 8u) << "one frame is always allowed, and a little more";
  receipt_after(Millis{1'900});
  EXPECT_EQ(fill(), 16u);
}

TEST_F(BacklogTest, FallsToTheLeastWhereNoReceiptComes) {
  EXPECT_EQ(fill(), 32u);
  now_ += Millis{10'000};
  EXPECT_EQ(fill(), 8u) << "and not all of it again";
}

TEST_F(BacklogTest, BeginsAnewOnEachLine) {
  fill();
  receipt_after(Millis{8'000});
  connect_and_answer();
  EXPECT_EQ(fill(), 32u);
}

TEST_F(BacklogTest, ItsFramesAreHalfOfWhatMayBeOnItsWay) {
  EXPECT_EQ(machine_.next(now().mono)->bytes, BacklogWindow::kFirst / 2);
  fill();
  receipt_after(Millis{8'000});
  EXPECT_EQ(machine_.next(now().mono)->bytes, BacklogWindow::kLeast / 2);
  commit(telemetry(kOwn), 1);
  EXPECT_EQ(machine_.next(now().mono)->bytes, kFramePayload) << "live is not held up by it";
}

// ---- credit
// -----------------------------------------------------------------------------------------------------------

TEST_F(UplinkMachineTest, FramesWithoutAReceiptGiveTheirCreditBackAfterTheResendTime) {
  connect_and_answer();
  commit(telemetry(kOwn), 100);
  while (!send(1).empty()) {
  }
  now_ += kResend;
  EXPECT_EQ(send(1), "live telemetry 0");
}

// ---- the centre's credit
// -----------------------------------------------------------------------------------------------------------

class CentresCredit : public UplinkMachineTest {
 protected:
  void connect_with(std::optional<Credit> credit) {
    machine_.connected();
    Answer answer = answer_to(greet().value());
    answer.credit = credit;
    ASSERT_TRUE(std::holds_alternative<UplinkMachine::Agree>(machine_.take(answer)));
    agree(answer);
    ASSERT_TRUE(machine_.greeting(now()));  // the confirmation
  }
  void receipt(std::uint64_t first, std::uint64_t last, std::optional<Credit> credit) {
    const auto deed = machine_.take(Receipt{kStore, telemetry(kOld), RangeSet(first, last), {}, credit});
    ASSERT_TRUE(std::holds_alternative<UplinkMachine::MarkReceived>(deed));
    receive(telemetry(kOld), first, last);
  }
  std::size_t sends() {
    std::size_t frames = 0;
    while (!send(1).empty()) ++frames;
    return frames;
  }
};

TEST_F(CentresCredit, BoundsTheFramesOfBacklogOnTheWay) {
  commit(telemetry(kOld), 100);
  connect_with(Credit{2, 1 << 20});
  EXPECT_EQ(sends(), 2u);
  receipt(0, 1, std::nullopt);
  EXPECT_EQ(sends(), 1u) << "as it was";
  receipt(1, 2, Credit{4, 1 << 20});
  EXPECT_EQ(sends(), 3u);
  receipt(2, 4, Credit{1, 1 << 20});
  EXPECT_EQ(sends(), 0u) << "more than that is on the way already";
}

TEST_F(CentresCredit, BoundsItsBytesAndMakesItsFramesShorter) {
  commit(telemetry(kOld), 100);
  connect_with(Credit{100, 700});
  EXPECT_EQ(machine_.next(now().mono)->bytes, 350u);
  EXPECT_EQ(sends(), 5u) << "of 164 bytes each, up to the first that reaches 700";
}

TEST_F(CentresCredit, WithoutOneTheLineAloneDecides) {
  commit(telemetry(kOld), 100);
  connect_with(std::nullopt);
  EXPECT_EQ(machine_.next(now().mono)->bytes, BacklogWindow::kFirst / 2);
  EXPECT_EQ(sends(), 6u) << "of a window of 8 frames a quarter is kept for what is live";
}

TEST_F(CentresCredit, BoundsNeitherEventsNorLiveTelemetry) {
  commit(telemetry(kOld), 100);
  connect_with(Credit{0, 0});
  commit(telemetry(kOwn), 2);
  commit(events(kOwn), 1);
  EXPECT_EQ(send(), "urgent event 0");
  EXPECT_EQ(send(), "live telemetry 0-1");
  EXPECT_EQ(send(), "") << "nothing of the backlog now";
}

TEST_F(CentresCredit, WhatIsDueAgainWaitsForTheNextOneWithoutWakingAnybody) {
  commit(telemetry(kOld), 4);
  connect_with(Credit{4, 1 << 20});
  EXPECT_EQ(sends(), 4u);
  receipt(0, 1, Credit{0, 0});
  now_ += kResend;
  EXPECT_EQ(sends(), 0u);
  EXPECT_GT(machine_.wake(now().mono), now().mono);
  receipt(1, 2, Credit{1, 1 << 20});
  EXPECT_EQ(sends(), 1u);
}

TEST_F(CentresCredit, OfAnEarlierConnectionIsForgotten) {
  commit(telemetry(kOld), 100);
  connect_with(Credit{1, 1 << 20});
  connect_with(std::nullopt);
  EXPECT_EQ(sends(), 6u);
}

// ---- how far behind
// -----------------------------------------------------------------------------------------------------------

class HowFarBehind : public UplinkMachineTest {
 protected:
  void connect_and_answer(bool reports) {
    machine_.connected();
    Answer answer = answer_to(greet().value());
    answer.waiting = reports;
    ASSERT_TRUE(std::holds_alternative<UplinkMachine::Agree>(machine_.take(answer)));
    agree(answer);
    ASSERT_TRUE(machine_.greeting(now()));  // the confirmation
  }
  std::optional<Waiting> report(std::optional<WallTime> oldest) {
    if (!machine_.report_due(now().mono)) return std::nullopt;
    const auto message = machine_.report(now(), oldest);
    return message ? std::optional(std::get<Waiting>(*message)) : std::nullopt;
  }
};

TEST_F(HowFarBehind, IsCountedByThePriorityOfSending) {
  commit(telemetry(kOld), 10, 200);
  ledger_.places[telemetry(kOld)].samples = 500;
  commit(telemetry(kOwn), 4);
  receive(telemetry(kOld), 0, 4);
  connect_and_answer(true);
  commit(telemetry(kOwn), 3);
  commit(events(kOld), 1);
  commit(events(kOwn), 1);
  const WallTime oldest = wall_from_ms(5'000);
  const Waiting waiting = machine_.waiting(now().wall, oldest);
  EXPECT_EQ(waiting.at, now().wall);
  EXPECT_EQ(waiting.oldest, oldest);
  EXPECT_EQ(waiting.urgent, (Waiting::Amount{2, 0, 200}));
  EXPECT_EQ(waiting.live, (Waiting::Amount{3, 0, 300})) << "committed since the line is there";
  EXPECT_EQ(waiting.backlog, (Waiting::Amount{6 + 4, 300, 6 * 200 + 4 * 100})) << "of an earlier epoch, and before it";
}

TEST_F(HowFarBehind, OfRowsThatWereFreedNothingWaits) {
  commit(telemetry(kOwn), 10);
  receive(telemetry(kOwn), 0, 10);
  ledger_.places[telemetry(kOwn)].held = {};
  ledger_.places[telemetry(kOwn)].bytes = 0;
  publish();
  EXPECT_EQ(machine_.waiting(now().wall, now().wall), (Waiting{now().wall, {}, {}, {}, {}}));
}

TEST_F(HowFarBehind, IsSaidWhileItLastsAndOnceAfterwards) {
  commit(telemetry(kOld), 10);
  connect_and_answer(true);
  EXPECT_FALSE(report(now().wall)) << "the hello has just said it";
  now_ += UplinkMachine::kReportEvery;
  EXPECT_EQ(machine_.wake(now().mono), now().mono);
  EXPECT_EQ(report(now().wall).value().backlog.records, 10u);
  EXPECT_FALSE(report(now().wall));
  EXPECT_GE(machine_.wake(now().mono), now().mono);
  receive(telemetry(kOld), 0, 10);
  now_ += UplinkMachine::kReportEvery;
  EXPECT_EQ(report(std::nullopt).value().backlog.records, 0u) << "it is over";
  now_ += UplinkMachine::kReportEvery;
  EXPECT_FALSE(report(std::nullopt));
}

TEST_F(HowFarBehind, LiveTelemetryThatPilesUpIsBehindToo) {
  connect_and_answer(true);
  commit(telemetry(kOwn), 10);
  now_ += UplinkMachine::kReportEvery;
  EXPECT_FALSE(report(now().wall - UplinkMachine::kBehind)) << "it has just been committed";
  now_ += UplinkMachine::kReportEvery;
  EXPECT_TRUE(report(now().wall - UplinkMachine::kBehind - Millis{1}));
}

TEST_F(HowFarBehind, IsNotSaidBetweenHellosToACentreThatDoesNotReadIt) {
  commit(telemetry(kOld), 10);
  connect_and_answer(false);
  now_ += UplinkMachine::kReportEvery;
  EXPECT_FALSE(report(now().wall));
  connect_and_answer(true);
  machine_.disconnected();
  now_ += UplinkMachine::kReportEvery;
  EXPECT_FALSE(report(now().wall));
}

TEST_F(HowFarBehind, WhereItCannotBeToldTheMachineSleepsOn) {
  commit(telemetry(kOld), 10);
  connect_and_answer(true);
  now_ += UplinkMachine::kReportEvery;
  machine_.no_report(now().mono);
  EXPECT_FALSE(report(now().wall));
  now_ += UplinkMachine::kReportEvery;
  EXPECT_TRUE(report(now().wall));
}

// ---- frames
// -----------------------------------------------------------------------------------------------------------

std::vector<Record> records(std::size_t count, std::size_t bytes, std::uint32_t samples) {
  std::vector<Record> all(count);
  for (Record& record : all) {
    record.payload.resize(bytes);
    record.samples = samples;
  }
  return all;
}

TEST(Fitting, TakesWhatFitsIntoOneFrame) {
  EXPECT_EQ(fitting(records(10, 100, 10)).size(), 10u);
  EXPECT_EQ(fitting(records(10, kFramePayload / 4, 0)).size(), 4u);
  EXPECT_EQ(fitting(records(300, 10, 1000)).size(), 100u) << "100,000 samples";
  EXPECT_EQ(fitting({}).size(), 0u);
}

TEST(Fitting, AlwaysTakesOne) { EXPECT_EQ(fitting(records(3, kFramePayload * 2, 0)).size(), 1u); }

}  // namespace
}  // namespace anlan::edge
