#include "common/model/ids.hpp"

#include <algorithm>

namespace anlan {

bool valid_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 63 && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || c == '-'; });
}

Result<PointPath> PointPath::parse(std::string_view text) {
  const auto first = text.find('/');
  const auto second = first == text.npos ? text.npos : text.find('/', first + 1);
  if (second == text.npos)
    return fail(Errc::malformed, "'" + std::string(text.substr(0, 200)) + "' is not site/device/point");
  PointPath path{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
                 std::string(text.substr(second + 1))};
  for (const std::string* part : {&path.site, &path.device, &path.point})
    if (!valid_name(*part))
      return fail(Errc::malformed,
                  "'" + part->substr(0, 80) + "' is no name: a to z, 0 to 9 and '-', 1 to 63 characters");
  return path;
}

}  // namespace anlan
