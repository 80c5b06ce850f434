#include "collector/people/login_guard.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

MonoTime at(std::int64_t ms) { return mono_from_ms(ms); }

LoginGuard::Policy policy() { return {3, 6, Millis{1'000}, Millis{8'000}, Millis{60'000}, 20}; }

TEST(LoginGuard, HoldsAnAddressOffForLongerEachTime) {
  LoginGuard guard(policy());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(guard.begin("wang", "a", false, at(0)));
  EXPECT_EQ(guard.begin("wang", "a", false, at(0)), Millis{1'000});
  EXPECT_FALSE(guard.begin("wang", "a", false, at(1'000)));  // the fourth failure: twice as long
  EXPECT_EQ(guard.begin("wang", "a", false, at(1'000)), Millis{2'000});
  EXPECT_FALSE(guard.begin("wang", "a", false, at(3'000)));
  EXPECT_EQ(guard.begin("wang", "a", false, at(3'001)), Millis{3'999});
}

TEST(LoginGuard, NeverHoldsOffForLongerThanTheLongest) {
  LoginGuard guard(policy());
  std::int64_t now = 0;
  for (int i = 0; i < 50; ++i) {
    const auto wait = guard.begin("wang", "a", false, at(now));
    if (wait) {
      EXPECT_LE(*wait, Millis{8'000});
      now += wait->count();
    }
  }
  EXPECT_FALSE(guard.begin("wang", "a", false, at(now + 8'000)));
}

TEST(LoginGuard, OneAddressDoesNotLockAnother) {
  LoginGuard guard(policy());
  for (int i = 0; i < 5; ++i) guard.begin("wang", "a", false, at(0));
  EXPECT_TRUE(guard.begin("wang", "a", false, at(0)));
  EXPECT_FALSE(guard.begin("wang", "b", false, at(0)));
  EXPECT_FALSE(guard.begin("li", "a", false, at(0)));
}

TEST(LoginGuard, ManyAddressesLockStrangersOnly) {
  LoginGuard guard(policy());
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(guard.begin("wang", "evil-" + std::to_string(i), false, at(0)));
  EXPECT_TRUE(guard.begin("wang", "evil-9", false, at(0)));
  EXPECT_FALSE(guard.begin("wang", "her desk", true, at(0)));      // where she has logged in before
  EXPECT_FALSE(guard.begin("wang", "evil-9", false, at(10'000)));  // and it ends by itself
}

TEST(LoginGuard, AttemptsSideBySideCountBeforeTheyAreDecided) {
  LoginGuard guard(policy());
  int let_through = 0;
  for (int i = 0; i < 100; ++i) let_through += guard.begin("wang", "a", false, at(0)) ? 0 : 1;
  EXPECT_EQ(let_through, 3);
}

TEST(LoginGuard, SuccessForgetsThePairAndLeavesWhatOthersDid) {
  LoginGuard guard(policy());
  for (int i = 0; i < 2; ++i) guard.begin("wang", "a", false, at(0));
  EXPECT_FALSE(guard.begin("wang", "a", false, at(0)));
  guard.succeeded("wang", "a");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(guard.begin("wang", "a", false, at(0)));
  EXPECT_TRUE(guard.begin("wang", "c", false, at(0)) == std::nullopt);  // 2 + 3 of six are counted by name
  EXPECT_TRUE(guard.begin("wang", "d", false, at(0)));
}

TEST(LoginGuard, ForgetsWhatIsLongAgo) {
  LoginGuard guard(policy());
  for (int i = 0; i < 3; ++i) guard.begin("wang", "a", false, at(0));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(guard.begin("wang", "a", false, at(60'000)));
}

TEST(LoginGuard, KeepsNoMoreThanItIsAllowed) {
  LoginGuard guard(policy());
  for (int i = 0; i < 1000; ++i) guard.begin("name-" + std::to_string(i), "a", false, at(i));
  EXPECT_LE(guard.entries(), 20u);
  EXPECT_FALSE(guard.begin("name-999", "a", false, at(1'000)));
  EXPECT_FALSE(guard.begin("name-999", "a", false, at(1'000)));
  EXPECT_TRUE(guard.begin("name-999", "a", false, at(1'000)));  // its first failure was still known
}

}  // namespace
}  // namespace anlan::collector
