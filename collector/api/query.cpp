#include "collector/api/query.hpp"

#include <algorithm>
#include <charconv>

#include "common/model/ids.hpp"

namespace anlan::collector {
namespace {

constexpr WallTime kLastTime{Millis{253'402'300'799'999}};  // 9999-12-31T23:59:59.999Z

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
  return all;
}

bool among(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

}  // namespace

QueryFields::QueryFields(const Parameters& parameters) : parameters_(parameters) {}

void QueryFields::wrong(std::string_view name, const std::string& why) {
  faults_.push_back(std::string(name) + " " + why);
}

/// nullptr where it is absent, empty, or given twice.
const std::string* QueryFields::find(std::string_view name) {
  known_.emplace_back(name);
  const std::string* found = nullptr;
  for (const auto& [key, value] : parameters_) {
    if (key != name) continue;
    if (found != nullptr) {
      wrong(name, "is given more than once");
      return nullptr;
    }
    found = &value;
  }
  if (found == nullptr || !found->empty()) return found;
  wrong(name, "is empty; leave it out instead");
  return nullptr;
}

std::string QueryFields::text(std::string_view name, std::size_t most) {
  const std::string* value = find(name);
  if (value == nullptr) return {};
  if (value->size() <= most) return *value;
  wrong(name, "is longer than " + std::to_string(most) + " bytes");
  return {};
}

std::string QueryFields::name(std::string_view name) {
  const std::string* value = find(name);
  if (value == nullptr || valid_name(*value)) return value == nullptr ? "" : *value;
  wrong(name, "is no name: a to z, 0 to 9 and '-', 1 to 63 characters");
  return {};
}

std::optional<std::int64_t> QueryFields::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error == std::errc{} && end == value->data() + value->size() && number >= least && number <= most) return number;
  wrong(name, "is no whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<bool> QueryFields::flag(std::string_view name) {
  const std::string value = choice(name, {"true", "false"});
  return value.empty() ? std::nullopt : std::optional(value == "true");
}

std::optional<WallTime> QueryFields::time(std::string_view name) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto time = parse_time(*value);
  if (time && *time >= WallTime{} && *time <= kLastTime) return *time;
  wrong(
      name,
      "is no time from 1970 to 9999; right would be RFC 3339 with a zone (2026-11-23T08:15:00Z) or epoch milliseconds");
  return std::nullopt;
}

std::string QueryFields::choice(std::string_view name, const std::vector<std::string>& choices) {
  const std::string* value = find(name);
  if (value == nullptr || among(choices, *value)) return value == nullptr ? "" : *value;
  wrong(name, "is none of: " + joined(choices));
  return {};
}

std::vector<std::string> QueryFields::choices(std::string_view name, const std::vector<std::string>& choices) {
  const std::string* value = find(name);
  std::vector<std::string> found;
  if (value == nullptr) return found;
  for (std::size_t at = 0; at <= value->size();) {
    const std::size_t comma = std::min(value->find(',', at), value->size());
    found.push_back(value->substr(at, comma - at));
    at = comma + 1;
  }
  if (std::ranges::all_of(found, [&](const std::string& one) { return among(choices, one); })) return found;
  wrong(name, "holds something else than: " + joined(choices) + " (several are separated by commas)");
  return {};
}

std::vector<std::string> QueryFields::faults() const {
  std::vector<std::string> all = faults_;
  for (const auto& [key, value] : parameters_)
    if (!among(known_, key))
      all.push_back("'" + key.substr(0, 80) + "' is unknown; known are: " + (known_.empty() ? "none" : joined(known_)));
  return all;
}

}  // namespace anlan::collector
