#include "edge/sample/entered_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "edge/sample/decoder.hpp"
#include "edge/sample/scaling.hpp"
#include "edge/sensor/raw_value.hpp"

namespace anlan::edge {
namespace {

constexpr std::size_t kExactDigits = 15;  // DBL_DIG

template <class Number>
std::string shortest(Number value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return {text, end};
}

/// Digits between the first and the last that is not 0, of the part before an exponent.
std::size_t significant_digits(std::string_view number) {
  std::string digits;
  for (const char c : number.substr(0, number.find_first_of("eE")))
    if (c >= '0' && c <= '9') digits += c;
  const auto first = digits.find_first_not_of('0');
  return first == digits.npos ? 0 : digits.find_last_not_of('0') - first + 1;
}

bool single_float(const ProfilePoint& point) {
  return std::get<ModbusSource>(point.source).type == ValueType::f32 && point.scale == 1 && point.offset == 0;
}

std::string number_text(const ProfilePoint& point, double value) {
  return single_float(point) ? shortest(static_cast<float>(value)) : shortest(value);
}

std::string wanted(const ProfilePoint& point) {
  const std::string meanings = shown_meanings(point);
  return meanings.empty() ? "a number such as 47.3" : "one of " + meanings;
}

}  // namespace

Result<double> entered_value(const ProfilePoint& point, std::string_view text) {
  const auto means = [&](const auto& entry) { return entry.second == text; };
  const Scaling scaling(point.scale, point.offset);
  if (const auto found = std::ranges::find_if(point.meanings, means); found != point.meanings.end()) {
    if (std::ranges::count_if(point.meanings, means) == 1) return scaling(found->first);
    return fail(Errc::invalid_argument, "means several numbers; right would be the number itself");
  }
  double value = 0;
  if (!number_of(text, value))
    return fail(Errc::invalid_argument, "is no value of it; right would be " + wanted(point));
  if (significant_digits(text) <= kExactDigits) return value;
  return fail(Errc::invalid_argument, "has more than 15 significant digits, which would be rounded");
}

const std::string* meaning_of(const ProfilePoint& point, std::span<const std::uint16_t> registers) {
  constexpr double kWholeBelow = 1e15;
  const Raw raw = decode(std::get<ModbusSource>(point.source), registers);
  const bool whole_real =
      raw.form == Raw::Form::real && std::abs(raw.real) < kWholeBelow && raw.real == std::nearbyint(raw.real);
  if (raw.form != Raw::Form::integer && !whole_real) return nullptr;
  const auto found = point.meanings.find(whole_real ? std::llround(raw.real) : raw.integer);
  return found == point.meanings.end() ? nullptr : &found->second;
}

std::string shown_value(const ProfilePoint& point, std::span<const std::uint16_t> registers) {
  const Normalized read = Decoder(point)(registers);
  if (std::isnan(read.value)) return "no value";
  std::string text = number_text(point, read.value);
  if (const auto* meaning = meaning_of(point, registers)) return text + " (" + *meaning + ")";
  return point.unit == "1" ? text : text + " " + point.unit;
}

std::string shown_meanings(const ProfilePoint& point) {
  const Scaling scaling(point.scale, point.offset);
  std::string all;
  for (const auto& [raw, meaning] : point.meanings)
    all += (all.empty() ? "" : ", ") + shortest(scaling(raw)) + " (" + meaning + ")";
  return all;
}

}  // namespace anlan::edge
