#include "collector/people/one_time_code.hpp"

#include <set>

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

const std::string kSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";  // RFC 6238: "12345678901234567890"
WallTime second(std::int64_t s) { return wall_from_ms(s * 1000); }

TEST(OneTimeCode, IsThatOfTheStandard) {
  EXPECT_EQ(code_at(kSeed, second(59)), "287082");
  EXPECT_EQ(code_at(kSeed, second(1111111109)), "081804");
  EXPECT_EQ(code_at(kSeed, second(20000000000)), "353130");
  EXPECT_EQ(code_at("not base32!", second(59)), "");
}

TEST(OneTimeCode, FitsOneStepBeforeAndAfter) {
  const std::string code = code_at(kSeed, second(3000));
  EXPECT_EQ(matching_step(kSeed, code, second(3000), 0), 100);
  EXPECT_EQ(matching_step(kSeed, code, second(2970), 0), 100);
  EXPECT_EQ(matching_step(kSeed, code, second(3059), 0), 100);
  EXPECT_FALSE(matching_step(kSeed, code, second(3060), 0));
  EXPECT_FALSE(matching_step(kSeed, code, second(2969), 0));
}

TEST(OneTimeCode, IsTakenOnceAndNoOlderOneAfterIt) {
  const std::string code = code_at(kSeed, second(3000)), older = code_at(kSeed, second(2970));
  const auto step = matching_step(kSeed, code, second(3000), 0);
  ASSERT_TRUE(step);
  EXPECT_FALSE(matching_step(kSeed, code, second(3001), *step));
  EXPECT_FALSE(matching_step(kSeed, older, second(3001), *step));
  EXPECT_TRUE(matching_step(kSeed, code_at(kSeed, second(3030)), second(3030), *step));
}

TEST(OneTimeCode, RefusesWhatIsNoCode) {
  for (const char* wrong : {"", "28708", "2870820", "abcdef", "      "})
    EXPECT_FALSE(matching_step(kSeed, wrong, second(59), 0)) << wrong;
  EXPECT_FALSE(matching_step("", "", second(59), 0));
}

TEST(OneTimeCode, SeedsAreRandomAndOf160Bits) {
  std::set<std::string> seeds;
  for (int i = 0; i < 100; ++i) seeds.insert(new_code_seed());
  EXPECT_EQ(seeds.size(), 100u);
  EXPECT_EQ(seeds.begin()->size(), 32u);
  EXPECT_EQ(code_at(*seeds.begin(), second(59)).size(), 6u);
}

TEST(OneTimeCode, TellsAppsItsNameSafely) {
  EXPECT_EQ(code_uri("ABC", "a&b ?"), "otpauth://totp/Anlan:a%26b%20%3F?secret=ABC&issuer=Anlan");
}

}  // namespace
}  // namespace anlan::collector
