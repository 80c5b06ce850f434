#include "collector/cli/display.hpp"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

namespace anlan::collector::cli {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("3号罐温度"), 9u);
  EXPECT_EQ(display_width("（全角）"), 8u);
  EXPECT_EQ(display_width("é"), 1u);
  EXPECT_EQ(display_width("e\xCC\x81"), 1u) << "a combining accent takes no column";
  EXPECT_EQ(display_width("\xFF"), 1u) << "a byte that is no UTF-8 takes one";
}

TEST(DisplayWidth, DoesNotCountColours) { EXPECT_EQ(display_width(painted("罐", "red", true)), 2u); }

TEST(Printable, LetsNoTextSteerTheTerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\r\nc"), "a [31mb  c");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31m"),
            "a  31m");
  EXPECT_EQ(printable("王芳"), "王芳");
}

class LocalTime : public testing::Test {
 protected:
  void zone(const char* tz) {
    setenv("TZ", tz, 1);
    tzset();
  }
  ~LocalTime() override {
    unsetenv("TZ");
    tzset();
  }
};

TEST_F(LocalTime, ShowsItsOffset) {
  zone("CST-8");
  EXPECT_EQ(local_time("2026-11-23T08:15:00.250Z"), "2026-11-23 16:15:00 +08:00");
  zone("UTC0");
  EXPECT_EQ(local_time("2026-11-23T08:15:00.250Z"), "2026-11-23 08:15:00 +00:00");
  zone("NST3:30");
  EXPECT_EQ(local_time("2026-11-23T02:15:00.250Z"), "2026-11-22 22:45:00 -03:30");
  EXPECT_EQ(local_time(""), "-");
  EXPECT_EQ(local_time("soon"), "soon");
}

TEST(LevelText, IsToldApartWithoutColours) {
  EXPECT_EQ(level_text("red"), "!!!! red");
  EXPECT_EQ(level_text("blue"), "!    blue");
  EXPECT_EQ(painted("x", "red", false), "x");
  EXPECT_EQ(painted("x", "none", true), "x");
  EXPECT_NE(painted("x", "red", true), painted("x", "orange", true));
}

}  // namespace
}  // namespace anlan::collector::cli
