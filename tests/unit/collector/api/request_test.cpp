#include "collector/api/request.hpp"

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

ApiRequest with(HttpHeaders headers, std::string body = "") {
  ApiRequest request;
  request.http.headers = std::move(headers);
  request.http.body = std::move(body);
  return request;
}

TEST(IfMatch, IsOneStrongTag) {
  EXPECT_EQ(expected_version(with({{"If-Match", "\"17\""}})).value(), 17);
  EXPECT_EQ(expected_version(with({})).error().status, 428);
  for (const char* tag :
       {"17", "\"17", "*", "W/\"17\"", "\"17\",\"18\"", "\"\"", "\"", "\"1 7\"", "\"-3\"", "\"99999999999999999999\""})
    EXPECT_EQ(expected_version(with({{"If-Match", tag}})).error().code, "if-match-malformed") << tag;
}

TEST(IfMatch, MustNotBeGivenTwice) {
  ApiRequest request = with({});
  request.http.headers.add("If-Match", "\"1\"");
  request.http.headers.add("If-Match", "\"2\"");
  EXPECT_FALSE(expected_version(request));
}

TEST(IdempotencyKey, IsVisibleText) {
  EXPECT_EQ(idempotency_key(with({{"Idempotency-Key", "a-1"}})).value(), "a-1");
  EXPECT_EQ(idempotency_key(with({})).error().code, "idempotency-key-missing");
  for (const std::string& key : {std::string("a b"), std::string("\xC3\xA9"), std::string(201, 'x')})
    EXPECT_EQ(idempotency_key(with({{"Idempotency-Key", key}})).error().code, "idempotency-key-malformed");
}

TEST(Body, MustSayThatItIsJson) {
  EXPECT_TRUE(read_body(with({{"Content-Type", "application/json; charset=utf-8"}}, "{}")));
  for (const char* type : {"", "text/plain", "application/jsonx", "multipart/form-data"})
    EXPECT_EQ(read_body(with({{"Content-Type", type}}, "{}")).error().status, 415) << type;
}

Actor actor_of(const ApiRequest& request, const char* body, std::vector<std::string>& faults) {
  const auto object = *parse_json_object(body);
  JsonFields fields(object);
  const Actor actor = read_actor(request, fields);
  faults = fields.faults();
  return actor;
}

TEST(ActorOfACall, ComesFromBodyOrHeaders) {
  std::vector<std::string> faults;
  EXPECT_EQ(actor_of(with({}), R"({"actor": {"name": " 王芳 ", "role": "DA"}})", faults), (Actor{"王芳", Role::DA}));
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(actor_of(with({{"X-Anlan-Actor", "王芳 "}, {"X-Anlan-Role", "CR"}}), "{}", faults),
            (Actor{"王芳", Role::CR}));
  EXPECT_TRUE(faults.empty());
  actor_of(with({{"X-Anlan-Actor", "王芳"}, {"X-Anlan-Role", "DA"}}), R"({"actor": {"name": "王芳", "role": "DA"}})",
           faults);
  EXPECT_TRUE(faults.empty());
}

TEST(ActorOfACall, IsNeverNobodyOrTheSystem) {
  std::vector<std::string> faults;
  for (const char* body :
       {"{}", R"({"actor": null})", R"({"actor": {}})", R"({"actor": {"name": "", "role": "DA"}})",
        R"({"actor": {"name": "a", "role": "SYS"}})", R"({"actor": {"name": "a", "role": "da"}})",
        R"({"actor": {"name": "a\u0007", "role": "DA"}})", R"({"actor": {"name": 1, "role": "DA"}})"}) {
    actor_of(with({}), body, faults);
    EXPECT_FALSE(faults.empty()) << body;
  }
  actor_of(with({{"X-Anlan-Actor", "b"}, {"X-Anlan-Role", "DA"}}), R"({"actor": {"name": "a", "role": "DA"}})", faults);
  EXPECT_EQ(faults, std::vector<std::string>{"actor is another one in the headers than in the body"});
}

}  // namespace
}  // namespace anlan::collector
