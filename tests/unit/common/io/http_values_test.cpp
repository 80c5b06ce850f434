#include <gtest/gtest.h>

#include "common/io/basic_authorization.hpp"
#include "common/io/http.hpp"

namespace anlan {
namespace {

TEST(HttpHeaders, FindNamesInAnyCase) {
  const HttpHeaders headers{{"Content-Type", "a/b"}, {"X-One", "1"}};
  EXPECT_EQ(headers.get("content-type"), "a/b");
  EXPECT_TRUE(headers.has("x-ONE"));
  EXPECT_FALSE(headers.has("x-two"));
  EXPECT_EQ(headers.get("x-two"), "");
}

TEST(HttpHeaders, ReplaceWithSetAndKeepAllWithAdd) {
  HttpHeaders headers;
  EXPECT_TRUE(headers.add("A", "1"));
  EXPECT_TRUE(headers.add("a", "2"));
  EXPECT_EQ(headers.count("A"), 2u);
  EXPECT_TRUE(headers.set("A", "3"));
  EXPECT_EQ(headers.count("a"), 1u);
  EXPECT_EQ(headers.get("a"), "3");
}

TEST(HttpHeaders, NeverHoldWhatWouldForgeAnotherHeader) {
  HttpHeaders headers;
  for (const std::string_view value : {std::string_view("x\r\nSet-Cookie: y"), std::string_view("x\ny"),
                                       std::string_view("x\0y", 3), std::string_view("\x7f")})
    EXPECT_FALSE(headers.set("A", value));
  for (const char* name : {"", "A B", "A:", "A\r\n", "é"}) EXPECT_FALSE(headers.set(name, "x")) << name;
  EXPECT_TRUE(headers.all().empty());
  EXPECT_TRUE(headers.set("X-Anlan-Actor", "王芳\tx"));
}

TEST(HttpValues, BasicAuthorizationIsThatOfTheStandard) {
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617
  EXPECT_EQ(basic_authorization("test", "123\xC2\xA3"), "Basic dGVzdDoxMjPCow==");
  EXPECT_EQ(basic_authorization("ab", "cde"), "Basic YWI6Y2Rl");
  EXPECT_EQ(basic_authorization("", ""), "Basic Og==");
}

}  // namespace
}  // namespace anlan
