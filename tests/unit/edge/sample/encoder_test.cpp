#include "edge/sample/encoder.hpp"

#include <random>

#include <gtest/gtest.h>

#include "edge/sample/decoder.hpp"

namespace anlan::edge {
namespace {

using Words = std::vector<std::uint16_t>;

ProfilePoint point_of(ValueType type, double scale = 1, double offset = 0, ByteOrder order = ByteOrder::abcd) {
  ProfilePoint point;
  point.source = ModbusSource{.type = type, .order = order};
  point.scale = scale;
  point.offset = offset;
  return point;
}

TEST(Encoder, WritesWhatTheDecoderReads) {
  EXPECT_EQ(encode(point_of(ValueType::u16, 0.1), 47.3), Words{473});
  EXPECT_EQ(encode(point_of(ValueType::i16, 0.1, -40), -41.5), Words{0xFFF1});
  EXPECT_EQ(encode(point_of(ValueType::f32, 1, 0, ByteOrder::cdab), 1.5), (Words{0x0000, 0x3FC0}));
  EXPECT_EQ(encode(point_of(ValueType::bcd32), 12345678), (Words{0x1234, 0x5678}));
  EXPECT_EQ(encode(point_of(ValueType::u64), 18446744073709549568.0), (Words{0xFFFF, 0xFFFF, 0xFFFF, 0xF800}));
  ProfilePoint coil;
  coil.source = ModbusSource{.table = Table::coils, .type = ValueType::boolean};
  EXPECT_EQ(encode(coil, 1), Words{1});
  EXPECT_FALSE(encode(coil, 2));
}

TEST(Encoder, RoundsAndClampsNothing) {
  EXPECT_EQ(encode(point_of(ValueType::u16, 0.1), 47.35).error().message,
            "has no raw number; the nearest value is 47.4");
  EXPECT_FALSE(encode(point_of(ValueType::u16), -1));
  EXPECT_FALSE(encode(point_of(ValueType::u16), 65536));
  EXPECT_FALSE(encode(point_of(ValueType::bcd16), 10000));
  EXPECT_FALSE(encode(point_of(ValueType::f32), 1e39));
  EXPECT_FALSE(encode(point_of(ValueType::i64), 9223372036854775808.0));
  EXPECT_FALSE(encode(point_of(ValueType::f64), kNoValue));
}

TEST(Encoder, RefusesWhatWouldNotBeReadAsGood) {
  ProfilePoint point = point_of(ValueType::u16);
  point.valid_max = 100;
  point.fault_patterns = {50};
  EXPECT_TRUE(encode(point, 100));
  EXPECT_EQ(encode(point, 101).error().message, "is outside the point's valid range, at most 100");
  EXPECT_EQ(encode(point, 50).error().message, "is what the device says when it cannot tell");
}

TEST(Encoder, EveryRawNumberIsWrittenBack) {
  std::mt19937_64 random(3);
  const double scales[] = {1, 0.1, 0.001, 2.5, 100, -0.01};
  for (int round = 0; round < 20'000; ++round) {
    const auto type = static_cast<ValueType>(1 + random() % 11);  // all but boolean and text
    const ProfilePoint point =
        point_of(type, scales[random() % 6], round % 2 ? -40 : 0, static_cast<ByteOrder>(random() % 4));
    const auto& source = std::get<ModbusSource>(point.source);
    Words words(static_cast<std::size_t>(source.count()));
    for (auto& word : words) word = static_cast<std::uint16_t>(random());
    if (source.count() == 4) words[source.order == ByteOrder::cdab || source.order == ByteOrder::dcba ? 3 : 0] = 0;
    const Normalized read = Decoder(point)(words);
    if (read.quality != Quality::good) continue;
    const auto written = encode(point, read.value);
    ASSERT_TRUE(written) << written.error().message << " " << static_cast<int>(type) << " " << read.value;
    if (type == ValueType::f32 || type == ValueType::f64)
      ASSERT_NEAR(Decoder(point)(*written).value, read.value, std::abs(read.value) * 1e-6 + 1e-4);
    else
      ASSERT_EQ(*written, words) << static_cast<int>(type) << " " << read.value;
  }
}

}  // namespace
}  // namespace anlan::edge
