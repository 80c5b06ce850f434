#include "collector/alert/silence.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

MonoTime second(int n) { return mono_from_ms(n * 1000); }

TEST(SilenceWatch, AnEdgeIsSilentOnlyAfterTheWholeTime) {
  SilenceWatch watch(second(0));
  EXPECT_TRUE(watch.heard("a", second(10)));
  EXPECT_FALSE(watch.heard("a", second(20)));
  EXPECT_TRUE(watch.silent(second(110), Millis{90'000}).empty());
  EXPECT_EQ(watch.silent(second(111), Millis{90'000}), std::vector<std::string>{"a"});
}

TEST(SilenceWatch, AfterARestartAnEdgeGetsTheWholeTimeAgain) {
  SilenceWatch watch(second(1000));
  watch.know("a");
  EXPECT_TRUE(watch.silent(second(1090), Millis{90'000}).empty());
  EXPECT_EQ(watch.silent(second(1091), Millis{90'000}).size(), 1u);
}

TEST(SilenceWatch, KnowingAnEdgeFromBeforeDoesNotForgetThatItWasHeard) {
  SilenceWatch watch(second(0));
  watch.heard("a", second(50));
  watch.know("a");
  EXPECT_TRUE(watch.silent(second(120), Millis{90'000}).empty());
}

}  // namespace
}  // namespace anlan::collector
