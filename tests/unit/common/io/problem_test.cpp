#include "common/io/problem.hpp"

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "common/io/json.hpp"

namespace anlan {
namespace {

TEST(Problem, IsAnObjectOfItsOwnMediaType) {
  const HttpResponse response = to_response({409, "refused", "a \"quoted\" detail", {"one", "two"}});
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  const auto body = parse_json_object(response.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->at("type"), "urn:anlan:problem:refused");
  EXPECT_EQ(body->at("title"), "Conflict");
  EXPECT_EQ(body->at("detail"), "a \"quoted\" detail");
  EXPECT_EQ(body->at("errors").as_array().size(), 2u);
}

TEST(Problem, KeepsWhatADiskOrABugSaysToTheLog) {
  for (const Errc code : {Errc::storage_failed, Errc::storage_corrupt, Errc::internal})
    EXPECT_EQ(to_problem({code, "/var/lib/secret-path"}).detail.find("secret"), std::string::npos);
  EXPECT_EQ(to_problem({Errc::not_found, "no alert x"}).detail, "no alert x");
}

TEST(Problem, TellsWhetherTryingAgainHelps) {
  EXPECT_EQ(to_problem({Errc::unavailable, ""}).status, 503);
  EXPECT_EQ(to_problem({Errc::storage_full, ""}).status, 503);
  EXPECT_TRUE(to_response(to_problem({Errc::storage_full, ""})).headers.has("Retry-After"));
  EXPECT_EQ(to_problem({Errc::conflict, ""}).status, 412);
  EXPECT_EQ(to_problem({Errc::invalid_argument, ""}).status, 422);
}

}  // namespace
}  // namespace anlan
