#include "collector/cli/fields.hpp"

#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/cli/display.hpp"

namespace anlan::collector::cli {

namespace json = boost::json;

std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return printable({text->data(), text->size()});
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_double()) {
    char text[40];
    return {text, std::to_chars(text, text + sizeof text, value.get_double()).ptr};
  }
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

const json::array& elements(const json::value& object, std::string_view path) {
  static const json::array none;
  const json::value* found = member(object, path);
  return found == nullptr || !found->is_array() ? none : found->get_array();
}

}  // namespace anlan::collector::cli
