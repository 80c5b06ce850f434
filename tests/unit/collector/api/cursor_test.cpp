#include "collector/api/cursor.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

TEST(Cursor, ComesBackForTheQueryItCameFrom) {
  for (const std::string place : {"", "edge-1", "tj-bh-017/tank-3/temperature", "王芳", "123:456"}) {
    const auto opened = open_cursor("/alerts\nlevel=red", make_cursor("/alerts\nlevel=red", place));
    ASSERT_TRUE(opened);
    EXPECT_EQ(*opened, place);
  }
}

TEST(Cursor, IsRefusedForAnotherQuery) {
  EXPECT_EQ(open_cursor("/alerts\nlevel=blue", make_cursor("/alerts\nlevel=red", "x")).error().code, Errc::malformed);
}

TEST(Cursor, IsRefusedWhereItIsNoneOfOurs) {
  const std::string good = make_cursor("/alerts", "x");
  for (const std::string& bad : {std::string(), std::string("x"), std::string("zz"), good.substr(2), good.substr(1),
                                 good + "0", "AB" + good.substr(2), good + "0a", good + "80", std::string(5000, '0')})
    EXPECT_FALSE(open_cursor("/alerts", bad)) << bad;
}

TEST(Cursor, ShowsNothingOfTheFilters) {
  EXPECT_EQ(make_cursor("/alerts\ntext=secret", "").find("736563726574"), std::string::npos);
}

TEST(Sha256, IsTheStandardsOwn) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, B.1
}

}  // namespace
}  // namespace anlan::collector
