// The four alert levels of the city (blue attention, yellow caution, orange guard, red emergency) and none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace anlan {

enum class Level : std::uint8_t { none = 0, blue = 1, yellow = 2, orange = 3, red = 4 };  // also the wire's numbers

inline constexpr std::array kLevels{Level::blue, Level::yellow, Level::orange, Level::red};

constexpr std::string_view to_string(Level level) {
  constexpr std::string_view names[] = {"none", "blue", "yellow", "orange", "red"};
  return names[static_cast<std::size_t>(level)];
}

constexpr std::optional<Level> level_from(std::string_view text) {
  for (const Level level : {Level::none, Level::blue, Level::yellow, Level::orange, Level::red})
    if (to_string(level) == text) return level;
  return std::nullopt;
}

}  // namespace anlan
