#include <cstdio>

#include <boost/json.hpp>

#include "collector/hazard/hazard_step.hpp"

namespace anlan::collector {

namespace json = boost::json;

namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

/// "12.5" as a person writes it (JSON's serializer says 1.25E1).
std::string decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

}  // namespace

Result<ActFields> parse_fields(std::string_view text) {
  ActFields fields;
  if (trimmed(text).empty()) return fields;
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  if (failed) return fail(Errc::invalid_argument, "fields are not JSON: " + failed.message());
  if (!value.is_object()) return fail(Errc::invalid_argument, "fields must be a JSON object");
  for (const auto& [key, item] : value.get_object()) {
    if (item.is_string())
      fields[std::string(key)] = trimmed(item.get_string());
    else if (item.is_double())
      fields[std::string(key)] = decimal(item.get_double());
    else if (item.is_number())
      fields[std::string(key)] = json::serialize(item);
    else
      return fail(Errc::invalid_argument, "field " + std::string(key) + " must be a string or a number");
  }
  return fields;
}

}  // namespace anlan::collector
