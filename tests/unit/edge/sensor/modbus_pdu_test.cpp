#include "edge/sensor/modbus_pdu.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

using Kind = BusError::Kind;
using Read = IdentifyRequest::Read;

const ReadRequest kTwoRegisters{.unit = 3, .table = Table::holding_registers, .address = 0x0102, .count = 2};
const Bytes kAnswer{3, 4, 0x12, 0x34, 0xAB, 0xCD};

WriteRequest write_of(Table table, Words values, bool multiple = false) {
  return {.unit = 9, .table = table, .address = 5, .values = std::move(values), .multiple = multiple};
}

TEST(ModbusPdu, AsksAsTheSpecificationSays) {
  EXPECT_EQ(encode(kTwoRegisters), (Bytes{3, 1, 2, 0, 2}));
  EXPECT_EQ(encode(ReadRequest{.unit = 1, .table = Table::coils, .address = 0, .count = 2000}),
            (Bytes{1, 0, 0, 0x07, 0xD0}));
  EXPECT_EQ(encode(ReadRequest{.unit = 1, .table = Table::discrete_inputs})[0], 2);
  EXPECT_EQ(encode(ReadRequest{.unit = 1, .table = Table::input_registers})[0], 4);
}

TEST(ModbusPdu, WritesOneValueByFunctions5And6AndSeveralBy15And16) {
  EXPECT_EQ(encode(write_of(Table::coils, {1})), (Bytes{5, 0, 5, 0xFF, 0}));
  EXPECT_EQ(encode(write_of(Table::coils, {0})), (Bytes{5, 0, 5, 0, 0}));
  EXPECT_EQ(encode(write_of(Table::holding_registers, {0x1234})), (Bytes{6, 0, 5, 0x12, 0x34}));
  // The examples of V1.1b3 §6.11 and §6.12, at another address.
  EXPECT_EQ(encode(write_of(Table::coils, {1, 0, 1, 1, 0, 0, 1, 1, 1, 0})), (Bytes{15, 0, 5, 0, 10, 2, 0xCD, 0x01}));
  EXPECT_EQ(encode(write_of(Table::holding_registers, {0x000A, 0x0102})),
            (Bytes{16, 0, 5, 0, 2, 4, 0x00, 0x0A, 0x01, 0x02}));
  EXPECT_EQ(encode(write_of(Table::holding_registers, {7}, true)), (Bytes{16, 0, 5, 0, 1, 2, 0, 7}));
}

TEST(ModbusPdu, RefusesToAskWhatCannotBeAsked) {
  EXPECT_TRUE(validate(kTwoRegisters));
  EXPECT_FALSE(validate(ReadRequest{.unit = 256}));
  EXPECT_FALSE(validate(ReadRequest{.count = 126}));
  EXPECT_FALSE(validate(ReadRequest{.address = 65535, .count = 2}));
  EXPECT_FALSE(validate(write_of(Table::input_registers, {1})));
  EXPECT_FALSE(validate(write_of(Table::coils, {2})));
  EXPECT_FALSE(validate(write_of(Table::holding_registers, {})));
  EXPECT_FALSE(validate(write_of(Table::holding_registers, Words(124))));
  EXPECT_TRUE(validate(write_of(Table::coils, Words(1968))));
}

TEST(ModbusPdu, ReadsRegisters) { EXPECT_EQ(decode(kTwoRegisters, kAnswer), (Words{0x1234, 0xABCD})); }

