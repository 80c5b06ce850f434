#include "edge/sample/decoder.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

using Registers = std::vector<std::uint16_t>;

ProfilePoint point_of(ValueType type, ByteOrder order = ByteOrder::abcd) {
  ProfilePoint point;
  point.source = ModbusSource{.table = Table::holding_registers, .address = 0, .type = type, .order = order};
  return point;
}

double value_of(ValueType type, Registers registers, ByteOrder order = ByteOrder::abcd) {
  const Normalized made = Decoder(point_of(type, order))(registers);
  EXPECT_EQ(made.quality, Quality::good);
  return made.value;
}

TEST(Decoder, ReadsEachTypeOfOneRegister) {
  EXPECT_EQ(value_of(ValueType::u16, {0x8001}), 32769);
  EXPECT_EQ(value_of(ValueType::i16, {0x8001}), -32767);
  EXPECT_EQ(value_of(ValueType::i16, {0xFFFF}), -1);
  EXPECT_EQ(value_of(ValueType::u16, {0}), 0);
}

TEST(Decoder, OneRegisterKnowsItsBytesAsTheyAreOrSwapped) {
  EXPECT_EQ(value_of(ValueType::u16, {0x0102}, ByteOrder::abcd), 0x0102);
  EXPECT_EQ(value_of(ValueType::u16, {0x0102}, ByteOrder::cdab), 0x0102);
  EXPECT_EQ(value_of(ValueType::u16, {0x0102}, ByteOrder::badc), 0x0201);
  EXPECT_EQ(value_of(ValueType::i16, {0x00FF}, ByteOrder::dcba), -256);
}

TEST(Decoder, ReadsBinaryCodedDecimalsInEachByteOrder) {
  EXPECT_EQ(value_of(ValueType::bcd16, {0x1234}), 1234);
  EXPECT_EQ(value_of(ValueType::bcd16, {0x3412}, ByteOrder::badc), 1234);
  EXPECT_EQ(value_of(ValueType::bcd32, {0x5678, 0x1234}, ByteOrder::cdab), 12345678);
  EXPECT_EQ(value_of(ValueType::bcd64, {0x1234, 0x5678, 0x9012, 0x3456}), 1234567890123456);
  EXPECT_EQ(value_of(ValueType::bcd64, {0x9999, 0x9999, 0x9999, 0x9999}), 9999999999999999);
}

TEST(Decoder, ADigitAboveNineIsADeviceFault) {
  for (const unsigned word : {0x123Au, 0x12F4u, 0xF000u, 0xFFFFu})
    EXPECT_EQ(Decoder(point_of(ValueType::bcd16))(Registers{static_cast<std::uint16_t>(word)}).quality,
              Quality::device_fault);
}

/// A text point of as many registers as `registers` has.
Normalized text(const Registers& registers, ByteOrder order = ByteOrder::abcd) {
  ProfilePoint point = point_of(ValueType::text, order);
  std::get<ModbusSource>(point.source).length = static_cast<int>(registers.size());
  return Decoder(point)(registers);
}

Registers words(std::string_view characters) {
  Registers out;
  for (std::size_t i = 0; i < characters.size(); i += 2)
    out.push_back(static_cast<std::uint16_t>(static_cast<unsigned char>(characters[i]) << 8 |
                                             static_cast<unsigned char>(characters[i + 1])));
  return out;
}

TEST(Decoder, ReadsNumbersWrittenAsText) {
  EXPECT_EQ(text(words("12")), (Normalized{12, Quality::good}));
  EXPECT_EQ(text(words("  -12.5 ")), (Normalized{-12.5, Quality::good}));
  EXPECT_EQ(text(words("+0001234.56     ")), (Normalized{1234.56, Quality::good}));
  EXPECT_EQ(text(words(std::string_view("42\0\0", 4))), (Normalized{42, Quality::good}));
  EXPECT_EQ(text(words(std::string_view("\0 7\0", 4))), (Normalized{7, Quality::good}));
  EXPECT_EQ(text(words("1.5e3 ")), (Normalized{1500, Quality::good}));
  EXPECT_EQ(text(words("2143"), ByteOrder::badc), (Normalized{1234, Quality::good}));
  EXPECT_EQ(text(words("3412"), ByteOrder::cdab), (Normalized{1234, Quality::good}));
  EXPECT_EQ(text(words("4321"), ByteOrder::dcba), (Normalized{1234, Quality::good}));
  EXPECT_EQ(text(words("1234567890123456")).value, 1234567890123456);
}

