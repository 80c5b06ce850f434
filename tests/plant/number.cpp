#include "tests/plant/number.hpp"

#include <charconv>
#include <cmath>

namespace anlan::plant {

Result<Millis> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t ms = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "min" ? 60'000 : unit == "h" ? 3600'000 : 0;
  constexpr std::int64_t longest = std::int64_t{1000} * 24 * 3600'000;  // 1000 days
  if (error != std::errc{} || ms == 0 || count < 1 || count > longest / ms)
    return fail(Errc::invalid_argument, "'" + std::string(text) + "' is no duration: 250ms, 20s, 3min or 1h");
  return Millis{count * ms};
}

Result<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return fail(Errc::invalid_argument, "'" + std::string(text) + "' is no finite number");
  return value;
}

std::string number_text(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return {text, end};
}

}  // namespace anlan::plant
