#include "edge/sensor/firmware.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "edge/sensor/raw_value.hpp"

namespace anlan::edge {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// 2.1 is 2.1.0.
int compare(std::vector<int> a, std::vector<int> b) {
  const auto parts = std::max(a.size(), b.size());
  a.resize(parts);
  b.resize(parts);
  return a < b ? -1 : a > b;
}

template <class Number>
std::string decimal(Number number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

}  // namespace

std::vector<int> version_in(std::string_view text) {
  std::vector<int> numbers;
  const char* const end = text.data() + text.size();
  for (const char* at = std::find_if(text.data(), end, is_digit); at != end && is_digit(*at);) {
    int number = 0;
    const char* const after = std::find_if_not(at, end, is_digit);
    if (after - at > 9) return {};
    std::from_chars(at, after, number);
    numbers.push_back(number);
    at = after != end && *after == '.' ? after + 1 : end;
  }
  return numbers;
}

bool matches(const FirmwareRule& rule, std::string_view firmware) {
  if (rule.exact) return firmware == *rule.exact;
  if (rule.prefix) return firmware.starts_with(*rule.prefix);
  const auto version = version_in(firmware);
  if (version.empty()) return false;
  return (!rule.from || compare(version, version_in(*rule.from)) >= 0) &&
         (!rule.below || compare(version, version_in(*rule.below)) < 0);
}

Variant base_of(const ProfilePoints& points, const Revisions& revisions) { return {"", points, revisions.absent}; }

std::optional<Variant> choose_revision(const ProfilePoints& points, const Revisions& revisions,
                                       std::string_view firmware) {
  for (const Revision& revision : revisions.list) {
    if (!matches(revision.rule, firmware)) continue;
    Variant variant{revision.name, points, revision.absent};
    for (const auto& [i, point] : revision.points) variant.points.edit().at(i) = point;
    return variant;
  }
  if (revisions.otherwise_base) return base_of(points, revisions);
  return std::nullopt;
}

std::string firmware_text(const ModbusSource& source, std::span<const std::uint16_t> registers) {
  if (source.type == ValueType::text) {
    std::string text = text_of(registers.first(static_cast<std::size_t>(source.count())), source.order);
    std::ranges::replace_if(text, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
    return text;
  }
  const Raw raw = decode(source, registers);
  switch (raw.form) {
    case Raw::Form::integer:
      return decimal(raw.integer);
    case Raw::Form::large:
      return decimal(raw.bits);
    case Raw::Form::real:
      if (!std::isfinite(raw.real)) break;
      return source.type == ValueType::f32 ? decimal(static_cast<float>(raw.real)) : decimal(raw.real);
    case Raw::Form::none:
      break;
  }
  return {};
}

}  // namespace anlan::edge
