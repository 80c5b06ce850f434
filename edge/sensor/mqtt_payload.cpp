#include "edge/sensor/mqtt_payload.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace anlan::edge {
namespace {

namespace json = boost::json;

PayloadField number(double value) { return {PayloadField::Kind::number, value, {}}; }
PayloadField fault(std::string why) { return {PayloadField::Kind::fault, kNoValue, std::move(why)}; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

PayloadField scalar(std::string_view payload) {
  const std::string_view text = trimmed(payload);
  if (text == "true") return number(1);
  if (text == "false") return number(0);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return fault("the payload is no number");
  return number(value);
}

PayloadField field(const json::value& root, const std::string& pointer) {
  json::error_code error;
  const json::value* found = root.find_pointer(pointer, error);
  if (found == nullptr) return {};
  if (found->is_bool()) return number(found->get_bool() ? 1 : 0);
  if (found->is_number()) return number(found->to_number<double>());
  return fault("the field " + pointer + (found->is_null() ? " is null" : " is no number"));
}

}  // namespace

std::vector<PayloadField> read_payload(std::string_view payload, std::span<const std::string> pointers) {
  if (payload.size() > kMaxSensorPayload)
    return std::vector(pointers.size(), fault("the payload has " + std::to_string(payload.size()) + " bytes"));
  std::vector<PayloadField> fields;
  std::optional<json::value> root;
  json::error_code error;
  for (const std::string& pointer : pointers) {
    if (pointer.empty()) {
      fields.push_back(scalar(payload));
      continue;
    }
    if (!root && !error) {
      auto parsed = json::parse(payload, error);
      if (!error) root = std::move(parsed);
    }
    fields.push_back(root ? field(*root, pointer) : fault("the payload is no JSON: " + error.message()));
  }
  return fields;
}

}  // namespace anlan::edge
