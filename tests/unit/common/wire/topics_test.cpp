#include "common/wire/topics.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

using topics::Lane;

TEST(Topics, AreTheOnesOfTheDesign) {
  EXPECT_EQ(topics::up("s", "e", Lane::urgent), "anlan/v1/s/e/up/urgent");
  EXPECT_EQ(topics::up("s", "e", Lane::live), "anlan/v1/s/e/up/live");
  EXPECT_EQ(topics::up("s", "e", Lane::backlog), "anlan/v1/s/e/up/backlog");
  EXPECT_EQ(topics::down_receipt("s", "e"), "anlan/v1/s/e/down/receipt");
  EXPECT_EQ(topics::edge_state("s", "e"), "anlan/v1/s/e/state");
  EXPECT_EQ(topics::kCollectorState, "anlan/v1/collector/state");
}

TEST(Topics, OfAnEdgeReadBack) {
  for (const Lane lane : {Lane::urgent, Lane::live, Lane::backlog}) {
    const auto read = topics::parse_up(topics::up("tj-bh-017", "tj-bh-017-a", lane));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->site, "tj-bh-017");
    EXPECT_EQ(read->edge, "tj-bh-017-a");
    EXPECT_EQ(read->lane, lane);
  }
  const auto state = topics::parse_up(topics::edge_state("s", "e"));
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->lane);
}

TEST(Topics, OfAnybodyElseAreNone) {
  for (const char* topic : {"",
                            "/",
                            "anlan",
                            "anlan/v1",
                            "anlan/v1/s/e",
                            "anlan/v1/s/e/",
                            "anlan/v1/s/e/up",
                            "anlan/v1/s/e/up/",
                            "anlan/v1/s/e/up/other",
                            "anlan/v1/s/e/up/urgent/",
                            "anlan/v1/s/e/up/urgent/x",
                            "anlan/v1/s/e/down/receipt",
                            "anlan/v1/s/e/state/x",
                            "anlan/v2/s/e/up/urgent",
                            "other/v1/s/e/up/urgent",
                            "/anlan/v1/s/e/up/urgent",
                            "anlan/v1//e/up/urgent",
                            "anlan/v1/s//up/urgent",
                            "anlan/v1/S/e/up/urgent",
                            "anlan/v1/+/e/up/urgent",
                            "anlan/v1/s/#/up/urgent",
                            "anlan/v1/s/e\n/up/urgent",
                            "anlan/v1/../e/up/urgent",
                            "anlan/v1/s/e/up/URGENT",
                            "anlan/v1/collector/state",
                            "anlan/v1/s/e/bundle"})
    EXPECT_FALSE(topics::parse_up(topic)) << topic;
  EXPECT_FALSE(topics::parse_up("anlan/v1/s/" + std::string(64, 'e') + "/up/urgent"));
  EXPECT_FALSE(topics::parse_up(std::string("anlan/v1/s/e\0/up/urgent", 23)));
  EXPECT_FALSE(topics::parse_up(std::string(1'000'000, '/')));
}

/// An edge must not be able to take a name under which the collector's own topic lies.
TEST(Topics, TheCollectorsStateIsNoEdgesState) { EXPECT_FALSE(topics::parse_up(topics::kCollectorState)); }

}  // namespace
}  // namespace anlan
