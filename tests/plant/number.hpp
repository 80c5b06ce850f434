// Numbers and durations as people write them in commands and recordings, and back.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan::plant {

/// "250ms", "20s", "3min", "1h"; more than zero. Errors: invalid_argument.
Result<Millis> parse_duration(std::string_view text);

/// A finite number, all of `text`. Errors: invalid_argument.
Result<double> parse_number(std::string_view text);

/// The shortest text that reads back as the same double.
std::string number_text(double value);

}  // namespace anlan::plant
