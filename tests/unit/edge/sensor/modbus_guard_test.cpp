#include "edge/sensor/modbus_guard.hpp"

#include <gtest/gtest.h>

#include "edge/sensor/modbus_frame.hpp"

namespace anlan::edge {
namespace {

using Kind = BusError::Kind;

const Bytes kAsk{3, 0, 0, 0, 2}, kPdu{3, 4, 0x12, 0x34, 0xAB, 0xCD};

Bytes rtu(int unit, ByteView pdu) {
  Bytes frame{static_cast<std::uint8_t>(unit)};
  frame.insert(frame.end(), pdu.begin(), pdu.end());
  const auto crc = modbus_crc(frame);
  frame.insert(frame.end(), {static_cast<std::uint8_t>(crc & 0xFF), static_cast<std::uint8_t>(crc >> 8)});
  return frame;
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

template <class Guard>
struct Fixture : testing::Test {
  std::string dropped;
  ModbusGuard::Dropped note = [this](std::string_view kind) {
    dropped += (dropped.empty() ? "" : " ") + std::string(kind);
  };
  Guard guard = make();
  Guard make() {
    if constexpr (std::is_same_v<Guard, TcpGuard>)
      return Guard(note, 6);
    else
      return Guard(note);
  }
  void ask(int unit = 3, MonoTime now = {}) { guard.ask(unit, kAsk, now); }
  std::optional<Bytes> fed(const Bytes& bytes, bool silent = false) {
    guard.feed(bytes);
    return guard.next(silent).value();
  }
};

using TheTcpGuard = Fixture<TcpGuard>;

TEST_F(TheTcpGuard, GivesTheAnswerHoweverItArrives) {
  ask();
  const Bytes answer = frame(7, 3, kPdu);
  for (std::size_t i = 0; i + 1 < answer.size(); ++i) EXPECT_FALSE(fed({answer[i]}));
  EXPECT_EQ(fed({answer.back()}), kPdu);
  EXPECT_EQ(dropped, "");
}

TEST_F(TheTcpGuard, DropsALateAnswerAndGivesTheRightOneBehindIt) {
  ask();
  EXPECT_EQ(guard.give_up().kind, Kind::no_answer);
  EXPECT_TRUE(guard.in_step());
  ask(4);
  EXPECT_EQ(fed(frame(7, 3, kPdu) + frame(8, 4, kPdu)), kPdu);
  EXPECT_EQ(dropped, "late");
}

TEST_F(TheTcpGuard, DropsTheSecondOfADoubledAnswerAndWhatNobodyAskedFor) {
  ask();
  EXPECT_EQ(fed(frame(7, 3, kPdu) + frame(7, 3, kPdu)), kPdu);
  ask();
  EXPECT_EQ(fed(frame(999, 3, kPdu)), std::nullopt);
  EXPECT_EQ(dropped, "doubled stray");
}

TEST_F(TheTcpGuard, AnAnswerThatWasThereBeforeTheQuestionIsNone) {
  ask();
  EXPECT_EQ(fed(frame(7, 3, kPdu)), kPdu);
  guard.feed(frame(8, 3, kPdu));  // the next transaction's number, foreseen
  ask();
  EXPECT_EQ(guard.next(false).value(), std::nullopt);
  EXPECT_EQ(dropped, "stray");
}

TEST_F(TheTcpGuard, AnAnswerThatBeganBeforeTheQuestionIsNone) {
  const Bytes early = frame(7, 3, kPdu);
  guard.feed(ByteView(early).first(9));
  ask();
  EXPECT_EQ(fed(Bytes(early.begin() + 9, early.end())), std::nullopt);
  EXPECT_EQ(fed(frame(7, 3, kPdu)), kPdu);
}

TEST_F(TheTcpGuard, AnotherUnitsAnswerEndsTheRequest) {
  ask();
  guard.feed(frame(7, 33, kPdu));
  EXPECT_EQ(guard.next(false).error().cause, "wrong-unit");
  EXPECT_TRUE(guard.in_step());
}

TEST_F(TheTcpGuard, BytesThatAreNoFrameNeedANewConnection) {
  for (const Bytes& bad :
       {Bytes{0, 7, 0, 0, 0, 0, 3, 3, 4}, Bytes{0, 7, 0, 0, 0xFF, 0xFF, 3}, Bytes{0, 7, 0, 1, 0, 7, 3}}) {
    guard.reset();
    ask();
    guard.feed(bad);
    EXPECT_EQ(guard.next(false).error().cause, "garbage");
    EXPECT_FALSE(guard.in_step());
  }
  guard.reset();
  EXPECT_TRUE(guard.in_step());
}

TEST_F(TheTcpGuard, HalfAnAnswerNeedsANewConnection) {
  ask();
  EXPECT_FALSE(fed(Bytes{0, 7, 0, 0, 0, 7, 3, 3}));
  EXPECT_EQ(guard.give_up().cause, "cut");
  EXPECT_FALSE(guard.in_step());
}

using TheRtuGuard = Fixture<RtuGuard>;

// Modbus over serial line V1.02 §6.2.2 has no example; this one is everybody's.
TEST(ModbusCrc, IsTheOneOfTheStandard) {
  EXPECT_EQ(modbus_crc(Bytes{0x01, 0x03, 0x00, 0x00, 0x00, 0x0A}), 0xCDC5);
  EXPECT_EQ(modbus_crc(Bytes{}), 0xFFFF);
}

TEST_F(TheRtuGuard, AsksAndGivesTheAnswerHoweverItArrives) {
  EXPECT_EQ(guard.ask(3, kAsk, {}), rtu(3, kAsk));
  const Bytes answer = rtu(3, kPdu);
  for (std::size_t i = 0; i + 1 < answer.size(); ++i) EXPECT_FALSE(fed({answer[i]}));
  EXPECT_EQ(fed({answer.back()}), kPdu);
  EXPECT_EQ(dropped, "");
}

TEST_F(TheRtuGuard, FindsTheAnswerBehindTheLinesNoise) {
  for (const Bytes& noise : {Bytes{0}, Bytes{0xFF}, Bytes{0, 0, 0}, Bytes{0xF0, 0x00}, Bytes{3}}) {
    ask();
    guard.feed(noise + rtu(3, kPdu));
    auto answer = guard.next(false).value();
    if (!answer) answer = guard.next(true).value();  // what seems to begin a longer frame is given time to end
    EXPECT_EQ(answer, kPdu) << int{noise[0]};
  }
}

TEST_F(TheRtuGuard, EveryChangedBitIsSeen) {
  const Bytes good = rtu(3, kPdu);
  for (std::size_t i = 0; i < good.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bad = good;
      bad[i] = static_cast<std::uint8_t>(bad[i] ^ 1 << bit);
      ask();
      guard.feed(bad);
      for (const bool silent : {false, true}) {
        const auto answer = guard.next(silent);
        EXPECT_FALSE(answer && *answer) << i << "." << bit;
      }
      guard.give_up();
    }
}

TEST_F(TheRtuGuard, AMangledAnswerIsOverOnceTheLineIsSilent) {
  ask();
  Bytes bad = rtu(3, kPdu);
  bad.back() ^= 1;
  EXPECT_FALSE(fed(bad));
  EXPECT_EQ(guard.next(true).error().cause, "bad-crc");
  EXPECT_TRUE(guard.doubtful(3, {}));
}

TEST_F(TheRtuGuard, DropsOtherUnitsAndGoesOnWaiting) {
  ask();
  EXPECT_EQ(fed(rtu(33, kPdu)), std::nullopt);
  EXPECT_EQ(fed(rtu(3, Bytes{4, 4, 1, 2, 3, 4})), std::nullopt);
  EXPECT_EQ(fed(rtu(3, kPdu)), kPdu);
  EXPECT_EQ(dropped, "wrong-unit stray");
}

TEST_F(TheRtuGuard, AFrameInsideAnothersDataIsNone) {
  ask();
  const Bytes inner = rtu(3, kPdu);
  Bytes outer{3, static_cast<std::uint8_t>(inner.size())};
  outer = outer + inner;
  EXPECT_EQ(fed(rtu(34, outer)), std::nullopt);
  EXPECT_EQ(dropped, "wrong-unit");
}

TEST_F(TheRtuGuard, AUnitThatOwesAnAnswerIsDoubtedUntilItHasSettledOrTimeHasPassed) {
  ask(3, mono_from_ms(1'000));
  EXPECT_EQ(guard.give_up().kind, Kind::no_answer);
  EXPECT_TRUE(guard.doubtful(3, mono_from_ms(2'000)));
  EXPECT_FALSE(guard.doubtful(4, mono_from_ms(2'000)));
  ask(4, mono_from_ms(2'000));
  EXPECT_EQ(fed(rtu(3, kPdu)), std::nullopt);  // late, while another is asked
  EXPECT_EQ(dropped, "late");
  EXPECT_TRUE(guard.doubtful(3, mono_from_ms(2'000))) << "there may be more";
  guard.settle(3);
  EXPECT_FALSE(guard.doubtful(3, mono_from_ms(2'000)));

  ask(3, mono_from_ms(3'000));
  guard.give_up();
  guard.reset();  // a serial server keeps what is under way over connections
  EXPECT_TRUE(guard.doubtful(3, mono_from_ms(12'999)));
  EXPECT_FALSE(guard.doubtful(3, mono_from_ms(13'000)));
}

TEST_F(TheRtuGuard, AnIdentificationEndsWhereItsObjectsEnd) {
  guard.ask(3, Bytes{0x2B, 0x0E, 1, 0}, {});
  const Bytes pdu{0x2B, 0x0E, 1, 1, 0, 0, 2, 0, 3, 'A', 'c', 'm', 2, 2, 'V', '1'};
  const Bytes answer = rtu(3, pdu);
  for (std::size_t i = 0; i + 1 < answer.size(); ++i) EXPECT_FALSE(fed({answer[i]}));
  EXPECT_EQ(fed({answer.back()}), pdu);
}

TEST_F(TheRtuGuard, ABabblingLineFillsNoMemory) {
  ask();
  for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(fed(Bytes{9, 3, 250, 1}));
  EXPECT_EQ(guard.give_up().kind, Kind::malformed);
}

}  // namespace
}  // namespace anlan::edge
