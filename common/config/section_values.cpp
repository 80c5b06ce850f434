#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "common/config/credential.hpp"
#include "common/config/secret.hpp"
#include "common/config/section.hpp"
#include "common/config/section_text.hpp"
#include "common/model/ids.hpp"

namespace anlan {

using namespace config_text;

void Section::text(const Setting& setting, std::string& out) {
  const auto* value = typed<std::string>(setting, "a text", out.empty() ? "none" : out);
  if (value == nullptr) return;
  const double most = std::isfinite(setting.max) ? setting.max : 200;
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
  if (const auto value = real(setting, out ? shown(*out) : "none")) out = value;
}

void Section::number_or_none(const Setting& setting, std::optional<double>& out) {
  const Node* node = find(setting.key);
  const auto* text = node ? std::get_if<std::string>(&node->value) : nullptr;
  if (text == nullptr) return number(setting, out);
  known_.emplace_back(setting.key);
  if (*text != "none") return fault(setting.key, "is " + shown(*text), "a number, or \"none\" for no such limit");
  out.reset();
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

void Section::scalars(const Setting& setting, std::vector<Scalar>& out) {
  const auto* list = typed<Node::List>(setting, "a list of numbers and texts", "none");
  if (list == nullptr) return;
  std::vector<Scalar> values;
  for (const Node& element : *list) {
    if (const auto* integer = std::get_if<std::int64_t>(&element.value))
      values.emplace_back(*integer);
    else if (const auto* number = std::get_if<double>(&element.value))
      values.emplace_back(*number);
    else if (const auto* text = std::get_if<std::string>(&element.value))
      values.emplace_back(*text);
    else
      return fault(setting.key, "holds " + std::string(type_name(element)), right_of(setting, "numbers and texts"));
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
  for (const Scheme& scheme : schemes)
    names += (names.empty() ? "" : &scheme == &schemes.back() ? " or " : ", ") + std::string(scheme.name) + "://";
  const std::string right = names + (setting.example.empty() ? "" : ", for example " + std::string(setting.example));
  const bool device = std::ranges::any_of(schemes, [&](const Scheme& scheme) {
    return scheme.device && value->starts_with(std::string(scheme.name) + ":");
  });
  const std::string is =
      "is " + (!device && value->find_first_of("@?") != value->npos ? "a URL (not shown: it may hold a password)"
                                                                    : shown(*value));

  auto url = device ? parse_device_url(*value) : parse_url(*value);
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

/// The path of a file setting, or nothing where it is absent or a fault.
std::string Section::file_path(const Setting& setting) {
  std::string at;
  const Node* node = find(setting.key);
  const auto* value = node ? std::get_if<std::string>(&node->value) : nullptr;
  path(setting, at);
  if (at.empty() || !value->starts_with(kCredential)) return at;
  auto credential = credential_path(std::string_view(*value).substr(kCredential.size()), file_);
  if (credential) return *credential;
  fault(setting.key, "is " + shown(*value) + ", which " + credential.error().message,
        "credential:NAME of letters, digits, '.', '_' and '-'");
  return {};
}

void Section::file(const Setting& setting, std::string& out) {
  const std::string at = file_path(setting);
  if (at.empty()) return;
  std::error_code error;
  const std::string names = "names " + shown(at) + ", which ";
  if (!std::filesystem::is_regular_file(at, error))
    return fault(setting.key, names + (std::filesystem::exists(at, error) ? "is no file" : "does not exist"),
                 "a readable file");
  if (const auto content = read_secret(at); !content && (setting.secret || content.error().code == Errc::unavailable))
    return fault(setting.key, names + "is not usable: " + content.error().message,
                 setting.secret ? "a readable file with one secret of at most 16 KiB" : "a readable file");
  out = at;
}

}  // namespace anlan
