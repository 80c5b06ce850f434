// The index that finds text in hazards (table hazard_text, docs/decisions/0084): pairs of neighbouring characters, so
// that two characters as short as 火灾 are found. What the index finds may hold the text; whoever asks compares. Pure.
#pragma once

#include <string>
#include <string_view>

#include "collector/hazard/hazard.hpp"

namespace anlan::collector {

/// Of everything that a search looks at, as hexadecimal words with blanks between them, each once: the UTF-8 of each
/// character and the next one, ASCII letters in lower case. The schema's step for earlier rows does the same in SQL.
std::string text_pairs(const Hazard& hazard);

/// For MATCH: every hazard that holds `text` (not empty) satisfies it, and some others do.
std::string text_query(std::string_view text);

}  // namespace anlan::collector
