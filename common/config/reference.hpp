// The reference page of a configuration, printed from the declarations that read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/config/section.hpp"

namespace anlan {

/// Markdown: `title`, then a table of settings for each TOML table, in the order of declaration.
std::string to_reference(std::string_view title, const std::vector<SettingDescription>& settings);

}  // namespace anlan
