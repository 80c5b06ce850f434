// Words and numbers that stand in files, on the line and in interfaces: they never change.
#include <gtest/gtest.h>

#include "common/model/alert.hpp"
#include "common/model/protocol.hpp"

namespace anlan {
namespace {

TEST(Words, OfLevels) {
  for (const Level level : {Level::none, Level::blue, Level::yellow, Level::orange, Level::red})
    EXPECT_EQ(level_from(to_string(level)), level);
  for (const char* text : {"", "RED", "green", "4"}) EXPECT_FALSE(level_from(text));
  EXPECT_EQ(static_cast<int>(Level::red), 4);
}

TEST(Words, OfQualities) {
  EXPECT_EQ(to_string(Quality::comm_failure), "comm-failure");
  for (std::uint64_t number = 0; number < 8; ++number)
    EXPECT_EQ(static_cast<std::uint64_t>(*quality_from(number)), number);
  EXPECT_FALSE(quality_from(8));
  EXPECT_FALSE(quality_from(1ull << 40));
}

TEST(Words, OfKindsAndReasons) {
  EXPECT_EQ(to_string(Kind::edge_event), "edge-event");
  EXPECT_EQ(to_string(Kind::minutes), "minutes");
  EXPECT_EQ(to_string(Kind{9}), "newer");
  EXPECT_EQ(to_string(Kind{0xffffffffu}), "newer");
  EXPECT_EQ(to_string(LossReason::refused), "refused");
  EXPECT_EQ(to_string(AlertStep::latched), "latched");
}

TEST(Words, OnlyAClearedAlertIsOver) {
  AlertTransition t;
  for (const AlertStep step : {AlertStep::raised, AlertStep::upgraded, AlertStep::downgraded, AlertStep::latched}) {
    t.step = step;
    EXPECT_TRUE(t.active());
  }
  t.step = AlertStep::cleared;
  EXPECT_FALSE(t.active());
}

}  // namespace
}  // namespace anlan
