#include "common/base/duration.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>
#include <utility>

namespace anlan {

Result<Millis> parse_duration(std::string_view text) {
  constexpr std::pair<std::string_view, Millis> kUnits[] = {
      {"ms", Millis{1}}, {"s", Millis{1'000}}, {"m", Millis{60'000}}, {"h", Millis{3'600'000}}};
  const auto malformed = [whole = text] {
    return fail(Errc::malformed, "'" + std::string(whole.substr(0, 40)) + "' is no time: write 90s, 30m or 1h30m");
  };
  Millis sum{0};
  if (text.empty()) return malformed();
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0 || number > 1'000'000'000) return malformed();
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto* unit = std::ranges::find_if(kUnits, [&](const auto& u) { return text.starts_with(u.first); });
    if (unit == std::end(kUnits)) return malformed();
    text.remove_prefix(unit->first.size());
    sum += number * unit->second;
  }
  return sum;
}

}  // namespace anlan
