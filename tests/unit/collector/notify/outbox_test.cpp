#include "collector/notify/outbox.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "collector/audit/audit_log.hpp"
#include "tests/support/records_db.hpp"
#include "tests/unit/collector/notify/call_builder.hpp"

namespace anlan::collector {
namespace {

using namespace anlan::test;
using namespace testing_notify;

class OutboxTest : public ::testing::Test {
 protected:
  OutboxTest() : db_({{"audit", audit_schema()}, {"notify", notify_schema()}}) {}

  void queue(const std::vector<Call>& calls, std::int64_t now = 0) {
    db_.commit([&] {
      enqueue(db_.database(), channels_, calls, at(now));
      return 0;
    });
  }
  std::optional<Notification> due(const std::string& channel, std::int64_t now = 0) {
    return Outbox(db_.database()).next_due(channel, {}, at(now));
  }

  RecordsDb db_;
  std::vector<ChannelRule> channels_{{"log", Level::blue}, {"duty", Level::orange}};
};

TEST_F(OutboxTest, EachChannelGetsTheLevelsThatItWants) {
  queue({call_for(1, Level::yellow)});
  EXPECT_TRUE(due("log"));
  EXPECT_FALSE(due("duty"));
  queue({call_for(1, Level::orange)});
  EXPECT_EQ(due("duty")->idempotency_key(), key_of(1, Level::orange));
}

TEST_F(OutboxTest, AKeyIsQueuedOnceForGood) {
  queue({call_for(1, Level::red)});
  Outbox outbox(db_.database());
  outbox.delivered(*due("duty"), at(1));
  db_.reopen();
  queue({call_for(1, Level::red)}, 1'000'000);
  EXPECT_FALSE(due("duty", 1'000'000));
}

TEST_F(OutboxTest, ForgetsTheTextOfWhatWasSettledLongAgoButNeverItsKey) {
  queue({call_for(1, Level::red), call_for(2, Level::red)});
  Outbox outbox(db_.database());
  outbox.delivered(*due("duty"), at(1'000));
  EXPECT_EQ(outbox.forget(at(1'000), 10), 0) << "not older yet";
  EXPECT_EQ(outbox.forget(at(1'001), 10), 1);
  EXPECT_EQ(outbox.forget(at(1'001), 10), 0) << "once";
  queue({call_for(1, Level::red)}, 2'000);
  EXPECT_EQ(due("duty", 2'000)->alert, alert_id(2)) << "what waits keeps its text";
  EXPECT_FALSE(due("duty", 2'000)->payload.empty());
  outbox.delivered(*due("duty", 2'000), at(2'000));
  EXPECT_FALSE(due("duty", 3'000)) << "the first is not queued again";
}

TEST_F(OutboxTest, ARolledBackCommitQueuesNothing) {
  db_.roll_back([&] { enqueue(db_.database(), channels_, {call_for(1, Level::red)}, at(0)); });
  EXPECT_FALSE(due("log"));
}

TEST_F(OutboxTest, RedGoesBeforeWhatIsOlder) {
  queue({call_for(1, Level::orange)}, 0);
  queue({call_for(2, Level::red)}, 5'000);
  EXPECT_EQ(due("duty", 5'000)->alert, alert_id(2));
}

TEST_F(OutboxTest, TriesAndTheirTimesOutliveARestart) {
  queue({call_for(1, Level::orange)});
  Outbox(db_.database()).failed(*due("duty"), {Errc::timeout, "no answer"}, at(8'000), at(4'000));
  db_.reopen();
  EXPECT_FALSE(due("duty", 7'999));
  const auto again = due("duty", 8'000);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->attempts, 1);
  EXPECT_EQ(again->queued_at, at(0));
  EXPECT_EQ(Outbox(db_.database()).next_time("duty"), at(8'000));
}

TEST_F(OutboxTest, AWallClockThatWasSetBackHoldsNothingUp) {
  queue({call_for(1, Level::red)}, 86'400'000);
  queue({call_for(2, Level::red)}, 0);
  Outbox(db_.database()).delivered(*due("duty", 0), at(0));
  EXPECT_TRUE(due("duty", 0)) << "queued by a clock that was a day ahead";
}

TEST_F(OutboxTest, HurryMakesEverythingOfOneChannelDue) {
  queue({call_for(1, Level::orange)});
  Outbox outbox(db_.database());
  outbox.failed(*due("duty"), {Errc::timeout, ""}, at(300'000), at(0));
  outbox.failed(*due("log"), {Errc::timeout, ""}, at(300'000), at(0));
  outbox.hurry("duty", at(1'000));
  EXPECT_TRUE(due("duty", 1'000));
  EXPECT_FALSE(due("log", 1'000));
}

TEST_F(OutboxTest, WhatIsGivenUpWaitsNoMore) {
  queue({call_for(1, Level::orange)});
  Outbox outbox(db_.database());
  outbox.failed(*due("duty"), {Errc::timeout, ""}, std::nullopt, at(0));
  EXPECT_FALSE(due("duty", 1'000'000'000));
  ASSERT_EQ(outbox.depths().size(), 1u);
  EXPECT_EQ(outbox.depths()[0].channel, "log");
  EXPECT_EQ(outbox.depths()[0].oldest, at(0));
}

TEST(NotificationPayload, SaysAllThatAPersonNeedsToAct) {
  auto call = call_for(1, Level::red);
  call.hazard = HazardId{0x4A, 1};
  const auto body = boost::json::parse(notification_payload(call, at(1'000))).as_object();
  EXPECT_EQ(body.at("alert").as_string(), alert_id(1).hex());
  EXPECT_EQ(body.at("level").as_string(), "red");
  EXPECT_EQ(body.at("site").as_string(), "tj-bh-017");
  EXPECT_EQ(body.at("source").as_string(), "tj-bh-017/tank-3/temperature");
  EXPECT_EQ(body.at("name").as_string(), "3号罐温度");
  EXPECT_EQ(body.at("value").as_double(), 82.5);
  EXPECT_EQ(body.at("limit").to_number<double>(), 80.0);
  EXPECT_EQ(body.at("unit").as_string(), "Cel");
  EXPECT_EQ(body.at("age_s").as_int64(), 754);
  EXPECT_TRUE(body.at("late").as_bool());
  EXPECT_EQ(body.at("hazard").as_string(), (HazardId{0x4A, 1}).hex());
  EXPECT_EQ(body.at("since").as_string(), to_rfc3339(at(-5'000)));
}

TEST(NotificationPayload, UsesTheWordsOfCapForTheLevels) {
  const std::tuple<Level, const char*, const char*> words[] = {{Level::blue, "Minor", "Future"},
                                                               {Level::yellow, "Moderate", "Expected"},
                                                               {Level::orange, "Severe", "Expected"},
                                                               {Level::red, "Extreme", "Immediate"}};
  for (const auto& [level, severity, urgency] : words) {
    const auto body = boost::json::parse(notification_payload(call_for(1, level), at(0))).as_object();
    EXPECT_EQ(body.at("severity").as_string(), severity);
    EXPECT_EQ(body.at("urgency").as_string(), urgency);
  }
}

TEST(NotificationPayload, WhatIsNotKnownIsNull) {
  auto call = call_for(1, Level::yellow);
  call.ring.age.reset();
  call.ring.transition.evidence.limit = kNoValue;
  const auto body = boost::json::parse(notification_payload(call, at(0))).as_object();
  for (const char* field : {"age_s", "limit", "hazard"}) EXPECT_TRUE(body.at(field).is_null()) << field;
}

}  // namespace
}  // namespace anlan::collector
