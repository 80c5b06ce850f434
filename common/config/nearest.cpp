#include "common/config/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace anlan {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& known) {
  if (text.size() > 100) return std::nullopt;
  std::optional<std::string> best;
  std::size_t least = 0;
  for (const std::string& word : known) {
    const bool prefix = std::min(text.size(), word.size()) >= 4 && (word.starts_with(text) || text.starts_with(word));
    const std::size_t steps = prefix ? 1 : distance(text, word);
    const std::size_t longer = std::max(text.size(), word.size());
    if (steps > std::max<std::size_t>(longer < 4 ? 1 : 2, longer / 3)) continue;
    if (best && steps >= least) continue;
    best = word;
    least = steps;
  }
  return best;
}

std::string did_you_mean(std::string_view text, const std::vector<std::string>& known) {
  const auto near = nearest(text, known);
  return near ? ": did you mean " + *near + "?" : "";
}

}  // namespace anlan
