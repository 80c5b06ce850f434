#include "common/io/http_target.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(HttpTarget, IsTakenApartAndDecoded) {
  const auto target = parse_target("/api/v1/a%2Fb/%E7%8E%8B?x=1&y=a%26b&z&x=%2B");
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(target->path, (std::vector<std::string>{"api", "v1", "a/b", "王"}));
  const std::vector<std::pair<std::string, std::string>> query{{"x", "1"}, {"y", "a&b"}, {"z", ""}, {"x", "+"}};
  EXPECT_EQ(target->query, query);
}

TEST(HttpTarget, OfTheRootIsEmpty) {
  EXPECT_TRUE(parse_target("/")->path.empty());
  EXPECT_TRUE(parse_target("/?")->query.empty());
}

TEST(HttpTarget, RefusesWhatIsNoPlainPath) {
  for (const char* text : {"", "x", "*", "http://h/x", "//x", "/a//b", "/a/", "/a/../b", "/./a", "/%2e%2e/a", "/a%00b",
                           "/a%ff", "/a?b=%0a", "/a?%80=1", "/a b", "/a%zz", "/a%2", "/a#b"})
    EXPECT_FALSE(parse_target(text)) << text;
}

TEST(PlainText, IsWellFormedUtf8WithoutControlCharacters) {
  for (const char* text : {"", "abc", "é", "王芳", "\xF0\x9F\x9A\xA8", "\xEF\xBF\xBD"})
    EXPECT_TRUE(plain_text(text)) << text;
  for (const char* text : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF8\x88\x80\x80\x80", "a\nb", "\x7f", "\xE7\x8E"})
    EXPECT_FALSE(plain_text(text));
}

TEST(HttpUrl, IsSplitIntoServerAndTarget) {
  const auto url = split_url("https://hooks.example:8443/a/b?token=x");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->kind, HttpUrl::Kind::https);
  EXPECT_EQ(url->host, "hooks.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->authority, "hooks.example:8443");
  EXPECT_EQ(url->target, "/a/b?token=x");
  EXPECT_EQ(split_url("http://x")->port, 80);
  EXPECT_EQ(split_url("https://x")->port, 443);
  EXPECT_EQ(split_url("http://[::1]:9/")->host, "::1");
  EXPECT_EQ(split_url("http://[::1]:9/")->authority, "[::1]:9");
  EXPECT_EQ(split_url("unix:///run/a b.sock")->socket, "/run/a b.sock");
}

TEST(HttpUrl, RefusesWhatItCannotReachWithoutRepeatingIt) {
  for (const char* text : {"", "x", "http://", "ftp://x", "http://user:secret@x", "http://x:0", "http://x:65536",
                           "http://x#secret", "unix://x", "unix://", "http://x y/", "http://a%2Fb/"}) {
    const auto url = split_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
  }
}

TEST(PercentEncode, ComesBackThroughTheTarget) {
  const std::string text = "王 &=?/#%+~.-_";
  const auto target =
      parse_target("/" + percent_encode(text) + "?" + percent_encode(text) + "=" + percent_encode(text));
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path.front(), text);
  EXPECT_EQ(target->query.front(), std::pair(text, text));
}

}  // namespace
}  // namespace anlan
