// Text on a terminal: how wide it is (中文 takes two columns), times in the local zone, levels with shape, word and
// colour.
#pragma once

#include <string>
#include <string_view>

#include "common/base/time.hpp"

namespace anlan::collector::cli {

/// Columns that `text` (UTF-8) takes on a terminal, by wcwidth(3) of the C.UTF-8 locale; colour sequences of painted()
/// take none.
std::size_t display_width(std::string_view text);

/// What a terminal may be given: control characters become spaces.
std::string printable(std::string_view text);

/// "2026-11-23 16:15:00 +08:00", in the zone of TZ or /etc/localtime.
std::string local_time(WallTime time);
/// The same of RFC 3339 text; "-" where it is empty, the text itself where it is no time.
std::string local_time(std::string_view rfc3339);

/// "!!!! red", "!!!  orange", …: to be told apart without colours.
std::string level_text(std::string_view level);

/// `text` in the colour of `level` where `colour` holds; "none" and unknown levels have none.
std::string painted(std::string_view text, std::string_view level, bool colour);

}  // namespace anlan::collector::cli
