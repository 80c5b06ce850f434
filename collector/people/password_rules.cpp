#include "collector/people/password_rules.hpp"

#include <algorithm>
#include <set>

#include "collector/people/actor.hpp"

namespace anlan::collector {

std::string password_fault(std::string_view password, std::string_view name) {
  if (password.size() > kLongestPassword) return "is longer than 1024 bytes";
  const auto characters = std::ranges::count_if(password, [](char c) { return (c & 0xC0) != 0x80; });  // of UTF-8
  if (static_cast<std::size_t>(characters) < kShortestPassword)
    return "is shorter than " + std::to_string(kShortestPassword) + " characters";
  if (std::set<char>(password.begin(), password.end()).size() < 5) return "has fewer than five different characters";
  std::string lower(password);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::string key = person_key(name);
  if (key.size() > 3 && lower.find(key) != lower.npos) return "holds the name";
  return {};
}

}  // namespace anlan::collector
