#include "collector/store/changes.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

class Changes : public testing::Test {
 protected:
  void SetUp() override {
    db_ = std::move(*Database::open("sqlite://" + dir_.file("r.db")));
    ASSERT_TRUE(db_->migrate(change_schema(), "change"));
  }
  std::int64_t add(std::int64_t at_ms) {
    return changes::append(*db_, wall_from_ms(at_ms), "alert", "a1", R"({"level":"red"})");
  }

  test::TempDir dir_;
  std::unique_ptr<Database> db_;
};

TEST_F(Changes, AreReplayedInOrderFromWhereAClientStopped) {
  EXPECT_EQ(changes::newest(*db_), 0);
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(add(1000 * i), i);
  const auto two = changes::after(*db_, 2, 2);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].seq, 3);
  EXPECT_EQ(two[0].at, wall_from_ms(3000));
  EXPECT_EQ(two[1].kind, "alert");
  EXPECT_EQ(two[1].subject, "a1");
  EXPECT_EQ(two[1].body, R"({"level":"red"})");
  EXPECT_EQ(changes::newest(*db_), 5);
  EXPECT_TRUE(changes::after(*db_, 5, 10).empty());
}

TEST_F(Changes, PruningNeverGivesANumberTwice) {
  for (int i = 1; i <= 3; ++i) add(1000 * i);
  EXPECT_EQ(changes::prune(*db_, wall_from_ms(10'000), 100), 3);
  EXPECT_EQ(changes::newest(*db_), 3);
  EXPECT_EQ(changes::pruned(*db_), 3);
  EXPECT_EQ(add(11'000), 4);
}

TEST_F(Changes, PruningLeavesNoHolesAfterAClockStep) {
  add(1000), add(9000), add(2000), add(9500);  // the clock was set back before the third
  EXPECT_EQ(changes::prune(*db_, wall_from_ms(5000), 100), 3);
  ASSERT_EQ(changes::after(*db_, 0, 10).size(), 1u);
  EXPECT_EQ(changes::pruned(*db_), 3);
  EXPECT_EQ(changes::prune(*db_, wall_from_ms(5000), 100), 0);
}

TEST_F(Changes, ArePrunedInPiecesFromTheOldest) {
  for (int i = 1; i <= 5; ++i) add(1000 * i);
  EXPECT_EQ(changes::prune(*db_, wall_from_ms(4500), 3), 3);
  EXPECT_EQ(changes::pruned(*db_), 3);
  EXPECT_EQ(changes::prune(*db_, wall_from_ms(4500), 3), 1);
  EXPECT_EQ(changes::prune(*db_, wall_from_ms(4500), 3), 0);
  ASSERT_EQ(changes::after(*db_, 0, 10).size(), 1u);
}

TEST_F(Changes, APageHasALimit) {
  for (const int limit : {0, -1, changes::kMaxPage + 1}) EXPECT_THROW(changes::after(*db_, 0, limit), DatabaseError);
}

}  // namespace
}  // namespace anlan::collector
