#include <set>

#include <gtest/gtest.h>

#include "collector/people/password_rules.hpp"
#include "collector/people/secrets.hpp"

namespace anlan::collector {
namespace {

constexpr HashCost kCheap{1, 8192};

TEST(Password, MatchesItsOwnHashOnly) {
  const auto hash = hash_password("correct horse battery", kCheap);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << *hash;
  EXPECT_TRUE(password_matches(*hash, "correct horse battery"));
  EXPECT_FALSE(password_matches(*hash, "correct horse batterz"));
  EXPECT_FALSE(password_matches(*hash, ""));
  for (const std::string& broken : {std::string(), std::string("plain"), hash->substr(0, 40), std::string(500, 'a')})
    EXPECT_FALSE(password_matches(broken, "correct horse battery"));
}

TEST(Password, IsSaltedAndKnowsItsCost) {
  const auto one = hash_password("correct horse battery", kCheap), two = hash_password("correct horse battery", kCheap);
  EXPECT_NE(*one, *two);
  EXPECT_FALSE(other_cost(*one, kCheap));
  EXPECT_TRUE(other_cost(*one, {2, 8192}));
}

TEST(Password, MustBeLongAndNotTheName) {
  EXPECT_EQ(password_fault("correct horse", "wang"), "");
  EXPECT_EQ(password_fault("安全第一预防为主综合治理", "王芳"), "");  // characters, not bytes
  EXPECT_NE(password_fault("安全第一预防为主", "王芳"), "");
  EXPECT_NE(password_fault("short", "wang"), "");
  EXPECT_NE(password_fault("aaaaaaaaaaaabbb", "wang"), "");
  EXPECT_NE(password_fault("my WangFang pass", "wangfang"), "");
  EXPECT_NE(password_fault(std::string(1025, 'a') + "bcdefg", "wang"), "");
}

TEST(Secrets, AreLongRandomAndKeptAsFingerprints) {
  std::set<std::string> tokens, codes;
  for (int i = 0; i < 200; ++i) {
    tokens.insert(random_token());
    codes.insert(random_recovery_code());
  }
  EXPECT_EQ(tokens.size(), 200u);
  EXPECT_EQ(codes.size(), 200u);
  EXPECT_EQ(tokens.begin()->size(), 43u);
  EXPECT_EQ(tokens.begin()->find_first_of("+/="), std::string::npos);
  EXPECT_EQ(codes.begin()->size(), 19u);
  EXPECT_EQ(fingerprint("abc").size(), 64u);
  EXPECT_EQ(fingerprint("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");  // BLAKE2b-256
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "abcd"));
  std::string secret = "hunter2 hunter2 hunter2 hunter2";
  const char* where = secret.data();
  wipe(secret);
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(where[3], 0);
}

}  // namespace
}  // namespace anlan::collector
