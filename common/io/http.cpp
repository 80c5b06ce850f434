#include "common/io/http.hpp"

#include <algorithm>

#include <strings.h>

namespace anlan {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// RFC 9110 token.
bool valid_field_name(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != marks.npos;
  });
}

/// No control characters but tab.
bool valid_field_value(std::string_view value) {
  return std::ranges::none_of(value,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

}  // namespace

bool HttpHeaders::add(std::string_view name, std::string_view value) {
  if (!valid_field_name(name) || !valid_field_value(value)) return false;
  fields_.emplace_back(name, value);
  return true;
}

bool HttpHeaders::set(std::string_view name, std::string_view value) {
  if (!valid_field_name(name) || !valid_field_value(value)) return false;
  std::erase_if(fields_, [&](const auto& field) { return same_name(field.first, name); });
  fields_.emplace_back(name, value);
  return true;
}

std::string_view HttpHeaders::get(std::string_view name) const {
  for (const auto& [field, value] : fields_)
    if (same_name(field, name)) return value;
  return {};
}

bool HttpHeaders::has(std::string_view name) const { return count(name) > 0; }

std::size_t HttpHeaders::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [&](const auto& field) { return same_name(field.first, name); }));
}

}  // namespace anlan
