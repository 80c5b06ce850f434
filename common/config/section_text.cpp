#include "common/config/section_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace anlan {

std::string Section::shown(std::string_view text) {
  constexpr std::size_t kMost = 80;
  std::size_t end = std::min(text.size(), kMost);
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    ++end;  // never inside a character
  std::string quoted;
  for (const char c : text.substr(0, end)) quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return "\"" + escaped(quoted) + (end < text.size() ? "…\"" : "\"");
}

std::string Section::shown(double number) {
  std::array<char, 32> text;
  if (std::abs(number) < 1e15 && number == std::floor(number)) {
    const auto end = std::to_chars(text.begin(), text.end(), static_cast<std::int64_t>(number)).ptr;
    return {text.begin(), end};
  }
  return {text.begin(), std::to_chars(text.begin(), text.end(), number).ptr};
}

namespace config_text {

std::string_view type_name(const Node& node) {
  constexpr std::array<std::string_view, 7> names{
      "a table", "a list", "a text", "a whole number", "a number with a point", "a truth value", "a date or time"};
  return names[node.value.index()];
}

std::string value_text(const Node& node) {
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&node.value)) return Section::shown(*real);
  if (const auto* truth = std::get_if<bool>(&node.value)) return *truth ? "true" : "false";
  if (const auto* time = std::get_if<Node::Time>(&node.value)) return time->text;
  return {};
}

std::string range_text(const Setting& setting) {
  constexpr double kMost = 9.2e18;  // what lies beyond (2^63) no TOML integer reaches: not worth printing
  const bool low = setting.min > -kMost, high = setting.max < kMost;
  if (low && high) return Section::shown(setting.min) + " to " + Section::shown(setting.max);
  if (low) return Section::shown(setting.min) + " or more";
  if (high) return Section::shown(setting.max) + " or less";
  return {};
}

std::string right_of(const Setting& setting, std::string_view type) {
  std::string text(type);
  const std::string range = range_text(setting);
  if (!range.empty()) text += (text.empty() ? "" : ", ") + range;
  if (!setting.unit.empty()) text += " (" + std::string(setting.unit) + ")";
  if (!setting.example.empty()) text += ", for example " + std::string(setting.example);
  return text;
}

bool plain_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace config_text
}  // namespace anlan
