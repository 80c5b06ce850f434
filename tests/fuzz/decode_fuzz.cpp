// Any registers under any point that a profile can describe are a finite value, or none with a quality that says so;
// what was read can be written back, and what somebody types is written exactly or not at all.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "edge/sample/decoder.hpp"
#include "edge/sample/encoder.hpp"
#include "edge/sample/entered_value.hpp"
#include "edge/sensor/firmware.hpp"
#include "tests/fuzz/expect.hpp"

namespace {

using namespace anlan::edge;

/// Hands out the input's bytes; zeros when they are used up.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  template <class T>
  T take() {
    T value{};
    const std::size_t size = std::min(sizeof value, left_);
    std::memcpy(&value, data_, size);
    data_ += size;
    left_ -= size;
    return value;
  }
  std::string_view rest() const { return {reinterpret_cast<const char*>(data_), left_}; }
  int below(int n) { return static_cast<int>(take<std::uint8_t>() % static_cast<unsigned>(n)); }
  /// Any finite number; often one that people would write.
  double number() {
    if (below(2) == 0) return take<std::int16_t>() * std::pow(10.0, below(20) - 12);
    const auto any = take<double>();
    return std::isfinite(any) ? any : 0;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

ModbusSource source_of(Bytes& bytes) {
  ModbusSource source;
  source.type = static_cast<ValueType>(bytes.below(13));
  source.order = static_cast<ByteOrder>(bytes.below(4));
  if (source.type == ValueType::boolean) source.table = Table::coils;
  if (source.type == ValueType::text) source.length = 1 + bytes.below(kMaxValueRegisters);
  const bool has_fields =
      source.type == ValueType::u16 || source.type == ValueType::u32 || source.type == ValueType::u64;
  if (has_fields && bytes.below(3) == 0) {
    const int first = bytes.below(16 * source.count());
    source.bits = BitField{first, 1 + bytes.below(16 * source.count() - first)};
  }
  return source;
}

ProfilePoint point_of(Bytes& bytes) {
  ProfilePoint point;
  point.source = source_of(bytes);
  point.scale = bytes.number();
  if (point.scale == 0) point.scale = 1;
  point.offset = bytes.number();
  if (bytes.below(4) == 0) point.valid_min = bytes.number();
  if (bytes.below(4) == 0) point.valid_max = bytes.number();
  for (int i = bytes.below(3); i > 0; --i) point.meanings[bytes.take<std::int8_t>()] = bytes.below(2) ? "on" : "";
  for (int i = bytes.below(4); i > 0; --i) point.fault_patterns.push_back(bytes.take<std::uint64_t>());
  return point;
}

void expect_sound(const ProfilePoint& point, const Normalized& made) {
  ANLAN_EXPECT(made.quality == anlan::Quality::good || made.quality == anlan::Quality::out_of_range ||
               made.quality == anlan::Quality::device_fault);
  ANLAN_EXPECT(std::isfinite(made.value) == (made.quality != anlan::Quality::device_fault));
  if (made.quality != anlan::Quality::good) return;
  ANLAN_EXPECT(!point.valid_min || made.value >= *point.valid_min);
  ANLAN_EXPECT(!point.valid_max || made.value <= *point.valid_max);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const ProfilePoint point = point_of(bytes);
  const auto& source = std::get<ModbusSource>(point.source);
  std::vector<std::uint16_t> words(static_cast<std::size_t>(source.count()));
  for (auto& word : words) word = bytes.take<std::uint16_t>();

  const Decoder decode_point(point);
  const Normalized made = decode_point(words);
  expect_sound(point, made);
  expect_sound(point, decode_point(bytes.take<double>()));
  for (const char c : firmware_text(source, words)) ANLAN_EXPECT(c >= 0x20 && c <= 0x7E);
  version_in(text_of(words, source.order));

  shown_value(point, words);
  if (source.bits || source.type == ValueType::text) return 0;
  if (const auto written = encode(point, made.value)) {
    ANLAN_EXPECT(written->size() == words.size());
    const Normalized again = decode_point(*written);
    ANLAN_EXPECT(again.quality == anlan::Quality::good);
    const bool is_float = source.type == ValueType::f32 || source.type == ValueType::f64;
    ANLAN_EXPECT(is_float || again.value == made.value);
  }
  if (const auto typed = entered_value(point, bytes.rest())) {
    ANLAN_EXPECT(std::isfinite(*typed));
    if (const auto written = encode(point, *typed)) {
      ANLAN_EXPECT(decode_point(*written).quality == anlan::Quality::good);
      ANLAN_EXPECT(point.meanings.empty() || meaning_of(point, *written) != nullptr);
    }
  }
  return 0;
}
