#include "edge/sensor/modbus_frame.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Kind = BusError::Kind;

const ReadRequest kTwoRegisters{.unit = 3, .table = Table::holding_registers, .address = 0x0102, .count = 2};

Bytes answer_to(std::uint16_t transaction, std::uint8_t unit, Bytes pdu) {
  Bytes frame{static_cast<std::uint8_t>(transaction >> 8),
              static_cast<std::uint8_t>(transaction),
              0,
              0,
              0,
              static_cast<std::uint8_t>(pdu.size() + 1),
              unit};
  frame.insert(frame.end(), pdu.begin(), pdu.end());
  return frame;
}

TEST(ModbusFrame, AsksAsTheSpecificationSays) {
  EXPECT_EQ(encode(kTwoRegisters, 0x0A0B), (RequestFrame{0x0A, 0x0B, 0, 0, 0, 6, 3, 3, 1, 2, 0, 2}));
  EXPECT_EQ(encode(ReadRequest{.unit = 1, .table = Table::coils, .address = 0, .count = 2000}, 1)[7], 1);
  EXPECT_EQ(encode(ReadRequest{.unit = 1, .table = Table::discrete_inputs}, 1)[7], 2);
  EXPECT_EQ(encode(ReadRequest{.unit = 1, .table = Table::input_registers}, 1)[7], 4);
  EXPECT_EQ(encode(WriteRequest{.unit = 9, .table = Table::coils, .address = 5, .value = 1}, 1),
            (RequestFrame{0, 1, 0, 0, 0, 6, 9, 5, 0, 5, 0xFF, 0}));
  EXPECT_EQ(encode(WriteRequest{.unit = 9, .table = Table::holding_registers, .address = 5, .value = 0x1234}, 1),
            (RequestFrame{0, 1, 0, 0, 0, 6, 9, 6, 0, 5, 0x12, 0x34}));
}

TEST(ModbusFrame, ReadsRegisters) {
  const auto words = decode(kTwoRegisters, 7, answer_to(7, 3, {3, 4, 0x12, 0x34, 0xAB, 0xCD}));
  ASSERT_TRUE(words);
  EXPECT_EQ(*words, (std::vector<std::uint16_t>{0x1234, 0xABCD}));
}

TEST(ModbusFrame, ReadsBitsLowestFirst) {
  const ReadRequest ten{.unit = 1, .table = Table::coils, .address = 0, .count = 10};
  const auto bits = decode(ten, 7, answer_to(7, 1, {1, 2, 0b00000101, 0b00000010}));
  ASSERT_TRUE(bits);
  EXPECT_EQ(*bits, (std::vector<std::uint16_t>{1, 0, 1, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(ModbusFrame, NamesExceptions) {
  const auto refused = decode(kTwoRegisters, 7, answer_to(7, 3, {0x83, 2}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::exception);
  EXPECT_EQ(refused.error().exception_code, 2);
  EXPECT_NE(refused.error().message.find("illegal data address"), std::string::npos);
}

TEST(ModbusFrame, AGatewayThatMissesAUnitIsSilenceOfThatUnit) {
  for (const std::uint8_t code : {std::uint8_t{10}, std::uint8_t{11}}) {
    const auto lost = decode(kTwoRegisters, 7, answer_to(7, 3, {0x83, code}));
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().kind, Kind::no_answer);
  }
}

TEST(ModbusFrame, TakesNoAnswerThatIsNotToThisRequest) {
  const Bytes good = answer_to(7, 3, {3, 4, 0x12, 0x34, 0xAB, 0xCD});
  EXPECT_EQ(decode(kTwoRegisters, 8, good).error().kind, Kind::malformed);  // another transaction
  ReadRequest other = kTwoRegisters;
  other.unit = 4;
  EXPECT_EQ(decode(other, 7, good).error().kind, Kind::malformed);  // another unit
  other = kTwoRegisters;
  other.table = Table::input_registers;
  EXPECT_EQ(decode(other, 7, good).error().kind, Kind::malformed);  // another function
  other = kTwoRegisters;
  other.count = 3;
  EXPECT_EQ(decode(other, 7, good).error().kind, Kind::malformed);  // too short
  other.count = 1;
  EXPECT_EQ(decode(other, 7, good).error().kind, Kind::malformed);  // too long
  Bytes protocol = good;
  protocol[3] = 1;
  EXPECT_EQ(decode(kTwoRegisters, 7, protocol).error().kind, Kind::malformed);
}

TEST(ModbusFrame, EveryTruncationAndEveryChangedHeaderByteIsMalformed) {
  const Bytes good = answer_to(7, 3, {3, 4, 0x12, 0x34, 0xAB, 0xCD});
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(decode(kTwoRegisters, 7, std::span(good).first(n))) << n;
  for (std::size_t i = 0; i < 9; ++i)
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bad = good;
      bad[i] = static_cast<std::uint8_t>(bad[i] ^ 1 << bit);
      EXPECT_FALSE(decode(kTwoRegisters, 7, bad)) << i << "." << bit;
    }
}

TEST(ModbusFrame, AWriteIsConfirmedOnlyByItsEcho) {
  const WriteRequest write{.unit = 1, .table = Table::coils, .address = 5, .value = 1};
  EXPECT_TRUE(decode(write, 7, answer_to(7, 1, {5, 0, 5, 0xFF, 0})));
  EXPECT_EQ(decode(write, 7, answer_to(7, 1, {5, 0, 5, 0, 0})).error().kind, Kind::malformed);
  EXPECT_EQ(decode(write, 7, answer_to(7, 1, {0x85, 1})).error().kind, Kind::exception);
}

}  // namespace
}  // namespace anlan::edge
