#include "collector/store/sample_values.hpp"

#include <bit>
#include <cstdint>
#include <optional>

#include "common/base/decimal.hpp"

namespace anlan::collector {
namespace {

std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

enum ValueKind : unsigned char {
  bits = 0,
  decimal = 1,
  single_decimal = 2
};  // the last: 23.4 as an instrument's float32

/// The fewest digits with which every value survives; fills `out`.
std::optional<int> scale_all(const std::vector<double>& values, ValueKind kind, std::vector<std::int64_t>& out) {
  out.resize(values.size());
  for (int digits = 0; digits <= kMostDigits; ++digits) {
    std::size_t i = 0;
    for (; i < values.size(); ++i) {
      const auto number = to_scaled(values[i], digits, kind == single_decimal);
      if (!number) break;
      out[i] = *number;
    }
    if (i == values.size()) return digits;
  }
  return std::nullopt;
}

void put_bits(std::string& out, const std::vector<double>& values, Effort effort) {
  std::string planes(8 * values.size(), '\0');  // all first bytes, all second bytes …: equal ones stand together
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint64_t changed = bits_of(values[i]) ^ before;
    before = bits_of(values[i]);
    for (std::size_t byte = 0; byte < 8; ++byte)
      planes[byte * values.size() + i] = static_cast<char>(changed >> (8 * byte));
  }
  pack(out, planes, effort);
}

}  // namespace

void put_values(std::string& out, const std::vector<double>& values, Effort effort) {
  std::vector<std::int64_t> numbers;
  for (const ValueKind kind : {decimal, single_decimal}) {
    const auto digits = scale_all(values, kind, numbers);
    if (!digits) continue;
    out += static_cast<char>(kind);
    out += static_cast<char>(*digits);
    std::string differences;
    std::int64_t before = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      put_varint(i == 0 ? out : differences, zigzag(static_cast<std::uint64_t>(numbers[i] - before)));
      before = numbers[i];
    }
    pack(out, differences, effort);
    return;
  }
  out += static_cast<char>(bits);
  put_bits(out, values, effort);
}

std::vector<double> get_values(ByteReader& in, std::size_t count) {
  std::vector<double> values(count);
  const auto fault = [&] { in.fault(); };
  const auto kind = static_cast<ValueKind>(in.byte());
  if (kind == bits) {
    const std::string planes = unpack(in, 8 * count);
    if (planes.size() != 8 * count) return fault(), values;
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t byte = 0; byte < 8; ++byte)
        word ^= std::uint64_t{static_cast<unsigned char>(planes[byte * count + i])} << (8 * byte);
      values[i] = std::bit_cast<double>(word);
    }
    return values;
  }
  const int digits = in.byte();
  if (kind > single_decimal || digits > kMostDigits) return fault(), values;
  std::uint64_t number = count > 0 ? unzigzag(in.varint()) : 0;
  const std::string differences = unpack(in, 10 * count);
  ByteReader rest(differences);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) number += unzigzag(rest.varint());
    values[i] = from_scaled(static_cast<std::int64_t>(number), digits, kind == single_decimal);
  }
  if (!rest.ok() || !rest.done()) fault();
  return values;
}

}  // namespace anlan::collector
