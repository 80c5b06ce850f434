// Which passwords are taken: long ones. Pure.
#pragma once

#include <string>
#include <string_view>

namespace anlan::collector {

inline constexpr std::size_t kShortestPassword = 12;   // characters
inline constexpr std::size_t kLongestPassword = 1024;  // bytes

/// What is wrong with a password that `name` has chosen; "" where nothing is. Length counts: no rule asks for signs of
/// certain kinds. Refused are one that holds the name, and one of fewer than five different characters.
std::string password_fault(std::string_view password, std::string_view name);

}  // namespace anlan::collector
