// Reads declared settings out of one table of a Document. Each setting is declared once, by the call that reads it:
// key, help, unit, bounds, default (the value the variable holds before), example. The same calls yield values, faults
// and, without any file, the reference page (describe()).
//
// All faults are collected: unknown keys (with the nearest known one), wrong types, values out of range, missing ones.
// A faulty setting leaves its variable as it was; nothing is clamped. A caller uses the values only if there is no
// fault. One thread, like every plain value.
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/time.hpp"
#include "common/config/document.hpp"
#include "common/config/fault.hpp"
#include "common/config/url.hpp"
#include "common/model/level.hpp"

namespace anlan {

/// What a setting is, said once. `min` and `max` bound numbers and durations, in the key's unit.
struct Setting {
  std::string_view key;
  std::string_view help;
  std::string_view unit = {};     // "milliseconds", "bytes"
  std::string_view example = {};  // as TOML: "\"tank-3\""
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool required = false;
  bool secret = false;  // the file named here holds a secret
};

/// One line of the reference page.
struct SettingDescription {
  std::string table;  // "[edge]", "[[device]]", "[device.limits.NAME]"
  std::string key, type, unit, range, fallback, example, help;
  bool required = false, secret = false;
};

/// A scheme that a URL setting takes.
struct Scheme {
  std::string_view name;            // "mqtt"
  bool loopback_only = false;       // unencrypted: only to this machine
  std::string_view otherwise = {};  // what to use instead: "mqtts"
  bool device = false;              // names a file of this machine (parse_device_url)
};

class Section {
 public:
  using Visit = std::function<void(Section&)>;
  using VisitNamed = std::function<void(const std::string& name, Section&)>;
  template <class E>
  using Words = std::span<const std::pair<std::string_view, E>>;

  /// The whole document; faults go to `faults`. Both outlive the section.
  Section(const Document& document, std::vector<Fault>& faults);

  /// No document: every declaration is noted in `descriptions`, variables stay as they are, nothing is a fault.
  explicit Section(std::vector<SettingDescription>& descriptions);

  /// Whatever key nobody declared is a fault now.
  ~Section();
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  // ---- values: each leaves `out` alone where the key is absent (a fault if required) or its value is a fault

  void text(const Setting&, std::string& out);  // UTF-8 without control characters, at most 200 bytes
  void name(const Setting&, std::string& out);  // model/ids.hpp valid_name
  void flag(const Setting&, bool& out);
  void number(const Setting&, double& out);  // finite; whole numbers are taken where a double holds them exactly
  void number(const Setting&, std::optional<double>& out);
  void number_or_none(const Setting&, std::optional<double>& out);  // "none" takes a default away
  template <std::integral I>
  void integer(const Setting&, I& out);
  template <std::integral I>
  void integer(const Setting&, std::optional<I>& out);
  void integers(const Setting&, std::vector<std::int64_t>& out);
  using Scalar = std::variant<std::int64_t, double, std::string>;
  void scalars(const Setting&, std::vector<Scalar>& out);  // numbers, NaN and infinities too, and texts, mixed
  void millis(const Setting&, Millis& out);                // whole milliseconds; the key ends in _ms
  void level(const Setting&, Level& out);                  // blue, yellow, orange, red
  void url(const Setting&, std::span<const Scheme>, std::optional<Url>& out);
  void listen(const Setting&, std::string& out);  // numeric address of this machine and port
  void path(const Setting&, std::string& out);    // relative to the document's folder; `out` is not
  /// A path, or credential:NAME (credential.hpp); what it names is readable now, and no empty secret.
  void file(const Setting&, std::string& out);

  /// One of the words; what they stand for goes to `out`.
  template <class E>
  void choice(const Setting&, Words<E> words, E& out);

