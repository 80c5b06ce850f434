// The two kinds of time. Wall time is what people read; monotonic time is what delays run on. Nothing here reads a
// clock: see common/async/clock.hpp.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan {

using Millis = std::chrono::milliseconds;

/// UTC, milliseconds since 1970-01-01T00:00:00Z (POSIX: no leap seconds).
using WallTime = std::chrono::sys_time<Millis>;

/// CLOCK_BOOTTIME: milliseconds since the machine started, suspended time included. Meaningful within one boot only.
struct BootClock {
  using rep = Millis::rep;
  using period = Millis::period;
  using duration = Millis;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using MonoTime = BootClock::time_point;

inline WallTime wall_from_ms(std::int64_t ms) { return WallTime{Millis{ms}}; }
inline std::int64_t to_ms(WallTime t) { return t.time_since_epoch().count(); }
inline MonoTime mono_from_ms(std::int64_t ms) { return MonoTime{Millis{ms}}; }
inline std::int64_t to_ms(MonoTime t) { return t.time_since_epoch().count(); }

/// RFC 3339 in UTC with milliseconds: "2026-11-23T08:15:00.250Z". A time outside the years 0000 to 9999, which only a
/// broken clock or a hostile record gives, is printed as epoch milliseconds: parse_time reads either back.
std::string to_rfc3339(WallTime t);

/// The same instant at a fixed offset: "2026-11-23T16:15:00.250+08:00".
std::string to_rfc3339(WallTime t, std::chrono::minutes offset);

/// Reads RFC 3339 ("T" or one space; "Z" or an offset is required) with one or more fraction digits (cut to ms),
/// or a whole number: epoch milliseconds. Errors: malformed.
Result<WallTime> parse_time(std::string_view text);

/// "250 ms", "12 s", "3 min 05 s", "2 h 10 min", "3 d 4 h": for people, rounded down.
std::string to_words(Millis duration);

}  // namespace anlan
