// "Did you mean …?": the known word nearest to a mistyped one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anlan {

/// The known word that `text` most probably means: one that begins with it or that it begins with (four letters at
/// least), or the one with the fewest letters to insert, drop or replace (Levenshtein): at most two, or a
/// third of the word.
std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& known);

/// ": did you mean poll_ms?", or "" where nothing is near.
std::string did_you_mean(std::string_view text, const std::vector<std::string>& known);

}  // namespace anlan
