#include "collector/cli/display.hpp"

#include <array>
#include <clocale>
#include <ctime>
#include <cwchar>
#include <memory>
#include <utility>

#include <locale.h>

namespace anlan::collector::cli {
namespace {

constexpr std::string_view kReset = "\x1b[0m";

/// The thread's locale is C.UTF-8 while it lives: wcwidth and mbrtowc go by it.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(uselocale(locale_)) {}
  ~Utf8Locale() {
    uselocale(before_);
    if (locale_ != nullptr) freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t locale_, before_;
};

/// Colour sequences end with 'm'.
std::string without_colours(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b')
      i = std::min(text.find('m', i), text.size() - 1);
    else
      plain += text[i];
  }
  return plain;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  const Utf8Locale locale;
  const std::string plain = without_colours(text);
  std::size_t width = 0;
  std::mbstate_t state{};
  for (std::size_t at = 0; at < plain.size();) {
    wchar_t c = 0;
    const std::size_t taken = std::mbrtowc(&c, plain.data() + at, plain.size() - at, &state);
    if (taken == 0 || taken > plain.size()) {  // NUL, or no UTF-8: one column for the byte
      state = {};
      ++width;
      ++at;
      continue;
    }
    const int columns = wcwidth(c);
    width += columns > 0 ? static_cast<std::size_t>(columns) : 0;
    at += taken;
  }
  return width;
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    const bool c1 =
        c == 0xC2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xA0;  // U+0080 to U+009F
    if (c < 0x20 || c == 0x7F) out[i] = ' ';
    if (c1) out[i] = out[i + 1] = ' ';
  }
  return out;
}

std::string local_time(WallTime time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm local{};
  localtime_r(&seconds, &local);
  std::string text = to_rfc3339(time, std::chrono::minutes{local.tm_gmtoff / 60});
  if (text.back() == 'Z') text.replace(text.size() - 1, 1, "+00:00");
  const std::string zone = text.substr(text.size() - 6);
  return text.substr(0, 10) + ' ' + text.substr(11, 8) + ' ' + zone;
}

std::string local_time(std::string_view rfc3339) {
  if (rfc3339.empty()) return "-";
  const auto time = parse_time(rfc3339);
  return time ? local_time(*time) : printable(rfc3339);
}

std::string level_text(std::string_view level) {
  if (level == "red") return "!!!! red";
  if (level == "orange") return "!!!  orange";
  if (level == "yellow") return "!!   yellow";
  if (level == "blue") return "!    blue";
  return "     " + printable(level);
}

std::string painted(std::string_view text, std::string_view level, bool colour) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> colours{
      {{"red", "\x1b[1;97;41m"}, {"orange", "\x1b[1;38;5;208m"}, {"yellow", "\x1b[1;33m"}, {"blue", "\x1b[1;34m"}}};
  for (const auto& [name, sequence] : colours)
    if (colour && name == level) return std::string(sequence) + std::string(text) + std::string(kReset);
  return std::string(text);
}

}  // namespace anlan::collector::cli
