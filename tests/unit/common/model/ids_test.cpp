#include "common/model/ids.hpp"

#include <random>
#include <unordered_set>

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(Ids, GoThroughHexAndBytesUnchanged) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const Epoch id{random() >> random() % 64, random() >> random() % 64};
    EXPECT_EQ(Epoch::from_hex(id.hex()), id);
    const auto bytes = id.bytes();
    EXPECT_EQ(Epoch::from_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), id);
  }
}

TEST(Ids, AreWrittenHighHalfFirst) {
  EXPECT_EQ((Epoch{0x0123456789abcdefu, 0xfedcba9876543210u}.hex()), "0123456789abcdeffedcba9876543210");
  EXPECT_EQ((Epoch{1, 2}.bytes()[7]), 1);
  EXPECT_EQ((Epoch{1, 2}.bytes()[15]), 2);
}

TEST(Ids, RefuseEverythingElse) {
  for (const std::string& text :
       {std::string(), std::string(31, '0'), std::string(33, '0'), std::string(32, 'g'), std::string(32, 'A'),
        std::string(31, '0') + " ", "0x" + std::string(30, '0'), std::string(32, '\0')})
    EXPECT_FALSE(Epoch::from_hex(text)) << text;
  for (const std::size_t size : {0u, 15u, 17u}) EXPECT_FALSE(Epoch::from_bytes(std::string(size, 'x')));
}

TEST(Ids, SpreadInAHashTable) {
  std::unordered_set<Epoch> ids;
  for (std::uint64_t i = 0; i < 1000; ++i) ids.insert({i, i});
  EXPECT_EQ(ids.size(), 1000u);
}

TEST(Names, FollowOneGrammar) {
  for (const std::string& name :
       {std::string("a"), std::string("0"), std::string("tank-3"), std::string("3-"), std::string(63, 'x')})
    EXPECT_TRUE(valid_name(name)) << name;
  for (const std::string& name : {std::string(), std::string("-a"), std::string("A"), std::string("a_b"),
                                  std::string("a b"), std::string("a/b"), std::string("a."), std::string("储罐"),
                                  std::string("a\0b", 3), std::string("+"), std::string("#"), std::string(64, 'x')})
    EXPECT_FALSE(valid_name(name)) << name;
}

TEST(PointPath, IsSiteDevicePoint) {
  const auto path = PointPath::parse("tj-bh-017/tank-3/level");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->site, "tj-bh-017");
  EXPECT_EQ(path->device, "tank-3");
  EXPECT_EQ(path->point, "level");
  EXPECT_EQ(path->str(), "tj-bh-017/tank-3/level");
}

TEST(PointPath, NamesThePartThatBreaksTheGrammar) {
  for (const char* text :
       {"", "/", "//", "a/b", "a/b/", "/b/c", "a//c", "a/b/c/d", "a/b/C", "a/b/c d", "a/b/c\n", "../../etc"}) {
    const auto path = PointPath::parse(text);
    ASSERT_FALSE(path) << text;
    EXPECT_EQ(path.error().code, Errc::malformed);
  }
  EXPECT_NE(PointPath::parse("site/Tank/level").error().message.find("Tank"), std::string::npos);
  EXPECT_LT(PointPath::parse(std::string(1'000'000, 'x')).error().message.size(), 400u);
}

}  // namespace
}  // namespace anlan
