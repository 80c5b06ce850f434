#include "tests/plant/registers.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace anlan::plant {
namespace {

using Words = std::vector<std::uint16_t>;

TEST(Registers, PutEachTypeAndOrderWhereTheProtocolSays) {
  // 123456789.0 = 0x419D6F3454000000 (double), 1.5f = 0x3FC00000, 0x01020304 = 16909060.
  EXPECT_EQ(encode(65535, {.type = ValueType::u16}), Words{0xFFFF});
  EXPECT_EQ(encode(-2, {.type = ValueType::i16}), Words{0xFFFE});
  EXPECT_EQ(encode(16909060, {.type = ValueType::u32}), (Words{0x0102, 0x0304}));
  EXPECT_EQ(encode(16909060, {.type = ValueType::u32, .order = ByteOrder::cdab}), (Words{0x0304, 0x0102}));
  EXPECT_EQ(encode(16909060, {.type = ValueType::u32, .order = ByteOrder::badc}), (Words{0x0201, 0x0403}));
  EXPECT_EQ(encode(16909060, {.type = ValueType::u32, .order = ByteOrder::dcba}), (Words{0x0403, 0x0201}));
  EXPECT_EQ(encode(1.5, {.type = ValueType::f32}), (Words{0x3FC0, 0x0000}));
  EXPECT_EQ(encode(123456789.0, {.type = ValueType::f64}), (Words{0x419D, 0x6F34, 0x5400, 0x0000}));
  EXPECT_EQ(encode(123456789.0, {.type = ValueType::f64, .order = ByteOrder::cdab}),
            (Words{0x0000, 0x5400, 0x6F34, 0x419D}));
  EXPECT_EQ(encode(1, {.table = Table::coils, .type = ValueType::boolean}), Words{1});
}

TEST(Registers, ApplyScaleAndOffsetBackwards) {
  EXPECT_EQ(encode(36.6, {.type = ValueType::i16, .scale = 0.1}), Words{366});
  EXPECT_EQ(encode(-40, {.type = ValueType::u16, .offset = -40}), Words{0});
}

TEST(Registers, RefuseAValueThatTheTypeCannotHold) {
  EXPECT_FALSE(encode(65536, {.type = ValueType::u16}));
  EXPECT_FALSE(encode(-1, {.type = ValueType::u16}));
  EXPECT_FALSE(encode(-32769, {.type = ValueType::i16}));
  EXPECT_FALSE(encode(4294967296.0, {.type = ValueType::u32}));
  EXPECT_FALSE(encode(18446744073709551616.0, {.type = ValueType::u64}));
  EXPECT_FALSE(encode(9223372036854775808.0, {.type = ValueType::i64}));
  EXPECT_FALSE(encode(1e39, {.type = ValueType::f32}));
  EXPECT_FALSE(encode(2, {.table = Table::coils, .type = ValueType::boolean}));
  EXPECT_FALSE(encode(std::numeric_limits<double>::quiet_NaN(), {.type = ValueType::i32}));
}

TEST(Registers, ReadBackWhatWasWrittenInEveryTypeAndOrder) {
  for (const auto type : {ValueType::u16, ValueType::i16, ValueType::u32, ValueType::i32, ValueType::u64,
                          ValueType::i64, ValueType::f32, ValueType::f64})
    for (const auto order : {ByteOrder::abcd, ByteOrder::cdab, ByteOrder::badc, ByteOrder::dcba}) {
      const Place place{.type = type, .order = order, .scale = 2, .offset = 1};
      const auto words = encode(12345, place);
      ASSERT_TRUE(words);
      EXPECT_EQ(decode(*words, place), 12345);
    }
}

}  // namespace
}  // namespace anlan::plant
