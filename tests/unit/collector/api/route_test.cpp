#include "collector/api/route.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

constexpr RoutePattern kPatterns[] = {{"GET", "/api/alerts"},
                                      {"POST", "/api/alerts"},
                                      {"GET", "/api/alerts/{id}"},
                                      {"GET", "/api/points/{a}/{b}"},
                                      {"GET", "/healthz"}};

RouteResult find(std::string_view method, const std::vector<std::string>& path) {
  return find_route(kPatterns, method, path);
}

TEST(Route, IsFoundByMethodAndPath) {
  EXPECT_EQ(find("GET", {"healthz"}).match.route, 4u);
  EXPECT_EQ(find("POST", {"api", "alerts"}).match.route, 1u);
  const RouteResult alert = find("GET", {"api", "alerts", "a/b"});
  EXPECT_EQ(alert.match.route, 2u);
  EXPECT_EQ(alert.match.parameters, std::vector<std::string>{"a/b"});
  EXPECT_EQ(find("GET", {"api", "points", "x", "y"}).match.parameters, (std::vector<std::string>{"x", "y"}));
}

TEST(Route, TellsAMissingPathFromAWrongMethod) {
  for (const std::vector<std::string>& path : std::vector<std::vector<std::string>>{
           {}, {"api"}, {"api", "alerts", "1", "2"}, {"api", "points", "x"}, {"healthz", "x"}, {"Healthz"}})
    EXPECT_EQ(find("GET", path).kind, RouteResult::Kind::no_path);
  const RouteResult wrong = find("DELETE", {"api", "alerts"});
  EXPECT_EQ(wrong.kind, RouteResult::Kind::no_method);
  EXPECT_EQ(wrong.allowed, (std::vector<std::string>{"GET", "POST"}));
}

}  // namespace
}  // namespace anlan::collector
