#include "edge/sample/normalize.hpp"

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
  point.source = ModbusSource{.table = Table::holding_registers, .address = 0, .type = type, .order = order, .bit = {}};
  return point;
}

double value_of(ValueType type, Registers registers, ByteOrder order = ByteOrder::abcd) {
  const Normalized made = normalize(point_of(type, order), registers);
  EXPECT_EQ(made.quality, Quality::good);
  return made.value;
}

TEST(Normalize, ReadsEachTypeOfOneRegister) {
  EXPECT_EQ(value_of(ValueType::u16, {0x8001}), 32769);
  EXPECT_EQ(value_of(ValueType::i16, {0x8001}), -32767);
  EXPECT_EQ(value_of(ValueType::i16, {0xFFFF}), -1);
  EXPECT_EQ(value_of(ValueType::u16, {0}), 0);
}

/// The bytes 01 02 03 04 lie in the registers in all four ways and always mean 0x01020304.
TEST(Normalize, ReadsThirtyTwoBitsInEachByteOrder) {
  EXPECT_EQ(value_of(ValueType::u32, {0x0102, 0x0304}, ByteOrder::abcd), 0x01020304);
  EXPECT_EQ(value_of(ValueType::u32, {0x0304, 0x0102}, ByteOrder::cdab), 0x01020304);
  EXPECT_EQ(value_of(ValueType::u32, {0x0201, 0x0403}, ByteOrder::badc), 0x01020304);
  EXPECT_EQ(value_of(ValueType::u32, {0x0403, 0x0201}, ByteOrder::dcba), 0x01020304);
  EXPECT_EQ(value_of(ValueType::i32, {0xFFFE, 0xFFFF}, ByteOrder::cdab), -2);
}

/// 0x0102030405060708 in each order.
TEST(Normalize, ReadsSixtyFourBitsInEachByteOrder) {
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

TEST(Normalize, EveryTypeComesBackFromEveryOrder) {
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

TEST(Normalize, AFloat64KeepsEveryBit) {
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

TEST(Normalize, NanAndInfinityAreADeviceFaultWithoutValue) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    const auto made = normalize(point_of(ValueType::f64), lay_out(big_endian(bad), ByteOrder::abcd));
    EXPECT_EQ(made.quality, Quality::device_fault);
    EXPECT_TRUE(std::isnan(made.value));
    const auto narrow =
        normalize(point_of(ValueType::f32), lay_out(big_endian(static_cast<float>(bad)), ByteOrder::abcd));
    EXPECT_EQ(narrow.quality, Quality::device_fault);
    EXPECT_EQ(normalize(point_of(ValueType::f64), bad).quality, Quality::device_fault);
  }
}

TEST(Normalize, AValueThatOverflowsByItsScaleIsADeviceFault) {
  ProfilePoint point = point_of(ValueType::f64);
  point.scale = 1e300;
  EXPECT_EQ(normalize(point, 1e300).quality, Quality::device_fault);
}

TEST(Normalize, EachBitOfARegisterIsZeroOrOne) {
  ProfilePoint point = point_of(ValueType::u16);
  for (int bit = 0; bit < 16; ++bit) {
    std::get<ModbusSource>(point.source).bit = bit;
    for (int set = 0; set < 16; ++set) {
      const Registers registers{static_cast<std::uint16_t>(1 << set)};
      EXPECT_EQ(normalize(point, registers).value, bit == set ? 1 : 0);
    }
  }
}

TEST(Normalize, CoilsAndDiscreteInputsAreZeroOrOne) {
  ProfilePoint point;
  for (const Table table : {Table::coils, Table::discrete_inputs}) {
    point.source = ModbusSource{.table = table, .address = 0, .type = ValueType::boolean, .order = {}, .bit = {}};
    EXPECT_EQ(normalize(point, Registers{0}).value, 0);
    EXPECT_EQ(normalize(point, Registers{1}).value, 1);
  }
}

TEST(Normalize, AppliesScaleThenOffset) {
  ProfilePoint point = point_of(ValueType::i16);
  point.scale = 0.1;
  point.offset = -40;
  EXPECT_DOUBLE_EQ(normalize(point, Registers{650}).value, 25);
}

TEST(Normalize, FaultValuesAreComparedRawBeforeScaling) {
  ProfilePoint point = point_of(ValueType::i16);
  point.scale = 0.1;
  point.fault_values = {-32768, 32767};
  EXPECT_EQ(normalize(point, Registers{0x8000}).quality, Quality::device_fault);
  EXPECT_EQ(normalize(point, Registers{0x7FFF}).quality, Quality::device_fault);
  EXPECT_TRUE(std::isnan(normalize(point, Registers{0x7FFF}).value));
  EXPECT_EQ(normalize(point, Registers{0x7FFE}).quality, Quality::good);
}

TEST(Normalize, AFaultValueOf64BitsIsComparedExactly) {
  ProfilePoint point = point_of(ValueType::i64);
  point.fault_values = {0x7FFFFFFFFFFFFFFF};
  EXPECT_EQ(normalize(point, Registers{0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF}).quality, Quality::device_fault);
  EXPECT_EQ(normalize(point, Registers{0x7FFF, 0xFFFF, 0xFFFF, 0xFFFE}).quality, Quality::good);
  point = point_of(ValueType::u64);
  point.fault_values = {-1};
  EXPECT_EQ(normalize(point, Registers{0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}).quality, Quality::good);
}

TEST(Normalize, OutsideTheValidRangeTheValueIsKeptAndMarked) {
  ProfilePoint point = point_of(ValueType::i16);
  point.valid_min = 0;
  point.valid_max = 100;
  EXPECT_EQ(normalize(point, Registers{100}), (Normalized{100, Quality::good}));
  EXPECT_EQ(normalize(point, Registers{101}), (Normalized{101, Quality::out_of_range}));
  EXPECT_EQ(normalize(point, Registers{0}), (Normalized{0, Quality::good}));
  EXPECT_EQ(normalize(point, Registers{0xFFFF}), (Normalized{-1, Quality::out_of_range}));
}

}  // namespace
}  // namespace anlan::edge
