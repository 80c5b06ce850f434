#include "tests/plant/registers.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "tests/plant/number.hpp"

namespace anlan::plant {
namespace {

/// Most significant word first, or back from it: the same exchange does both ways.
void reorder(std::vector<std::uint16_t>& words, ByteOrder order) {
  if (order == ByteOrder::cdab || order == ByteOrder::dcba)
    for (std::size_t i = 0; i < words.size() / 2; ++i) std::swap(words[i], words[words.size() - 1 - i]);
  if (order == ByteOrder::badc || order == ByteOrder::dcba)
    for (auto& word : words) word = static_cast<std::uint16_t>(word << 8 | word >> 8);
}

std::vector<std::uint16_t> split(std::uint64_t bits, int words) {
  std::vector<std::uint16_t> out;
  for (int i = words - 1; i >= 0; --i) out.push_back(static_cast<std::uint16_t>(bits >> (16 * i)));
  return out;
}

std::unexpected<Error> does_not_fit(double value, const char* type) {
  return fail(Errc::invalid_argument, "the register type " + std::string(type) + " cannot hold " + number_text(value));
}

/// `raw` as an integer type's bits; nothing is clamped.
template <class Integer>
Result<std::uint64_t> integer_bits(double raw, const char* type) {
  const double rounded = std::nearbyint(raw);
  const double above = std::ldexp(1.0, std::numeric_limits<Integer>::digits);  // max + 1, exact
  const bool fits = rounded >= static_cast<double>(std::numeric_limits<Integer>::min()) && rounded < above;
  if (!fits)  // NaN does not either
    return does_not_fit(raw, type);
  return static_cast<std::uint64_t>(static_cast<Integer>(rounded));
}

Result<std::uint64_t> bits_of(double raw, ValueType type) {
  switch (type) {
    case ValueType::boolean:
      if (raw != 0 && raw != 1) return does_not_fit(raw, "boolean");
      return raw == 1 ? 1u : 0u;
    case ValueType::u16:
      return integer_bits<std::uint16_t>(raw, "u16");
    case ValueType::i16:
      return integer_bits<std::int16_t>(raw, "i16");
    case ValueType::u32:
      return integer_bits<std::uint32_t>(raw, "u32");
    case ValueType::i32:
      return integer_bits<std::int32_t>(raw, "i32");
    case ValueType::u64:
      return integer_bits<std::uint64_t>(raw, "u64");
    case ValueType::i64:
      return integer_bits<std::int64_t>(raw, "i64");
    case ValueType::f32:
      if (std::abs(raw) > std::numeric_limits<float>::max()) return does_not_fit(raw, "f32");
      return std::bit_cast<std::uint32_t>(static_cast<float>(raw));
    case ValueType::f64:
      return std::bit_cast<std::uint64_t>(raw);
    default:  // BCD and texts: no scenario can ask for them
      return fail(Errc::internal, "unknown register type");
  }
}

double raw_of(std::uint64_t bits, ValueType type) {
  switch (type) {
    case ValueType::boolean:
      return bits != 0 ? 1 : 0;
    case ValueType::u16:
      return static_cast<std::uint16_t>(bits);
    case ValueType::i16:
      return static_cast<std::int16_t>(bits);
    case ValueType::u32:
      return static_cast<std::uint32_t>(bits);
    case ValueType::i32:
      return static_cast<std::int32_t>(bits);
    case ValueType::u64:
      return static_cast<double>(bits);
    case ValueType::i64:
      return static_cast<double>(static_cast<std::int64_t>(bits));
    case ValueType::f32:
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    case ValueType::f64:
      return std::bit_cast<double>(bits);
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

Result<std::vector<std::uint16_t>> encode(double value, const Place& place) {
  const auto bits = bits_of((value - place.offset) / place.scale, place.type);
  if (!bits) return fail(bits.error());
  auto words = split(*bits, place.size());
  reorder(words, place.order);
  return words;
}

double decode(std::span<const std::uint16_t> words, const Place& place) {
  std::vector<std::uint16_t> ordered(words.begin(), words.end());
  reorder(ordered, place.order);
  std::uint64_t bits = 0;
  for (const auto word : ordered) bits = bits << 16 | word;
  return raw_of(bits, place.type) * place.scale + place.offset;
}

}  // namespace anlan::plant
