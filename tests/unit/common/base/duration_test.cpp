#include "common/base/duration.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(Duration, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(*parse_duration("30m"), Millis{1'800'000});
  EXPECT_EQ(*parse_duration("1h30m5s250ms"), Millis{5'405'250});
  EXPECT_EQ(*parse_duration("0s"), Millis{0});
  for (const char* text : {"", "30", "m", "-5s", "1.5h", "30 m", "5d", "9999999999s", "1h30"}) {
    const auto time = parse_duration(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace anlan
