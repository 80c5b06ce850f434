#include "edge/sensor/profile_value.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "edge/sensor/raw_value.hpp"

namespace anlan::edge {
namespace {

enum class Kind { whole, bcd, float32, number };  // number: texts, MQTT and float64

/// What raw values of a point can be. TOML has no integers above 2^63 - 1.
struct Domain {
  Kind kind = Kind::number;
  std::int64_t least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
  int width = 0;  // bits that can be written as a pattern; 0: none
};

Domain unsigned_domain(int width) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  return {Kind::whole, 0, width >= 63 ? kMost : (std::int64_t{1} << width) - 1, width};
}

Domain signed_domain(int width) {
  const auto most = static_cast<std::int64_t>(~std::uint64_t{0} >> (65 - width));
  return {Kind::whole, -most - 1, most, width};
}

Domain domain_of(const ProfilePoint& point) {
  const auto* source = std::get_if<ModbusSource>(&point.source);
  if (source == nullptr) return {};
  if (source->bits) return unsigned_domain(source->bits->count);
  const int width = 16 * source->count();
  switch (source->type) {
    case ValueType::boolean:
      return unsigned_domain(1);
    case ValueType::u16:
    case ValueType::u32:
    case ValueType::u64:
      return unsigned_domain(width);
    case ValueType::i16:
    case ValueType::i32:
    case ValueType::i64:
      return signed_domain(width);
    case ValueType::bcd16:
      return {Kind::bcd, 0, 9'999, width};
    case ValueType::bcd32:
      return {Kind::bcd, 0, 99'999'999, width};
    case ValueType::bcd64:
      return {Kind::bcd, 0, 9'999'999'999'999'999, width};
    case ValueType::f32:
      return {.kind = Kind::float32, .width = width};
    case ValueType::f64:
      return {.kind = Kind::number, .width = width};
    case ValueType::text:
      break;
  }
  return {};
}

std::uint64_t low_bits(std::uint64_t bits, int width) { return width >= 64 ? bits : bits & ((1ull << width) - 1); }

std::uint64_t bcd_of(std::int64_t number) {
  std::uint64_t bits = 0;
  for (int shift = 0; number > 0; shift += 4, number /= 10) bits |= static_cast<std::uint64_t>(number % 10) << shift;
  return bits;
}

/// The patterns of a number in a type with a point: two for zero, which has two. NaN and infinities need none.
void add_real(double number, const Domain& domain, std::vector<std::uint64_t>& out) {
  for (const double each : {number, -number}) {
    if (each != number || !std::isfinite(number)) break;
    if (domain.kind == Kind::float32)
      out.push_back(std::bit_cast<std::uint32_t>(static_cast<float>(each)));
    else
      out.push_back(std::bit_cast<std::uint64_t>(each));
    if (number != 0) break;
  }
}

void refuse_raw(Section& section, std::string_view key, const std::string& shown, const Domain& domain) {
  section.fault(key, "has " + shown + ", which the register cannot hold",
                std::to_string(domain.least) + " to " + std::to_string(domain.most) + " (before scale and offset)");
}

/// "0xffffffff": the registers themselves, as one number.
void add_pattern(Section& section, const std::string& text, const Domain& domain, std::vector<std::uint64_t>& out) {
  std::uint64_t bits = 0;
  const bool hex = text.starts_with("0x");
  const auto read = std::from_chars(text.data() + (hex ? 2 : 0), text.data() + text.size(), bits, 16);
  if (!hex || read.ec != std::errc{} || read.ptr != text.data() + text.size() || domain.width == 0 ||
      low_bits(bits, domain.width) != bits)
    return section.fault("fault_values", "has " + Section::shown(text),
                         domain.width == 0 ? "numbers: this point has no bits"
                                           : "numbers, or \"0x…\" for all " + std::to_string(domain.width) +
                                                 " bits of the value as they stand in the registers");
  out.push_back(bits);
}

void add_fault_value(Section& section, const Section::Scalar& value, const Domain& domain,
                     std::vector<std::uint64_t>& out) {
  if (const auto* text = std::get_if<std::string>(&value)) return add_pattern(section, *text, domain, out);
  const bool whole_only = domain.kind == Kind::whole || domain.kind == Kind::bcd;
  if (const auto* real = std::get_if<double>(&value)) {
    if (!whole_only) return add_real(*real, domain, out);
    return refuse_raw(section, "fault_values", Section::shown(*real), domain);
  }
  const std::int64_t number = std::get<std::int64_t>(value);
  if (!whole_only) return add_real(static_cast<double>(number), domain, out);
  if (number < domain.least || number > domain.most)
    return refuse_raw(section, "fault_values", std::to_string(number), domain);
  out.push_back(domain.kind == Kind::bcd ? bcd_of(number) : low_bits(static_cast<std::uint64_t>(number), domain.width));
}

void read_fault_values(Section& section, ProfilePoint& point) {
  std::vector<Section::Scalar> values;
  section.scalars(
      {.key = "fault_values",
       .help = "raw numbers by which the device says that it cannot tell; \"0x…\": all bits of the value as "
               "they stand in its registers",
       .example = "[0x7fff, 9.96921e36, \"0xffffffff\"]"},
      values);
  if (!section.has("fault_values")) return;
  point.fault_patterns.clear();
  const std::size_t before = section.fault_count();
  for (const auto& value : values)
    if (section.fault_count() == before) add_fault_value(section, value, domain_of(point), point.fault_patterns);
}

void read_meanings(Section& section, ProfilePoint& point) {
  std::map<std::int64_t, std::string> meanings;
  section.meanings(
      {.key = "meanings", .help = "what each raw number means", .example = "{ 0 = \"stopped\", 1 = \"running\" }"},
      [&](std::int64_t raw, std::string text) { meanings.emplace(raw, std::move(text)); });
  if (!section.has("meanings")) return;
  const Domain domain = domain_of(point);
  for (const auto& [raw, text] : meanings)
    if (raw < domain.least || raw > domain.most) return refuse_raw(section, "meanings", std::to_string(raw), domain);
  point.meanings = std::move(meanings);
}

}  // namespace

void read_value(Section& section, ProfilePoint& point) {
  section.number({.key = "scale", .help = "value = raw * scale + offset"}, point.scale);
  section.number({.key = "offset", .help = "value = raw * scale + offset"}, point.offset);
  section.number({.key = "valid_min", .help = "a smaller value has quality out-of-range", .unit = "the point's unit"},
                 point.valid_min);
  section.number({.key = "valid_max", .help = "a larger value has quality out-of-range", .unit = "the point's unit"},
                 point.valid_max);
  if (point.scale == 0) section.fault("scale", "is 0", "a number that is not 0");
  if (point.valid_min && point.valid_max && *point.valid_min >= *point.valid_max)
    section.fault("valid_max",
                  "is " + Section::shown(*point.valid_max) + " while valid_min is " + Section::shown(*point.valid_min),
                  "valid_min below valid_max");
  read_fault_values(section, point);
  read_meanings(section, point);
}

}  // namespace anlan::edge
