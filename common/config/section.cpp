#include "common/config/section.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "common/config/nearest.hpp"
#include "common/config/secret.hpp"
#include "common/model/ids.hpp"

namespace anlan {
namespace {

constexpr double kNoBound = 9.2e18;  // what lies beyond (2^63) no TOML integer reaches: not worth printing

std::string_view type_name(const Node& node) {
  constexpr std::array<std::string_view, 7> names{
      "a table", "a list", "a text", "a whole number", "a number with a point", "a truth value", "a date or time"};
  return names[node.value.index()];
}

/// The value itself where it is short and cannot be a misplaced secret (texts are left to the setting's own fault).
std::string value_text(const Node& node) {
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&node.value)) return Section::shown(*real);
  if (const auto* truth = std::get_if<bool>(&node.value)) return *truth ? "true" : "false";
  if (const auto* time = std::get_if<Node::Time>(&node.value)) return time->text;
  return {};
}

std::string range_text(const Setting& setting) {
  const bool low = setting.min > -kNoBound, high = setting.max < kNoBound;
  if (low && high) return Section::shown(setting.min) + " to " + Section::shown(setting.max);
  if (low) return Section::shown(setting.min) + " or more";
  if (high) return Section::shown(setting.max) + " or less";
  return {};
}

/// "a whole number, 5 to 3600000 (milliseconds)"
std::string right_of(const Setting& setting, std::string_view type) {
  std::string text(type);
  const std::string range = range_text(setting);
  if (!range.empty()) text += (text.empty() ? "" : ", ") + range;
  if (!setting.unit.empty()) text += " (" + std::string(setting.unit) + ")";
  if (!setting.example.empty()) text += ", for example " + std::string(setting.example);
  return text;
}

bool plain_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

std::string Section::shown(std::string_view text) {
  constexpr std::size_t kMost = 80;
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (i >= kMost && (c & 0xC0) != 0x80) return out + "…\"";  // never cut inside a UTF-8 character
    if (c == '"' || c == '\\') {
      out += {'\\', static_cast<char>(c)};
    } else if (c < 0x20 || c == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04X", c);
      out += escaped;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + "\"";
}

std::string Section::shown(double number) {
  std::array<char, 32> text;
  if (std::abs(number) < 1e15 && number == std::floor(number)) {
    const auto end = std::to_chars(text.begin(), text.end(), static_cast<std::int64_t>(number)).ptr;
    return {text.begin(), end};
  }
  return {text.begin(), std::to_chars(text.begin(), text.end(), number).ptr};
}

// ---- tables --------------------------------------------------------------------------------------------------------

Section::Section(const Document& document, std::vector<Fault>& faults)
    : node_(&document.root()), faults_(&faults), faults_at_start_(faults.size()), file_(document.file()) {}

Section::Section(std::vector<SettingDescription>& descriptions) : descriptions_(&descriptions) {}

Section::Section(Section& parent, const Node* node, std::string name, std::string header)
    : node_(node),
      faults_(parent.faults_),
      descriptions_(parent.descriptions_),
      faults_at_start_(faults_ ? faults_->size() : 0),
      file_(parent.file_),
      name_(std::move(name)),
      header_(std::move(header)) {}

Section::~Section() { unknown_keys(); }

void Section::unknown_keys() {
  if (node_ == nullptr) return;
  for (const Entry& entry : std::get<Node::Table>(node_->value)) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    const auto near = nearest(entry.key, known_);
    std::string right;
    if (near) {
      right = "did you mean " + *near + "?";
    } else {
      right = known_.empty() ? "no key at all" : "one of";
      for (const std::string& key : known_) right += (&key == &known_.front() ? " " : ", ") + key;
    }
    faults_->push_back({file_, entry.node.line, called(entry.key) + " is no setting", right});
  }
}

const Node* Section::find(std::string_view key) const {
  if (node_ == nullptr) return nullptr;
  for (const Entry& entry : std::get<Node::Table>(node_->value))
    if (entry.key == key) return &entry.node;
  return nullptr;
}

int Section::line(std::string_view key) const {
  if (const Node* node = key.empty() ? nullptr : find(key)) return node->line;
  return node_ ? node_->line : 0;
}

std::string Section::called(std::string_view key) const {
  if (key.empty()) return name_.empty() ? "the file" : name_;
  const std::string last = plain_key(key) ? std::string(key) : shown(key);
  return name_.empty() ? last : name_ + "." + last;
}

