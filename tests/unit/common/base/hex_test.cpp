#include "common/base/hex.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(Hex, OfBytesAndBack) {
  const std::string bytes("\x00\x01\x7f\x80\xff", 5);
  EXPECT_EQ(to_hex(bytes), "00017f80ff");
  EXPECT_EQ(from_hex("00017f80ff"), bytes);
  EXPECT_EQ(from_hex("00017F80FF"), bytes);
  EXPECT_EQ(to_hex(""), "");
  EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, OfAnythingElseIsNone) {
  for (const char* text : {"0", "0g", "0x", " 00", "00 ", "é0"}) EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

}  // namespace
}  // namespace anlan