TEST(Decoder, ATextThatIsNoNumberIsADeviceFault) {
  for (const std::string_view bad : {"----", "    ", "12 3", "1,23", "12kg", "+-12", "inf ", "nan ", "0x12", "1e999 "})
    EXPECT_EQ(text(words(bad)).quality, Quality::device_fault) << bad;
  EXPECT_EQ(text(Registers{0, 0}).quality, Quality::device_fault);
}

TEST(Decoder, EachBitOfARegisterIsZeroOrOneEvenWhenItsBytesAreSwapped) {
  ProfilePoint point = point_of(ValueType::u16, ByteOrder::badc);
  std::get<ModbusSource>(point.source).bits = BitField{0, 1};
  EXPECT_EQ(Decoder(point)(Registers{0x0100}).value, 1);
  EXPECT_EQ(Decoder(point)(Registers{0x0001}).value, 0);
}

/// The bytes 01 02 03 04 lie in the registers in all four ways and always mean 0x01020304.
TEST(Decoder, ReadsThirtyTwoBitsInEachByteOrder) {
  EXPECT_EQ(value_of(ValueType::u32, {0x0102, 0x0304}, ByteOrder::abcd), 0x01020304);
  EXPECT_EQ(value_of(ValueType::u32, {0x0304, 0x0102}, ByteOrder::cdab), 0x01020304);
  EXPECT_EQ(value_of(ValueType::u32, {0x0201, 0x0403}, ByteOrder::badc), 0x01020304);
  EXPECT_EQ(value_of(ValueType::u32, {0x0403, 0x0201}, ByteOrder::dcba), 0x01020304);
  EXPECT_EQ(value_of(ValueType::i32, {0xFFFE, 0xFFFF}, ByteOrder::cdab), -2);
}

/// 0x0102030405060708 in each order.
TEST(Decoder, ReadsSixtyFourBitsInEachByteOrder) {
  const double expected = static_cast<double>(0x0102030405060708);
  EXPECT_EQ(value_of(ValueType::u64, {0x0102, 0x0304, 0x0506, 0x0708}, ByteOrder::abcd), expected);
  EXPECT_EQ(value_of(ValueType::u64, {0x0708, 0x0506, 0x0304, 0x0102}, ByteOrder::cdab), expected);
  EXPECT_EQ(value_of(ValueType::u64, {0x0201, 0x0403, 0x0605, 0x0807}, ByteOrder::badc), expected);
  EXPECT_EQ(value_of(ValueType::u64, {0x0807, 0x0605, 0x0403, 0x0201}, ByteOrder::dcba), expected);
}

/// The registers that hold `bytes` (most significant first) in `order`: written apart from the code under test, by
/// bytes.
Registers lay_out(std::vector<std::uint8_t> bytes, ByteOrder order) {
  const std::size_t words = bytes.size() / 2;
  Registers registers(words);
  for (std::size_t i = 0; i < words; ++i) {
    std::uint8_t first = bytes[2 * i], second = bytes[2 * i + 1];
    if (order == ByteOrder::badc || order == ByteOrder::dcba) std::swap(first, second);
    const std::size_t at = order == ByteOrder::cdab || order == ByteOrder::dcba ? words - 1 - i : i;
    registers[at] = static_cast<std::uint16_t>(first * 256 + second);
  }
  return registers;
}

template <class T>
std::vector<std::uint8_t> big_endian(T value) {
  std::vector<std::uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  std::reverse(bytes.begin(), bytes.end());  // this machine is little-endian, as all that Anlan runs on
  return bytes;
}