void Section::fault(std::string_view key, std::string_view is, std::string right) {
  if (faults_) faults_->push_back({file_, line(key), called(key) + " " + std::string(is), std::move(right)});
}

void Section::wrong_type(std::string_view key, const Node& node, std::string right) {
  const std::string value = value_text(node);
  fault(key, "is " + std::string(type_name(node)) + (value.empty() ? "" : ", " + value), std::move(right));
}

/// Notes the key as known, and describes it. The value, where there is one; a fault where one is required.
const Node* Section::declare(const Setting& setting, std::string_view type, std::string_view fallback) {
  known_.emplace_back(setting.key);
  if (descriptions_)
    descriptions_->push_back({header_, std::string(setting.key), std::string(type), std::string(setting.unit),
                              range_text(setting), setting.required ? "" : std::string(fallback),
                              std::string(setting.example), std::string(setting.help), setting.required,
                              setting.secret});
  const Node* node = find(setting.key);
  if (node == nullptr && setting.required) fault(setting.key, "is missing", right_of(setting, type));
  return node;
}

template <class T>
const T* Section::typed(const Setting& setting, std::string_view type, std::string_view fallback) {
  const Node* node = declare(setting, type, fallback);
  if (node == nullptr) return nullptr;
  const T* value = std::get_if<T>(&node->value);
  if (value == nullptr) wrong_type(setting.key, *node, right_of(setting, type));
  return value;
}

void Section::table(const Setting& setting, const Visit& visit) {
  const std::string header = "[" + called(setting.key) + "]";
  if (descriptions_) {
    Section section(*this, nullptr, called(setting.key), header);
    visit(section);
    return;
  }
  known_.emplace_back(setting.key);
  const Node* node = find(setting.key);
  if (node == nullptr) {
    if (setting.required) fault(setting.key, "is missing", "a table " + header);
    return;
  }
  if (!std::holds_alternative<Node::Table>(node->value)) return wrong_type(setting.key, *node, "a table " + header);
  Section section(*this, node, called(setting.key), header);
  visit(section);
}

void Section::tables(const Setting& setting, const Visit& visit) {
  const std::string header = "[[" + called(setting.key) + "]]";
  if (descriptions_) {
    Section section(*this, nullptr, called(setting.key), header);
    visit(section);
    return;
  }
  known_.emplace_back(setting.key);
  const Node* node = find(setting.key);
  if (node == nullptr) {
    if (setting.required) fault(setting.key, "is missing", "one " + header + " for each");
    return;
  }
  const auto* list = std::get_if<Node::List>(&node->value);
  if (list == nullptr) return wrong_type(setting.key, *node, "one " + header + " for each");
  if (list->empty() && setting.required) fault(setting.key, "is empty", "one " + header + " for each");
  for (const Node& element : *list) {
    if (!std::holds_alternative<Node::Table>(element.value)) {
      faults_->push_back({file_, element.line, called(setting.key) + " holds " + std::string(type_name(element)),
                          "one " + header + " for each"});
      continue;
    }
    Section section(*this, &element, called(setting.key), header);
    visit(section);
  }
}

void Section::named(const Setting& setting, const VisitNamed& visit) {
  const std::string header = "[" + called(setting.key) + ".NAME]";
  if (descriptions_) {
    Section section(*this, nullptr, called(setting.key) + ".NAME", header);
    visit("NAME", section);
    return;
  }
  known_.emplace_back(setting.key);
  const Node* node = find(setting.key);
  if (node == nullptr) return;
  const auto* entries = std::get_if<Node::Table>(&node->value);
  if (entries == nullptr) return wrong_type(setting.key, *node, "tables " + header);
  Section names(*this, node, called(setting.key), header);  // gives the entries their names and lines
  for (const Entry& entry : *entries) {
    names.known_.push_back(entry.key);
    if (!std::holds_alternative<Node::Table>(entry.node.value)) {
      names.wrong_type(entry.key, entry.node, "a table " + header);
      continue;
    }
    Section section(*this, &entry.node, names.called(entry.key), header);
    visit(entry.key, section);
  }
}

