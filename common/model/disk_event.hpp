// The words (EdgeEvent::what) by which an edge tells the centre whether its disk takes what it stores: it says so at
// each start and whenever that changes.
#pragma once

#include <string_view>

namespace anlan {

inline constexpr std::string_view kDiskTakesNothing = "disk-takes-nothing";  // detail: why
inline constexpr std::string_view kDiskGood = "disk-good";

}  // namespace anlan
