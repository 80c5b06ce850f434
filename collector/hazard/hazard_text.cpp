#include "collector/hazard/hazard_text.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "common/base/hex.hpp"

namespace anlan::collector {
namespace {

constexpr std::size_t kMostAsked = 40;  // pairs of a search: more of them hardly leave out more

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

/// Where each character begins, and where the last one ends.
std::vector<std::size_t> borders(std::string_view text) {
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i == 0 || begins_character(text[i])) at.push_back(i);
  at.push_back(text.size());
  return at;
}

/// As LIKE compares: the letters of ASCII alone.
std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

}  // namespace

std::string text_pairs(const Hazard& h) {
  const std::string text =
      folded(h.title + '\n' + h.description + '\n' + h.location + '\n' + h.asset + '\n' + h.id.hex());
  const auto at = borders(text);
  std::set<std::string> pairs;
  for (std::size_t i = 0; i + 1 < at.size(); ++i)
    pairs.insert(to_hex(text.substr(at[i], at[std::min(i + 2, at.size() - 1)] - at[i])));
  std::string words;
  for (const std::string& pair : pairs) words += (words.empty() ? "" : " ") + pair;
  return words;
}

std::string text_query(std::string_view wanted) {
  const std::string text = folded(wanted);
  const auto at = borders(text);
  if (at.size() == 2) return '"' + to_hex(text) + "\" *";  // one character: whatever pair it begins
  std::set<std::string> pairs;
  for (std::size_t i = 0; i + 2 < at.size() && pairs.size() < kMostAsked; ++i)
    pairs.insert(to_hex(text.substr(at[i], at[i + 2] - at[i])));
  std::string query;
  for (const std::string& pair : pairs) query += (query.empty() ? "\"" : " AND \"") + pair + '"';
  return query;
}

}  // namespace anlan::collector