template <class T>
void round_trip(ValueType type, T value) {
  for (const ByteOrder order : {ByteOrder::abcd, ByteOrder::cdab, ByteOrder::badc, ByteOrder::dcba})
    ASSERT_EQ(value_of(type, lay_out(big_endian(value), order), order), static_cast<double>(value))
        << static_cast<int>(type) << " order " << static_cast<int>(order);
}

TEST(Decoder, EveryTypeComesBackFromEveryOrder) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t bits = random();
    round_trip(ValueType::u32, static_cast<std::uint32_t>(bits));
    round_trip(ValueType::i32, static_cast<std::int32_t>(bits));
    round_trip(ValueType::u64, bits);
    round_trip(ValueType::i64, static_cast<std::int64_t>(bits));
    if (const auto f = std::bit_cast<float>(static_cast<std::uint32_t>(bits)); std::isfinite(f))
      round_trip(ValueType::f32, f);
  }
}

TEST(Decoder, AFloat64KeepsEveryBit) {
  std::mt19937_64 random(4);
  std::vector<double> values{0.0,
                             -0.0,
                             0.1,
                             1.0 / 3,
                             std::numeric_limits<double>::denorm_min(),
                             std::numeric_limits<double>::max(),
                             std::numeric_limits<double>::lowest()};
  for (int i = 0; i < 5000; ++i)
    if (const auto d = std::bit_cast<double>(random()); std::isfinite(d)) values.push_back(d);
  for (const double value : values)
    for (const ByteOrder order : {ByteOrder::abcd, ByteOrder::cdab, ByteOrder::badc, ByteOrder::dcba})
      ASSERT_EQ(std::bit_cast<std::uint64_t>(value_of(ValueType::f64, lay_out(big_endian(value), order), order)),
                std::bit_cast<std::uint64_t>(value));
}

TEST(Decoder, NanAndInfinityAreADeviceFaultWithoutValue) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    const auto made = Decoder(point_of(ValueType::f64))(lay_out(big_endian(bad), ByteOrder::abcd));
    EXPECT_EQ(made.quality, Quality::device_fault);
    EXPECT_TRUE(std::isnan(made.value));
    const auto narrow =
        Decoder(point_of(ValueType::f32))(lay_out(big_endian(static_cast<float>(bad)), ByteOrder::abcd));
    EXPECT_EQ(narrow.quality, Quality::device_fault);
    EXPECT_EQ(Decoder(point_of(ValueType::f64))(bad).quality, Quality::device_fault);
  }
}

TEST(Decoder, AValueThatOverflowsByItsScaleIsADeviceFault) {
  ProfilePoint point = point_of(ValueType::f64);
  point.scale = 1e300;
  EXPECT_EQ(Decoder(point)(1e300).quality, Quality::device_fault);
}

TEST(Decoder, EachBitOfARegisterIsZeroOrOne) {
  ProfilePoint point = point_of(ValueType::u16);
  for (int bit = 0; bit < 16; ++bit) {
    std::get<ModbusSource>(point.source).bits = BitField{bit, 1};
    for (int set = 0; set < 16; ++set) {
      const Registers registers{static_cast<std::uint16_t>(1 << set)};
      EXPECT_EQ(Decoder(point)(registers).value, bit == set ? 1 : 0);
    }
  }
}

TEST(Decoder, AFieldOfBitsIsTheNumberThatItsBitsMake) {
  ProfilePoint point = point_of(ValueType::u16);
  std::get<ModbusSource>(point.source).bits = BitField{4, 4};
  point.fault_patterns = {0xF};
  EXPECT_EQ(Decoder(point)(Registers{0x1231}), (Normalized{3, Quality::good}));
  EXPECT_EQ(Decoder(point)(Registers{0x12F1}).quality, Quality::device_fault);
  point = point_of(ValueType::u32, ByteOrder::cdab);
  std::get<ModbusSource>(point.source).bits = BitField{12, 20};
  EXPECT_EQ(Decoder(point)(Registers{0x5678, 0x1234}).value, 0x12345);
  point = point_of(ValueType::u64);
  std::get<ModbusSource>(point.source).bits = BitField{0, 64};
  EXPECT_EQ(Decoder(point)(Registers{0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}).value, 18446744073709551616.0);
}