  /// [key]: called once if it is there, or if it is required (then a missing table is one fault and no call).
  void table(const Setting&, const Visit&);
  /// [[key]]: called for each.
  void tables(const Setting&, const Visit&);
  /// [key.NAME]: called for each; the grammar of NAME is the caller's to check (line() is its place).
  void named(const Setting&, const VisitNamed&);
  /// key = { 0 = "off", 1 = "on" }: whole numbers to texts.
  void meanings(const Setting&, const std::function<void(std::int64_t, std::string)>&);

  // ---- checks of the caller

  bool has(std::string_view key) const { return find(key) != nullptr; }
  bool describing() const { return descriptions_ != nullptr; }
  /// Line of the key, or of the table where it is absent. 1-based.
  int line(std::string_view key = {}) const;
  /// "device.poll_ms": how faults call a key; without a key, the table.
  std::string called(std::string_view key = {}) const;
  /// A fault at the key's line (or the table's): what = called(key) + " " + `is`.
  void fault(std::string_view key, std::string_view is, std::string right);
  /// The same for a place that is no key of this table.
  void fault_at(int line, std::string what, std::string right);
  /// Faults of the document so far: what compares settings asks whether reading them added any.
  std::size_t fault_count() const { return faults_ ? faults_->size() : 0; }
  const std::string& document() const { return file_; }

  /// A value as faults show it: quoted, control characters escaped, cut at 80 bytes.
  static std::string shown(std::string_view text);
  static std::string shown(double number);

 private:
  Section(Section& parent, const Node* node, std::string name, std::string header);
  const Node* find(std::string_view key) const;
  std::string file_path(const Setting&);
  const Node* declare(const Setting&, std::string_view type, std::string_view fallback);
  template <class T>
  const T* typed(const Setting&, std::string_view type, std::string_view fallback);
  void wrong_type(std::string_view key, const Node&, std::string right);
  void wrong_type(const Setting&, const Node&, std::string_view type);
  bool in_range(const Setting&, double value, const std::string& as_text);
  template <std::integral I>
  static Setting bounded(Setting);
  std::optional<std::int64_t> whole(const Setting&, std::string_view fallback);
  std::optional<double> real(const Setting&, std::string_view fallback);
  std::optional<std::size_t> word(const Setting&, std::span<const std::string_view> words, std::string_view fallback);
  void unknown_keys();

  const Node* node_ = nullptr;  // a table; null while describing
  std::vector<Fault>* faults_ = nullptr;
  std::vector<SettingDescription>* descriptions_ = nullptr;
  std::string file_, name_, header_;
  std::vector<std::string> known_;
};

template <class T>
const T* Section::typed(const Setting& setting, std::string_view type, std::string_view fallback) {
  const Node* node = declare(setting, type, fallback);
  if (node == nullptr) return nullptr;
  const T* value = std::get_if<T>(&node->value);
  if (value == nullptr) wrong_type(setting, *node, type);
  return value;
}

template <std::integral I>
Setting Section::bounded(Setting setting) {
  setting.min = std::max(setting.min, static_cast<double>(std::numeric_limits<I>::min()));
  setting.max = std::min(setting.max, static_cast<double>(std::numeric_limits<I>::max()));
  return setting;
}

template <std::integral I>
void Section::integer(const Setting& setting, I& out) {
  if (const auto value = whole(bounded<I>(setting), std::to_string(out))) out = static_cast<I>(*value);
}

template <std::integral I>
void Section::integer(const Setting& setting, std::optional<I>& out) {
  if (const auto value = whole(bounded<I>(setting), "none")) out = static_cast<I>(*value);
}

template <class E>
void Section::choice(const Setting& setting, Words<E> words, E& out) {
  std::vector<std::string_view> texts;
  std::string_view fallback;
  for (const auto& [text, meaning] : words) {
    texts.push_back(text);
    if (meaning == out) fallback = text;
  }
  if (const auto index = word(setting, texts, fallback)) out = words[*index].second;
}

}  // namespace anlan
