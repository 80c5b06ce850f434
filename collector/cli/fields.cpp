#include "collector/cli/fields.hpp"

#include <charconv>
#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/cli/display.hpp"

namespace anlan::collector::cli {

namespace json = boost::json;

namespace {

template <class Number>
std::string shortest(Number value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

bool was_float32(double value) {
  return static_cast<double>(static_cast<float>(value)) == value && std::trunc(value) != value;
}

std::string digits(double value) { return was_float32(value) ? shortest(static_cast<float>(value)) : shortest(value); }

}  // namespace

std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return printable({text->data(), text->size()});
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_double()) return shortest(value.get_double());
  return value.is_null() ? "" : printable(json::serialize(value));
}

const json::value* member(const json::value& object, std::string_view path) {
  const json::value* at = &object;
  while (at != nullptr && !path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    at = at->is_object() ? at->get_object().if_contains(name) : nullptr;
  }
  return at;
}

std::string field(const json::value& object, std::string_view path) {
  const json::value* found = member(object, path);
  return found == nullptr ? "" : text_of(*found);
}

std::string measured(const json::value& object, std::string_view value_path, std::string_view unit_path) {
  const json::value* value = member(object, value_path);
  if (value == nullptr || !value->is_number()) return "";
  const std::string unit = field(object, unit_path);
  return digits(value->to_number<double>()) + (unit.empty() || unit == "1" ? "" : " " + unit);
}

const json::array& elements(const json::value& object, std::string_view path) {
  static const json::array none;
  const json::value* found = member(object, path);
  return found == nullptr || !found->is_array() ? none : found->get_array();
}

}  // namespace anlan::collector::cli
