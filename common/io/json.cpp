#include "common/io/json.hpp"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>

#include "common/io/http_target.hpp"

namespace anlan {
namespace {

namespace json = boost::json;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// plain_text() of each line.
bool readable(std::string_view text) {
  std::string joined(text);
  std::ranges::replace_if(joined, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return plain_text(joined);
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : std::string(separator)) + part;
  return all;
}

}  // namespace

Result<json::object> parse_json_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = 32;
  json::stream_parser parser({}, options);
  boost::system::error_code failed;
  const std::size_t read = parser.write_some(text.data(), text.size(), failed);
  if (!failed && text.find_first_not_of(" \t\r\n", read) != text.npos) failed = json::error::extra_data;
  if (!failed) parser.finish(failed);
  if (failed)
    return fail(Errc::malformed, "the body is no JSON: " + failed.message() + " at byte " + std::to_string(read));
  json::value value = parser.release();
  if (!value.is_object()) return fail(Errc::malformed, "the body is JSON, but no object");
  return std::move(value.get_object());
}

JsonFields::JsonFields(const json::object& object, std::string where) : object_(object), where_(std::move(where)) {}

/// nullptr where it is absent or null.
const json::value* JsonFields::find(std::string_view name) {
  known_.emplace_back(name);
  const json::value* value = object_.if_contains(name);
  return value != nullptr && value->is_null() ? nullptr : value;
}

void JsonFields::wrong(std::string_view name, std::string why) {
  faults_.push_back(where_ + std::string(name) + " " + why);
}

std::string JsonFields::text(std::string_view name, std::size_t least, std::size_t most) {
  const json::value* value = find(name);
  if (value == nullptr) {
    if (least > 0) wrong(name, "is missing");
    return {};
  }
  const json::string* found = value->if_string();
  if (found == nullptr) {
    wrong(name, "is no text");
    return {};
  }
  const std::string_view inner = trimmed({found->data(), found->size()});
  if (inner.empty() && least > 0)
    wrong(name, "is empty");
  else if (inner.size() < least || inner.size() > most)
    wrong(name, "has " + std::to_string(inner.size()) + " bytes; right would be " + std::to_string(least) + " to " +
                    std::to_string(most));
  else if (!readable(inner))
    wrong(name, "has control characters in it, or bytes that are no UTF-8");
  else
    return std::string(inner);
  return {};
}

std::string JsonFields::optional_text(std::string_view name, std::size_t most) { return text(name, 0, most); }

std::optional<WallTime> JsonFields::optional_time(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->if_int64()) return wall_from_ms(*number);
  const json::string* found = value->if_string();
  const auto time =
      found == nullptr ? Result<WallTime>(fail(Errc::malformed, "")) : parse_time({found->data(), found->size()});
  if (time) return *time;
  wrong(name, "is no time; right would be RFC 3339 with a zone (2026-11-23T08:15:00Z) or epoch milliseconds");
  return std::nullopt;
}

std::optional<bool> JsonFields::optional_flag(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const bool* flag = value->if_bool()) return *flag;
  wrong(name, "is neither true nor false");
  return std::nullopt;
}

std::optional<std::int64_t> JsonFields::optional_integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->if_int64(); number != nullptr && *number >= least && *number <= most) return *number;
  wrong(name, "is no whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::string JsonFields::verbatim(std::string_view name, std::size_t most) {
  const json::value* value = find(name);
  if (value == nullptr) {
    wrong(name, "is missing");
    return {};
  }
  const json::string* found = value->if_string();
  if (found == nullptr || found->size() > most || !readable({found->data(), found->size()})) {
    wrong(name, "is no text, longer than " + std::to_string(most) + " bytes, or has control characters in it");
    return {};
  }
  return {found->data(), found->size()};
}

std::vector<std::string> JsonFields::optional_texts(std::string_view name, std::size_t most) {
  const json::value* value = find(name);
  if (value == nullptr) return {};
  std::vector<std::string> texts;
  const json::array* array = value->if_array();
  bool good = array != nullptr && array->size() <= 100;
  for (std::size_t i = 0; good && i < array->size(); ++i) {
    const json::string* text = (*array)[i].if_string();
    good = text != nullptr && !text->empty() && text->size() <= most && readable({text->data(), text->size()});
    if (good) texts.emplace_back(text->data(), text->size());
  }
  if (good) return texts;
  wrong(name, "is no list of at most 100 texts");
  return {};
}

const json::object* JsonFields::optional_object(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (const json::object* object = value->if_object()) return object;
  wrong(name, "is no object");
  return nullptr;
}

void JsonFields::include(const JsonFields& inner) {
  for (std::string& fault : inner.faults()) faults_.push_back(std::move(fault));
}

std::vector<std::string> JsonFields::faults() const {
  std::vector<std::string> all = faults_;
  for (const auto& member : object_)
    if (std::ranges::find(known_, std::string_view(member.key().data(), member.key().size())) == known_.end())
      all.push_back(where_ +
                    std::string(std::string_view(member.key().data(), std::min<std::size_t>(member.key().size(), 80))) +
                    " is unknown; known are: " + joined(known_, ", "));
  return all;
}

Result<void> JsonFields::check() const {
  if (const auto all = faults(); !all.empty()) return fail(Errc::invalid_argument, joined(all, "; "));
  return {};
}

}  // namespace anlan
