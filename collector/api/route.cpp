#include "collector/api/route.hpp"

#include <algorithm>
#include <optional>

namespace anlan::collector {
namespace {

std::optional<std::vector<std::string>> fit(std::string_view pattern, const std::vector<std::string>& segments) {
  std::vector<std::string> parameters;
  for (const std::string& segment : segments) {
    if (pattern.empty()) return std::nullopt;
    pattern.remove_prefix(1);  // '/'
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(part.size());
    if (part.starts_with('{'))
      parameters.push_back(segment);
    else if (part != segment)
      return std::nullopt;
  }
  return pattern.empty() && !segments.empty() ? std::optional(std::move(parameters)) : std::nullopt;
}

}  // namespace

RouteResult find_route(std::span<const RoutePattern> patterns, std::string_view method,
                       const std::vector<std::string>& segments) {
  RouteResult result;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    auto parameters = fit(patterns[i].path, segments);
    if (!parameters) continue;
    if (patterns[i].method == method) {
      result.kind = RouteResult::Kind::found;
      result.match = {i, std::move(*parameters)};
      return result;
    }
    result.kind = RouteResult::Kind::no_method;
    result.allowed.emplace_back(patterns[i].method);
  }
  return result;
}

}  // namespace anlan::collector
