// Which handler answers which method and path.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anlan::collector {

/// Patterns are "/api/v1/alerts/{id}": a segment in braces takes any one segment.
struct RoutePattern {
  std::string_view method, path;
  std::string_view action = {};  // of the permission table; "everybody": no log-in is asked for
};

struct RouteMatch {
  std::size_t route = 0;                // index of the pattern
  std::vector<std::string> parameters;  // what stood in the places of the braces
};

struct RouteResult {
  enum class Kind { found, no_path, no_method } kind = Kind::no_path;
  RouteMatch match;
  std::vector<std::string> allowed;  // no_method: what the path takes
};

/// `segments` is the decoded path. The first pattern that fits wins; literal paths stand before those with braces.
RouteResult find_route(std::span<const RoutePattern> patterns, std::string_view method,
                       const std::vector<std::string>& segments);

}  // namespace anlan::collector