void Section::meanings(const Setting& setting, const std::function<void(std::int64_t, std::string)>& visit) {
  const auto* entries = typed<Node::Table>(setting, "a table of whole numbers to texts", "none");
  if (entries == nullptr) return;
  Section names(*this, find(setting.key), called(setting.key), "");
  for (const Entry& entry : *entries) {
    names.known_.push_back(entry.key);
    std::int64_t number = 0;
    const char* end = entry.key.data() + entry.key.size();
    const auto read = std::from_chars(entry.key.data(), end, number);
    const auto* text = std::get_if<std::string>(&entry.node.value);
    if (read.ec != std::errc{} || read.ptr != end || std::to_string(number) != entry.key) {
      names.fault(entry.key, "is no whole number", right_of(setting, ""));
    } else if (text == nullptr) {
      names.wrong_type(entry.key, entry.node, "a text");
    } else if (text->empty() || text->size() > 200 || has_control(*text)) {
      names.fault(entry.key, "is " + shown(*text), "1 to 200 bytes without control characters");
    } else {
      visit(number, *text);
    }
  }
}

// ---- values --------------------------------------------------------------------------------------------------------

void Section::text(const Setting& setting, std::string& out) {
  const auto* value = typed<std::string>(setting, "a text", out.empty() ? "none" : out);
  if (value == nullptr) return;
  const double most = setting.max < kNoBound ? setting.max : 200;
  if (value->size() > static_cast<std::size_t>(most) || has_control(*value))
    return fault(setting.key, "is " + shown(*value),
                 "a text of at most " + shown(most) + " bytes without control characters");
  if (value->empty() && setting.required) return fault(setting.key, "is empty", right_of(setting, "a text"));
  out = *value;
}

void Section::name(const Setting& setting, std::string& out) {
  const auto* value = typed<std::string>(setting, "a name", out.empty() ? "none" : out);
  if (value == nullptr) return;
  if (!valid_name(*value))
    return fault(setting.key, "is " + shown(*value),
                 "a to z, 0 to 9 and '-', 1 to 63 characters, a letter or digit first" +
                     (setting.example.empty() ? "" : ", for example " + std::string(setting.example)));
  out = *value;
}

void Section::flag(const Setting& setting, bool& out) {
  if (const auto* value = typed<bool>(setting, "true or false", out ? "true" : "false")) out = *value;
}

bool Section::in_range(const Setting& setting, double value, const std::string& as_text) {
  if (value >= setting.min && value <= setting.max) return true;
  fault(setting.key, "is " + as_text, right_of(setting, ""));
  return false;
}

std::optional<std::int64_t> Section::whole(const Setting& setting, std::string_view fallback) {
  const auto* value = typed<std::int64_t>(setting, "a whole number", fallback);
  if (value == nullptr || !in_range(setting, static_cast<double>(*value), std::to_string(*value))) return std::nullopt;
  return *value;
}

std::optional<double> Section::real(const Setting& setting, std::string_view fallback) {
  const Node* node = declare(setting, "a number", fallback);
  if (node == nullptr) return std::nullopt;
  double value = 0;
  if (const auto* given = std::get_if<double>(&node->value)) {
    value = *given;
  } else if (const auto* integer = std::get_if<std::int64_t>(&node->value)) {
    constexpr std::int64_t kExact = std::int64_t{1} << 53;
    if (*integer > kExact || *integer < -kExact) {
      fault(setting.key, "is " + std::to_string(*integer), "a number that a double holds exactly (up to 2^53)");
      return std::nullopt;
    }
    value = static_cast<double>(*integer);
  } else {
    wrong_type(setting.key, *node, right_of(setting, "a number"));
    return std::nullopt;
  }
  if (!std::isfinite(value)) {
    fault(setting.key, "is " + shown(value), right_of(setting, "a finite number"));
    return std::nullopt;
  }
  if (!in_range(setting, value, shown(value))) return std::nullopt;
  return value;
}

void Section::number(const Setting& setting, double& out) {
  if (const auto value = real(setting, shown(out))) out = *value;
}

void Section::number(const Setting& setting, std::optional<double>& out) {
  if (const auto value = real(setting, out ? shown(*out) : "none")) out = *value;
}

void Section::integers(const Setting& setting, std::vector<std::int64_t>& out) {
  const auto* list = typed<Node::List>(setting, "a list of whole numbers", "none");
  if (list == nullptr) return;
  std::vector<std::int64_t> values;
  for (const Node& element : *list) {
    const auto* value = std::get_if<std::int64_t>(&element.value);
    if (value == nullptr)
      return fault(setting.key, "holds " + std::string(type_name(element)), right_of(setting, "whole numbers"));
    if (!in_range(setting, static_cast<double>(*value), "a list with " + std::to_string(*value))) return;
    values.push_back(*value);
  }
  out = std::move(values);
}

