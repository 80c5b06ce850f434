#include "common/base/utf8.hpp"

#include <string>

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(Utf8, TakesWhatRfc3629Takes) {
  for (const std::string_view text : {"", "tank-3", "储罐三", "\xF0\x9F\x94\xA5", "\xC2\x80", "\xDF\xBF",
                                      "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(valid_utf8(text)) << text;
  EXPECT_TRUE(valid_utf8(std::string_view("a\0b", 3)));
}

TEST(Utf8, RefusesOverlongSurrogateCutAndTooHigh) {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE4\xBD",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x94", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "a\xFE"})
    EXPECT_FALSE(valid_utf8(text)) << testing::PrintToString(text);
}

}  // namespace
}  // namespace anlan
