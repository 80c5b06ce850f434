#include "collector/audit/entry.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "common/base/utf8.hpp"

namespace anlan::collector {
namespace {

namespace json = boost::json;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// The wrong bytes of a text that is not UTF-8, each replaced.
std::string repaired(std::string_view text) {
  std::string good;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < 4 && length < text.size() && !valid_utf8(text.substr(0, length))) ++length;
    const bool valid = valid_utf8(text.substr(0, length));
    good += valid ? text.substr(0, length) : kReplacement;
    text.remove_prefix(valid ? length : 1);
  }
  return good;
}

void add_text(std::string& line, std::string_view text) {
  if (!valid_utf8(text)) return add_text(line, repaired(text));
  constexpr char digits[] = "0123456789abcdef";
  line += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') line += '\\';
    if (byte < 0x20 || byte == 0x7f)
      line.append("\\u00") += {digits[byte >> 4], digits[byte & 15]};
    else
      line += c;
  }
  line += '"';
}

void add_member(std::string& line, std::string_view name, std::string_view text) {
  line.append(",\"").append(name).append("\":");
  add_text(line, text);
}

std::string text_of(const json::object& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

/// Names are sorted as they will be read.
AuditEntry with_readable_names(AuditEntry entry) {
  std::map<std::string, std::string> data;
  for (const auto& [name, value] : entry.deed.data) data.emplace(repaired(name), value);
  entry.deed.data = std::move(data);
  return entry;
}

}  // namespace

std::string to_line(const AuditEntry& entry) {
  const Deed& deed = entry.deed;
  if (std::ranges::any_of(deed.data, [](const auto& item) { return !valid_utf8(item.first); }))
    return to_line(with_readable_names(entry));
  std::string line = "{\"number\":" + std::to_string(entry.number);
  add_member(line, "at", to_rfc3339(deed.at));
  add_member(line, "actor", deed.actor.name);
  add_member(line, "role", to_string(deed.actor.role));
  add_member(line, "act", deed.act);
  add_member(line, "subject", deed.subject);
  add_member(line, "reason", deed.reason);
  line += ",\"data\":{";
  bool first = true;
  for (const auto& [name, value] : deed.data) {
    if (!std::exchange(first, false)) line += ',';
    add_text(line, name);
    line += ':';
    add_text(line, value);
  }
  line += '}';
  add_member(line, "previous", to_hex(entry.previous));
  return line + '}';
}

Result<AuditEntry> parse_entry(std::string_view line) try {
  const auto value = json::parse(line);
  const auto& object = value.as_object();
  AuditEntry entry;
  entry.number = object.at("number").to_number<std::uint64_t>();
  Deed& deed = entry.deed;
  const auto at = parse_time(text_of(object, "at"));
  const auto role = role_from(text_of(object, "role"));
  const auto previous = sha256_from_hex(text_of(object, "previous"));
  if (!at || !role || !previous) return fail(Errc::malformed, "no entry of the log");
  deed.at = *at;
  deed.actor = {text_of(object, "actor"), *role};
  deed.act = text_of(object, "act");
  deed.subject = text_of(object, "subject");
  deed.reason = text_of(object, "reason");
  for (const auto& [name, item] : object.at("data").as_object())
    deed.data.emplace(std::string(name), std::string(item.as_string()));
  entry.previous = *previous;
  if (to_line(entry) != line) return fail(Errc::malformed, "an entry that is not in its canonical form");
  return entry;
} catch (const std::exception&) {
  return fail(Errc::malformed, "no entry of the log");
}

}  // namespace anlan::collector
