#include "common/base/time.hpp"

#include <charconv>
#include <cstdio>
#include <optional>

namespace anlan {
namespace {

using namespace std::chrono;

/// Takes exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Millis> take_fraction(std::string_view& text) {
  Millis value{0}, unit{100};
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value += unit * (text.front() - '0');
    unit /= 10;
    text.remove_prefix(1);
  }
  return value;
}

std::optional<minutes> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return minutes{0};
  const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  const auto h = take_digits(text, 2);
  if (sign == 0 || !h || !take(text, ':')) return std::nullopt;
  const auto m = take_digits(text, 2);
  if (!m || *h > 23 || *m > 59) return std::nullopt;
  return sign * (hours{*h} + minutes{*m});
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto y = take_digits(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  const auto mo = take_digits(text, 2);
  if (!mo || !take(text, '-')) return std::nullopt;
  const auto d = take_digits(text, 2);
  if (!d || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return std::nullopt;
  const auto h = take_digits(text, 2);
  if (!h || !take(text, ':')) return std::nullopt;
  const auto mi = take_digits(text, 2);
  if (!mi || !take(text, ':')) return std::nullopt;
  const auto s = take_digits(text, 2);
  if (!s || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
  const auto fraction = take(text, '.') ? take_fraction(text) : Millis{0};
  const auto offset = take_offset(text);
  const year_month_day date{year{*y}, month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
  if (!fraction || !offset || !text.empty() || !date.ok()) return std::nullopt;
  return sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s} + *fraction - *offset;
}

// RFC 3339 has four digits for the year: 0000-01-02 to 9999-12-30, a day short so that every offset fits.
constexpr WallTime kFirst = sys_days{year{0} / January / 2}, kLast = sys_days{year{9999} / December / 31};

}  // namespace

std::string to_rfc3339(WallTime t, minutes offset) {
  if (t < kFirst || t >= kLast) return std::to_string(to_ms(t));
  const WallTime local = t + offset;
  const auto date = floor<days>(local);
  const year_month_day ymd{date};
  const hh_mm_ss<Millis> hms{local - date};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03d", int(ymd.year()), unsigned(ymd.month()),
                unsigned(ymd.day()), int(hms.hours().count()), int(hms.minutes().count()), int(hms.seconds().count()),
                int(hms.subseconds().count()));
  if (offset == minutes{0}) return std::string(text) + "Z";
  char zone[16];
  const int m = int(offset.count()), a = m < 0 ? -m : m;
  std::snprintf(zone, sizeof zone, "%c%02d:%02d", m < 0 ? '-' : '+', a / 60 % 100, a % 60);
  return std::string(text) + zone;
}

std::string to_rfc3339(WallTime t) { return to_rfc3339(t, minutes{0}); }

Result<WallTime> parse_time(std::string_view text) {
  std::int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error == std::errc{} && end == text.data() + text.size()) return wall_from_ms(ms);
  if (const auto t = parse_rfc3339(text)) return *t;
  return fail(Errc::malformed,
              "'" + std::string(text.substr(0, 40)) +
                  "' is no time: use RFC 3339 with a zone (2026-11-23T08:15:00Z) or epoch milliseconds");
}

std::string to_words(Millis duration) {
  const auto ms = duration.count();
  if (ms < 0) return "-" + to_words(duration == Millis::min() ? Millis::max() : -duration);
  char text[64];
  const long long s = ms / 1000;
  if (ms < 1000)
    std::snprintf(text, sizeof text, "%lld ms", static_cast<long long>(ms));
  else if (s < 60)
    std::snprintf(text, sizeof text, "%lld s", s);
  else if (s < 3600)
    std::snprintf(text, sizeof text, "%lld min %02lld s", s / 60, s % 60);
  else if (s < 86400)
    std::snprintf(text, sizeof text, "%lld h %02lld min", s / 3600, s / 60 % 60);
  else
    std::snprintf(text, sizeof text, "%lld d %lld h", s / 86400, s / 3600 % 24);
  return text;
}

}  // namespace anlan
