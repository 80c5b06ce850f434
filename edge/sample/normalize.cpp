#include "edge/sample/normalize.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

namespace anlan::edge {
namespace {

bool is_bits(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

std::uint16_t swapped(std::uint16_t word) { return static_cast<std::uint16_t>(word << 8 | word >> 8); }

/// The registers as one big-endian number.
std::uint64_t join(std::span<const std::uint16_t> registers, ByteOrder order) {
  const bool reversed = order == ByteOrder::cdab || order == ByteOrder::dcba;
  const bool swap = registers.size() > 1 && (order == ByteOrder::badc || order == ByteOrder::dcba);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < registers.size(); ++i) {
    const std::uint16_t word = registers[reversed ? registers.size() - 1 - i : i];
    bits = bits << 16 | (swap ? swapped(word) : word);
  }
  return bits;
}

struct Raw {
  double number = kNoValue;
  std::optional<std::int64_t> integer;  // where it is one that fits; what fault values are compared with
};

Raw of_integer(std::int64_t integer) { return {static_cast<double>(integer), integer}; }

Raw decode(ValueType type, std::uint64_t bits) {
  switch (type) {
    case ValueType::boolean:
      return of_integer(bits != 0);
    case ValueType::u16:
      return of_integer(static_cast<std::uint16_t>(bits));
    case ValueType::i16:
      return of_integer(static_cast<std::int16_t>(bits));
    case ValueType::u32:
      return of_integer(static_cast<std::uint32_t>(bits));
    case ValueType::i32:
      return of_integer(static_cast<std::int32_t>(bits));
    case ValueType::i64:
      return of_integer(static_cast<std::int64_t>(bits));
    case ValueType::u64:
      if (bits >> 63 == 0) return of_integer(static_cast<std::int64_t>(bits));
      return {static_cast<double>(bits), std::nullopt};
    case ValueType::f32:
      return {std::bit_cast<float>(static_cast<std::uint32_t>(bits)), std::nullopt};
    case ValueType::f64:
      return {std::bit_cast<double>(bits), std::nullopt};
  }
  return {};
}

bool means_fault(const ProfilePoint& point, const Raw& raw) {
  return std::ranges::any_of(point.fault_values, [&](std::int64_t fault) {
    return raw.integer ? *raw.integer == fault : raw.number == static_cast<double>(fault);
  });
}

Normalized finish(const ProfilePoint& point, const Raw& raw) {
  if (!std::isfinite(raw.number) || means_fault(point, raw)) return {kNoValue, Quality::device_fault};
  const bool as_is = point.scale == 1 && point.offset == 0;  // adding 0 would turn -0 into 0
  const double value = as_is ? raw.number : raw.number * point.scale + point.offset;
  if (!std::isfinite(value)) return {kNoValue, Quality::device_fault};
  const bool below = point.valid_min && value < *point.valid_min, above = point.valid_max && value > *point.valid_max;
  return {value, below || above ? Quality::out_of_range : Quality::good};
}

}  // namespace

Normalized normalize(const ProfilePoint& point, std::span<const std::uint16_t> registers) {
  const auto& source = std::get<ModbusSource>(point.source);
  if (is_bits(source.table)) return finish(point, of_integer(registers[0] != 0));
  if (source.bit) return finish(point, of_integer(registers[0] >> *source.bit & 1));
  return finish(point, decode(source.type, join(registers.first(register_count(source.type)), source.order)));
}

Normalized normalize(const ProfilePoint& point, double raw) { return finish(point, {raw, std::nullopt}); }

}  // namespace anlan::edge
