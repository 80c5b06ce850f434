#include "edge/sensor/raw_value.hpp"

#include <bit>
#include <charconv>
#include <cmath>

namespace anlan::edge {
namespace {

bool words_reversed(ByteOrder order) { return order == ByteOrder::cdab || order == ByteOrder::dcba; }
bool bytes_swapped(ByteOrder order) { return order == ByteOrder::badc || order == ByteOrder::dcba; }

/// The i-th register of the value, its first byte high.
std::uint16_t word_at(std::span<const std::uint16_t> registers, ByteOrder order, std::size_t i) {
  const std::uint16_t word = registers[words_reversed(order) ? registers.size() - 1 - i : i];
  return bytes_swapped(order) ? std::rotl(word, 8) : word;
}

/// Up to four registers as one big-endian number.
std::uint64_t join(std::span<const std::uint16_t> registers, ByteOrder order) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < registers.size(); ++i) bits = bits << 16 | word_at(registers, order, i);
  return bits;
}

Raw of_integer(std::int64_t integer, std::uint64_t bits) { return {Raw::Form::integer, integer, 0, bits}; }

Raw of_unsigned(std::uint64_t bits) {
  if (bits >> 63 != 0) return {Raw::Form::large, 0, 0, bits};
  return of_integer(static_cast<std::int64_t>(bits), bits);
}

Raw of_real(double real, std::uint64_t bits) { return {Raw::Form::real, 0, real, bits}; }

Raw of_bcd(std::uint64_t bits, int registers) {
  std::int64_t number = 0;
  for (int shift = 16 * registers - 4; shift >= 0; shift -= 4) {
    const auto digit = static_cast<std::int64_t>(bits >> shift & 0xF);
    if (digit > 9) return {Raw::Form::none, 0, 0, bits};
    number = number * 10 + digit;
  }
  return of_integer(number, bits);
}

Raw of_text(const ModbusSource& source, std::span<const std::uint16_t> registers) {
  double number = 0;
  if (!number_of(text_of(registers, source.order), number)) return {};
  return of_real(number, pattern(number));
}

Raw of_bits(const BitField& field, std::uint64_t bits) {
  const std::uint64_t mask = field.count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << field.count) - 1;
  return of_unsigned(bits >> field.first & mask);
}

Raw of_type(ValueType type, std::uint64_t bits) {
  switch (type) {
    case ValueType::boolean:
      return of_integer(bits != 0, bits != 0);
    case ValueType::u16:
    case ValueType::u32:
    case ValueType::u64:
      return of_unsigned(bits);
    case ValueType::i16:
      return of_integer(static_cast<std::int16_t>(bits), bits);
    case ValueType::i32:
      return of_integer(static_cast<std::int32_t>(bits), bits);
    case ValueType::i64:
      return of_integer(static_cast<std::int64_t>(bits), bits);
    case ValueType::f32:
      return of_real(std::bit_cast<float>(static_cast<std::uint32_t>(bits)), bits);
    case ValueType::f64:
      return of_real(std::bit_cast<double>(bits), bits);
    case ValueType::bcd16:
    case ValueType::bcd32:
    case ValueType::bcd64:
      return of_bcd(bits, register_count(type));
    case ValueType::text:
      break;  // no number of four registers
  }
  return {};
}

}  // namespace

Raw decode(const ModbusSource& source, std::span<const std::uint16_t> registers) {
  const auto own = registers.first(static_cast<std::size_t>(source.count()));
  if (source.type == ValueType::text) return of_text(source, own);
  const std::uint64_t bits = join(own, source.order);
  return source.bits ? of_bits(*source.bits, bits) : of_type(source.type, bits);
}

std::vector<std::uint16_t> words_of(const ModbusSource& source, std::uint64_t bits) {
  std::vector<std::uint16_t> words(static_cast<std::size_t>(source.count()));
  for (std::size_t i = words.size(); i > 0; --i, bits >>= 16) words[i - 1] = static_cast<std::uint16_t>(bits);
  std::vector<std::uint16_t> ordered;  // reversing and swapping undo themselves
  for (std::size_t i = 0; i < words.size(); ++i) ordered.push_back(word_at(words, source.order, i));
  return ordered;
}

std::uint64_t pattern(double number) { return std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number); }

std::string text_of(std::span<const std::uint16_t> registers, ByteOrder order) {
  std::string text;
  for (std::size_t i = 0; i < registers.size(); ++i) {
    const std::uint16_t word = word_at(registers, order, i);
    text += static_cast<char>(word >> 8);
    text += static_cast<char>(word & 0xFF);
  }
  constexpr std::string_view kPadding(" \0", 2);
  const auto first = text.find_first_not_of(kPadding);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

bool number_of(std::string_view text, double& out) {
  const auto first = text.find_first_not_of(' ');
  if (first == text.npos) return false;
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  if (text.front() == '+') {  // from_chars takes a minus only
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !std::isfinite(number)) return false;
  out = number;
  return true;
}

}  // namespace anlan::edge
