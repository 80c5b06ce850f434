#include "tests/contract/api/schema_check.hpp"

#include <algorithm>
#include <regex>
#include <set>

#include "common/base/time.hpp"

namespace anlan::test {
namespace {

namespace json = boost::json;
using Faults = std::vector<std::string>;

const json::value& resolve(const json::value& document, std::string_view reference) {
  const json::value* at = &document;
  for (std::size_t i = 2; i <= reference.size();) {  // after "#/"
    const auto slash = std::min(reference.find('/', i), reference.size());
    at = &at->at(reference.substr(i, slash - i));
    i = slash + 1;
  }
  return *at;
}

bool is(const json::value& value, std::string_view type) {
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  return type == "null" && value.is_null();
}

bool of_type(const json::value& value, const json::value& types) {
  if (types.is_string()) return is(value, types.as_string());
  return std::ranges::any_of(types.as_array(), [&](const json::value& type) { return is(value, type.as_string()); });
}

class Check {
 public:
  Check(const json::value& document, Faults& faults) : document_(document), faults_(faults) {}

  void value(const json::value& v, const json::value& schema, const std::string& place) {
    for (const auto& keyword : schema.as_object()) keyword_of(v, schema, keyword.key(), keyword.value(), place);
  }

 private:
  void wrong(const std::string& place, const std::string& why) { faults_.push_back(place + ": " + why); }

  void keyword_of(const json::value& v, const json::value& schema, std::string_view key, const json::value& rule,
                  const std::string& place) {
    static const std::set<std::string_view> kSilent{"description", "default"};
    if (key == "$ref")
      value(v, resolve(document_, rule.as_string()), place);
    else if (key == "type") {
      if (!of_type(v, rule)) wrong(place, json::serialize(v).substr(0, 80) + " is no " + json::serialize(rule));
    } else if (key == "enum") {
      if (std::ranges::find(rule.as_array(), v) == rule.as_array().end())
        wrong(place, json::serialize(v) + " is not in the enumeration");
    } else if (key == "properties")
      members(v, schema, rule, place);
    else if (key == "required")
      required(v, rule, place);
    else if (key == "items")
      elements(v, rule, place);
    else if (key == "oneOf")
      one_of(v, rule, place);
    else if (key == "pattern") {
      if (v.is_string() && !std::regex_search(v.as_string().c_str(), std::regex(rule.as_string().c_str())))
        wrong(place, json::serialize(v) + " does not match");
    } else if (key == "format") {
      if (rule == "date-time" && v.is_string() && (!parse_time(v.as_string()) || v.as_string().size() != 24))
        wrong(place, "no time: " + json::serialize(v));
    } else if (key == "minimum") {
      if (v.is_number() && v.to_number<double>() < rule.to_number<double>()) wrong(place, "too small");
    } else if (key == "maximum") {
      if (v.is_number() && v.to_number<double>() > rule.to_number<double>()) wrong(place, "too large");
    } else if (key == "minLength") {
      if (v.is_string() && v.as_string().size() < rule.to_number<std::size_t>()) wrong(place, "too short");
    } else if (key == "maxLength") {
      if (v.is_string() && v.as_string().size() > rule.to_number<std::size_t>()) wrong(place, "too long");
    } else if (key == "additionalProperties") {
      if (rule != json::value(false)) wrong(place, "additionalProperties other than false are not checked");
    } else if (!kSilent.contains(key))
      wrong(place, "the schema's keyword " + std::string(key) + " is not checked");
  }

  void members(const json::value& v, const json::value& schema, const json::value& properties,
               const std::string& place) {
    if (!v.is_object()) return;
    const bool closed = schema.as_object().contains("additionalProperties");
    for (const auto& member : v.as_object()) {
      const json::value* known = properties.as_object().if_contains(member.key());
      if (known != nullptr)
        value(member.value(), *known, place + "." + std::string(member.key()));
      else if (closed)
        wrong(place, "has a member that the document does not name: " + std::string(member.key()));
    }
  }

  void required(const json::value& v, const json::value& names, const std::string& place) {
    if (!v.is_object()) return;
    for (const json::value& name : names.as_array())
      if (!v.as_object().contains(name.as_string())) wrong(place, "lacks " + std::string(name.as_string()));
  }

  void elements(const json::value& v, const json::value& schema, const std::string& place) {
    if (!v.is_array()) return;
    for (std::size_t i = 0; i < v.as_array().size(); ++i)
      value(v.as_array()[i], schema, place + "[" + std::to_string(i) + "]");
  }

  void one_of(const json::value& v, const json::value& schemas, const std::string& place) {
    const auto fits = std::ranges::count_if(schemas.as_array(), [&](const json::value& schema) {
      return check_schema(v, schema, document_, place).empty();
    });
    if (fits != 1)
      wrong(place, json::serialize(v).substr(0, 80) + " fits " + std::to_string(fits) + " of the alternatives");
  }

  const json::value& document_;
  Faults& faults_;
};

}  // namespace

Faults check_schema(const json::value& value, const json::value& schema, const json::value& document,
                    const std::string& place) {
  Faults faults;
  Check(document, faults).value(value, schema, place);
  return faults;
}

}  // namespace anlan::test
