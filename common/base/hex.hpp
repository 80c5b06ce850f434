// Bytes as lower-case hexadecimal digits, two for each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace anlan {

std::string to_hex(std::string_view bytes);

/// nullopt where `text` is not pairs of hexadecimal digits (of either case).
std::optional<std::string> from_hex(std::string_view text);

}  // namespace anlan
