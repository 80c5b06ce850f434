#include "collector/api/idempotency.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

class IdempotencyTest : public testing::Test {
 protected:
  IdempotencyTest() : database_(std::move(Database::open("sqlite://" + dir_.file("r.db")).value())) {
    EXPECT_TRUE(database_->migrate(idempotency_schema(), "api"));
  }
  test::TempDir dir_;
  std::unique_ptr<Database> database_;
  const WallTime now_ = wall_from_ms(1'795'420'800'000);
};

TEST_F(IdempotencyTest, KeepsTheFirstAnswerWhole) {
  EXPECT_EQ(find_answer(*database_, "k", "h")->has_value(), false);
  keep_answer(*database_, "k", "h", {201, "\"1\"", "/x", R"({"名": "值"})"}, now_);
  const auto found = find_answer(*database_, "k", "h");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->status, 201);
  EXPECT_EQ((*found)->etag, "\"1\"");
  EXPECT_EQ((*found)->location, "/x");
  EXPECT_EQ((*found)->body, R"({"名": "值"})");
}

TEST_F(IdempotencyTest, RefusesTheKeyForAnotherRequest) {
  keep_answer(*database_, "k", "h", {}, now_);
  EXPECT_EQ(find_answer(*database_, "k", "other").error().code, "idempotency-key-reused");
}

TEST_F(IdempotencyTest, ForgetsAfterSevenDaysAndNotBefore) {
  keep_answer(*database_, "old", "h", {}, now_);
  keep_answer(*database_, "next", "h", {}, now_ + kKeepAnswers);
  EXPECT_TRUE(find_answer(*database_, "old", "h")->has_value());
  keep_answer(*database_, "last", "h", {}, now_ + kKeepAnswers + Millis{1});
  EXPECT_FALSE(find_answer(*database_, "old", "h")->has_value());
  EXPECT_TRUE(find_answer(*database_, "next", "h")->has_value());
}

}  // namespace
}  // namespace anlan::collector