void Section::millis(const Setting& setting, Millis& out) {
  Setting with_unit = setting;
  with_unit.unit = "milliseconds";
  if (const auto value = whole(with_unit, std::to_string(out.count()))) out = Millis{*value};
}

std::optional<std::size_t> Section::word(const Setting& setting, std::span<const std::string_view> words,
                                         std::string_view fallback) {
  std::string all;
  for (const auto& each : words) all += (all.empty() ? "" : ", ") + std::string(each);
  const auto* value = typed<std::string>(setting, "one of " + all, fallback);
  if (value == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == *value) return i;
  fault(setting.key, "is " + shown(*value), "one of " + all);
  return std::nullopt;
}

void Section::level(const Setting& setting, Level& out) {
  static constexpr std::array<std::pair<std::string_view, Level>, 4> kWords{
      {{"blue", Level::blue}, {"yellow", Level::yellow}, {"orange", Level::orange}, {"red", Level::red}}};
  choice<Level>(setting, kWords, out);
}

// ---- addresses and files -------------------------------------------------------------------------------------------

void Section::url(const Setting& setting, std::span<const Scheme> schemes, std::optional<Url>& out) {
  const auto* value = typed<std::string>(setting, "a URL", "none");
  if (value == nullptr) return;
  std::string names;
  for (const Scheme& scheme : schemes) names += (names.empty() ? "" : " or ") + std::string(scheme.name) + "://";
  const std::string right = names + (setting.example.empty() ? "" : ", for example " + std::string(setting.example));
  const std::string is = "is " + (value->contains('@') ? "a URL (not shown: it may hold a password)" : shown(*value));

  auto url = parse_url(*value);
  if (!url) return fault(setting.key, is + ", which " + url.error().message, right);
  const auto scheme = std::ranges::find(schemes, url->scheme, &Scheme::name);
  if (scheme == schemes.end()) return fault(setting.key, is, right);
  if (scheme->loopback_only && !url->loopback) {
    const std::string plain = std::string(scheme->name) + ":// to this machine (127.0.0.0/8, ::1 or localhost)";
    return fault(setting.key, is + ", which would send unencrypted to another machine",
                 scheme->otherwise.empty() ? plain : std::string(scheme->otherwise) + "://, or " + plain);
  }
  out = std::move(*url);
}

void Section::listen(const Setting& setting, std::string& out) {
  const auto* value = typed<std::string>(setting, "ADDRESS:PORT", out.empty() ? "none" : out);
  if (value == nullptr) return;
  const std::string right = "127.0.0.1:PORT or [::1]:PORT, PORT 0 to 65535 (0: any free one)";
  const auto parsed = parse_listen(*value);
  if (!parsed) return fault(setting.key, "is " + shown(*value) + ", which " + parsed.error().message, right);
  if (!parsed->loopback) return fault(setting.key, "is " + shown(*value) + ", which other machines reach", right);
  out = *value;
}

void Section::path(const Setting& setting, std::string& out) {
  const auto* value = typed<std::string>(setting, "a path", out.empty() ? "none" : out);
  if (value == nullptr) return;
  if (value->empty() || value->size() > 1024 || has_control(*value))
    return fault(setting.key, "is " + shown(*value), "a path of 1 to 1024 bytes without control characters");
  out = (std::filesystem::path(file_).parent_path() / *value).lexically_normal().string();
}

void Section::file(const Setting& setting, std::string& out) {
  std::string at;
  path(setting, at);
  if (at.empty()) return;
  std::error_code error;
  const std::string names = "names " + shown(at) + ", which ";
  if (!std::filesystem::is_regular_file(at, error))
    return fault(setting.key, names + (std::filesystem::exists(at, error) ? "is no file" : "does not exist"),
                 "a readable file");
  if (const auto content = read_secret(at); !content && (setting.secret || content.error().code == Errc::unavailable))
    return fault(setting.key, names + "is not usable: " + content.error().message,
                 setting.secret ? "a readable file with one secret of at most 4096 bytes" : "a readable file");
  out = at;
}

}  // namespace anlan