TEST(Decoder, CoilsAndDiscreteInputsAreZeroOrOne) {
  ProfilePoint point;
  for (const Table table : {Table::coils, Table::discrete_inputs}) {
    point.source = ModbusSource{.table = table, .type = ValueType::boolean};
    EXPECT_EQ(Decoder(point)(Registers{0}).value, 0);
    EXPECT_EQ(Decoder(point)(Registers{1}).value, 1);
  }
}

TEST(Decoder, AppliesScaleThenOffset) {
  ProfilePoint point = point_of(ValueType::i16);
  point.scale = 0.1;
  point.offset = -40;
  EXPECT_DOUBLE_EQ(Decoder(point)(Registers{650}).value, 25);
}

TEST(Decoder, FaultValuesAreComparedRawBeforeScaling) {
  ProfilePoint point = point_of(ValueType::i16);
  point.scale = 0.1;
  point.fault_patterns = {0x8000, 0x7FFF};
  EXPECT_EQ(Decoder(point)(Registers{0x8000}).quality, Quality::device_fault);
  EXPECT_EQ(Decoder(point)(Registers{0x7FFF}).quality, Quality::device_fault);
  EXPECT_TRUE(std::isnan(Decoder(point)(Registers{0x7FFF}).value));
  EXPECT_EQ(Decoder(point)(Registers{0x7FFE}).quality, Quality::good);
}

TEST(Decoder, AFaultValueOf64BitsIsComparedExactly) {
  ProfilePoint point = point_of(ValueType::i64);
  point.fault_patterns = {0x7FFFFFFFFFFFFFFF};
  EXPECT_EQ(Decoder(point)(Registers{0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF}).quality, Quality::device_fault);
  EXPECT_EQ(Decoder(point)(Registers{0x7FFF, 0xFFFF, 0xFFFF, 0xFFFE}).quality, Quality::good);
  point = point_of(ValueType::u64);
  EXPECT_EQ(Decoder(point)(Registers{0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}).quality, Quality::good);
  point.fault_patterns = {0xFFFFFFFFFFFFFFFF};
  EXPECT_EQ(Decoder(point)(Registers{0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}).quality, Quality::device_fault);
}

TEST(Decoder, AFaultValueOfAFloatIsComparedByItsBits) {
  ProfilePoint point = point_of(ValueType::f32);
  point.fault_patterns = {0x7CF00000};  // 9.96921e36
  EXPECT_EQ(Decoder(point)(Registers{0x7CF0, 0x0000}).quality, Quality::device_fault);
  EXPECT_EQ(Decoder(point)(Registers{0x7CF0, 0x0001}).quality, Quality::good);
}

TEST(Decoder, AFaultValueOfATextOrAnMqttNumberIsComparedAsANumber) {
  ProfilePoint point = point_of(ValueType::text);
  std::get<ModbusSource>(point.source).length = 3;
  point.fault_patterns = {pattern(999.9)};
  EXPECT_EQ(Decoder(point)(words("999.90")).quality, Quality::device_fault);
  EXPECT_EQ(Decoder(point)(words("999.91")).quality, Quality::good);
  EXPECT_EQ(Decoder(point)(999.9).quality, Quality::device_fault);
}

TEST(Decoder, OutsideTheValidRangeTheValueIsKeptAndMarked) {
  ProfilePoint point = point_of(ValueType::i16);
  point.valid_min = 0;
  point.valid_max = 100;
  EXPECT_EQ(Decoder(point)(Registers{100}), (Normalized{100, Quality::good}));
  EXPECT_EQ(Decoder(point)(Registers{101}), (Normalized{101, Quality::out_of_range}));
  EXPECT_EQ(Decoder(point)(Registers{0}), (Normalized{0, Quality::good}));
  EXPECT_EQ(Decoder(point)(Registers{0xFFFF}), (Normalized{-1, Quality::out_of_range}));
}

}  // namespace
}  // namespace anlan::edge