TEST(ModbusPdu, ReadsBitsLowestFirst) {
  const ReadRequest ten{.unit = 1, .table = Table::coils, .address = 0, .count = 10};
  EXPECT_EQ(decode(ten, Bytes{1, 2, 0b00000101, 0b00000010}), (Words{1, 0, 1, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(ModbusPdu, NamesExceptions) {
  const auto refused = decode(kTwoRegisters, Bytes{0x83, 2});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::exception);
  EXPECT_EQ(refused.error().exception_code, 2);
  EXPECT_NE(refused.error().message.find("illegal data address"), std::string::npos);
}

TEST(ModbusPdu, AGatewayThatMissesAUnitIsSilenceOfThatUnit) {
  for (const std::uint8_t code : {std::uint8_t{10}, std::uint8_t{11}})
    EXPECT_EQ(decode(kTwoRegisters, Bytes{0x83, code}).error().kind, Kind::no_answer);
}

TEST(ModbusPdu, TakesNoAnswerThatIsNotToThisRequest) {
  ReadRequest other = kTwoRegisters;
  other.table = Table::input_registers;
  EXPECT_EQ(decode(other, kAnswer).error().cause, "wrong-function");
  for (const int count : {1, 3}) {
    other = kTwoRegisters;
    other.count = count;
    EXPECT_EQ(decode(other, kAnswer).error().cause, "wrong-length") << count;
  }
}

TEST(ModbusPdu, EveryTruncationOfAnAnswerIsMalformed) {
  for (std::size_t n = 0; n < kAnswer.size(); ++n)
    EXPECT_EQ(decode(kTwoRegisters, ByteView(kAnswer).first(n)).error().kind, Kind::malformed) << n;
}

TEST(ModbusPdu, AWriteIsConfirmedOnlyByItsEcho) {
  const WriteRequest one = write_of(Table::coils, {1});
  EXPECT_TRUE(decode(one, Bytes{5, 0, 5, 0xFF, 0}));
  EXPECT_EQ(decode(one, Bytes{5, 0, 5, 0, 0}).error().cause, "wrong-confirmation");
  EXPECT_EQ(decode(one, Bytes{0x85, 1}).error().kind, Kind::exception);
  const WriteRequest two = write_of(Table::holding_registers, {1, 2});
  EXPECT_TRUE(decode(two, Bytes{16, 0, 5, 0, 2}));
  EXPECT_FALSE(decode(two, Bytes{16, 0, 5, 0, 1}));
  EXPECT_FALSE(decode(two, Bytes{16, 0, 5, 0, 2, 0}));
}

// The example of V1.1b3 §6.21, its texts cut.
TEST(ModbusPdu, ReadsWhatADeviceSaysThatItIs) {
  const IdentifyRequest basic{.unit = 1, .read = Read::basic};
  EXPECT_EQ(encode(basic, 0), (Bytes{0x2B, 0x0E, 1, 0}));
  Identification found;
  const auto next = decode(basic, 0, Bytes{0x2B, 0x0E, 1, 1, 0, 0, 2, 0, 3, 'A', 'c', 'm', 2, 2, 'V', '1'}, found);
  ASSERT_TRUE(next);
  EXPECT_FALSE(*next);
  EXPECT_EQ(found.conformity, 1);
  EXPECT_EQ(found.objects, (std::map<std::uint8_t, std::string>{{0, "Acm"}, {2, "V1"}}));
}

TEST(ModbusPdu, AnIdentificationInSeveralAnswersGoesOnWhereItSays) {
  const IdentifyRequest basic{.unit = 1, .read = Read::basic};
  Identification found;
  const auto next = decode(basic, 0, Bytes{0x2B, 0x0E, 1, 1, 0xFF, 1, 1, 0, 1, 'A'}, found);
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, std::uint8_t{1});
  ASSERT_TRUE(decode(basic, 1, Bytes{0x2B, 0x0E, 1, 1, 0, 0, 2, 1, 1, 'B', 2, 1, 'C'}, found));
  EXPECT_EQ(found.objects.size(), 3u);
  EXPECT_FALSE(decode(basic, 2, Bytes{0x2B, 0x0E, 1, 1, 0xFF, 2, 0}, found)) << "in circles";
}

TEST(ModbusPdu, AnIdentificationIsCleanTextOrNone) {
  const IdentifyRequest one{.unit = 1, .read = Read::object, .object = 4};
  Identification found;
  ASSERT_TRUE(decode(one, 4, Bytes{0x2B, 0x0E, 4, 0x81, 0, 0, 1, 4, 6, 'a', 0xFF, '\n', 'b', ' ', 0}, found));
  EXPECT_EQ(found.objects.at(4), "a??b");
  EXPECT_FALSE(decode(one, 4, Bytes{0x2B, 0x0E, 4, 0x81, 0, 0, 1, 5, 1, 'a'}, found)) << "another object";
  EXPECT_FALSE(decode(one, 4, Bytes{0x2B, 0x0E, 4, 0x81, 0, 0, 1, 4, 2, 'a'}, found)) << "cut";
  EXPECT_FALSE(decode(one, 4, Bytes{0x2B, 0x0E, 4, 0x81, 0, 0, 1, 4, 1, 'a', 'b'}, found)) << "bytes left over";
  EXPECT_FALSE(decode(one, 4, Bytes{0x2B, 0x0E, 1, 0x81, 0, 0, 1, 4, 1, 'a'}, found)) << "another kind";
}

}  // namespace
}  // namespace anlan::edge
