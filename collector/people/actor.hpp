// Who acts: no hazard or alert changes without a name and a role (DOMAIN.md, life cycles). Names are text until people
// and rights exist; two names are the same person where they differ only in case and outer blanks.
#pragma once

#include <array>
#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace anlan::collector {

/// Stored as text, so the order may change.
enum class Role : std::uint8_t { SYS, SA, CR, DA, EP, EM };

inline constexpr std::array kRoles{Role::SYS, Role::SA, Role::CR, Role::DA, Role::EP, Role::EM};

/// SYS the system, SA system administrator, CR city regulator, DA district administrator, EP enterprise principal
/// (and a rectifier as the principal's delegate), EM employee.
constexpr std::string_view to_string(Role role) {
  constexpr std::string_view names[] = {"SYS", "SA", "CR", "DA", "EP", "EM"};
  return names[static_cast<std::size_t>(role)];
}

constexpr std::optional<Role> role_from(std::string_view text) {
  for (const Role role : kRoles)
    if (to_string(role) == text) return role;
  return std::nullopt;
}

struct Actor {
  std::string name;
  Role role = Role::EM;
  bool operator==(const Actor&) const = default;
};

/// The author of what the collector does by itself.
inline Actor system_actor() { return {"anlan", Role::SYS}; }

/// The name as it is compared: without outer blanks, ASCII letters in lower case.
inline std::string person_key(std::string_view name) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = name.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  std::string key(name.substr(first, name.find_last_not_of(blanks) - first + 1));
  for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return key;
}

}  // namespace anlan::collector
