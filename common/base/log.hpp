// Structured log lines on standard error: time, level, part, sentence, key=value fields. Never give it a secret.
#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace anlan::log {

enum class Level { debug, info, warning, error };

struct Field {
  std::string_view key;
  std::string value;

  Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, std::integral auto v) : key(k), value(std::to_string(v)) {}
  Field(std::string_view k, double v);
};
using Fields = std::initializer_list<Field>;

/// One line on its way: `text` is all of it but time and level, safe to show; the parts are as they were given.
struct Line {
  Level level;
  std::string_view text, part;
  Fields fields;
};

/// Lines go to `writer` from now on; one that it does not take (false) goes to standard error. Any thread may call it,
/// so it needs no order. Call once, before other threads log.
void write_to(std::function<bool(const Line&)> writer);

/// Lines below `least` are dropped. Any thread; the default is info.
void set_level(Level least);

/// One line: `2026-11-23T08:15:00.250Z info uplink: connected broker=127.0.0.1:1883`. Any thread. Values with spaces,
/// quotes or control characters are quoted and escaped, and so are control characters in the sentence: nothing hostile
/// can forge a line or command a terminal.
void line(Level level, std::string_view part, std::string_view sentence, Fields fields);

inline void debug(std::string_view part, std::string_view s, Fields f = {}) { line(Level::debug, part, s, f); }
inline void info(std::string_view part, std::string_view s, Fields f = {}) { line(Level::info, part, s, f); }
inline void warning(std::string_view part, std::string_view s, Fields f = {}) { line(Level::warning, part, s, f); }
inline void error(std::string_view part, std::string_view s, Fields f = {}) { line(Level::error, part, s, f); }

}  // namespace anlan::log
