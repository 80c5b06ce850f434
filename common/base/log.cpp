#include "common/base/log.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "common/base/utf8.hpp"

namespace anlan::log {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

spdlog::logger& logger() {
  static const auto one = [] {
    auto made = std::make_shared<spdlog::logger>("anlan", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *one;
}

std::function<bool(const Line&)>& writer() {
  static std::function<bool(const Line&)> one;
  return one;
}

/// Length of the character at the front of `text`, or 0 where its bytes are no UTF-8.
std::size_t character(std::string_view text) {
  for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length)
    if (valid_utf8(text.substr(0, length))) return length;
  return 0;
}

/// Characters that a terminal or a viewer may take for a new line, a command or a change of direction: C0, DEL, C1,
/// U+2028 to U+202E, U+2066 to U+2069.
bool unsafe(std::string_view c) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(c[i]); };
  if (c.size() == 1) return byte(0) < ' ' || byte(0) == 0x7f;
  if (c.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;
  if (c.size() != 3 || byte(0) != 0xE2) return false;
  return (byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE) ||
         (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9);
}

/// `text` with everything unsafe as \xNN; also '"' and '\\' where it stands in quotes.
void append_safe(std::string& out, std::string_view text, bool quoted) {
  while (!text.empty()) {
    const std::size_t length = character(text);
    const std::string_view c = text.substr(0, std::max<std::size_t>(1, length));
    if (length == 0 || unsafe(c)) {
      for (const char b : c) {
        char hex[8];
        std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(b)));
        out += hex;
      }
    } else {
      if (quoted && (c == "\"" || c == "\\")) out += '\\';
      out += c;
    }
    text.remove_prefix(c.size());
  }
}

void append_value(std::string& out, std::string_view value) {
  std::string safe;
  append_safe(safe, value, true);
  const bool plain = safe == value && !safe.empty() && safe.find_first_of(" =") == safe.npos;
  out += plain ? safe : '"' + safe + '"';
}

}  // namespace

Field::Field(std::string_view k, double v) : key(k) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", v);
  value = text;
}

void write_to(std::function<bool(const Line&)> taker) { writer() = std::move(taker); }

void set_level(Level least) { logger().set_level(level_of(least)); }

void line(Level level, std::string_view part, std::string_view sentence, Fields fields) {
  if (!logger().should_log(level_of(level))) return;
  std::string text;
  append_safe(text, part, false);
  text += ": ";
  append_safe(text, sentence, false);
  for (const Field& field : fields) {
    text += ' ';
    text += field.key;
    text += '=';
    append_value(text, field.value);
  }
  if (writer() && writer()({level, text, part, fields})) return;
  logger().log(level_of(level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace anlan::log
