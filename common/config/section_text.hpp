// How faults call things: values, types, ranges. Internal to common/config.
#pragma once

#include <string>
#include <string_view>

#include "common/config/section.hpp"

namespace anlan::config_text {

/// "a table", "a whole number" …
std::string_view type_name(const Node& node);

/// The value of a number, truth or time. Texts give "": they may be misplaced secrets.
std::string value_text(const Node& node);

/// "5 to 3600000", "0 or more", "".
std::string range_text(const Setting& setting);

/// "a whole number, 5 to 3600000 (milliseconds), for example 1000"
std::string right_of(const Setting& setting, std::string_view type);

/// A key that needs no quotes in TOML.
bool plain_key(std::string_view key);

bool has_control(std::string_view text);

}  // namespace anlan::config_text
