// The notifier on a real outbox, a clock that only the test moves, and channels that do what the test says.
#include "collector/notify/notifier.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "collector/audit/audit_log.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/records_db.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/support/scripted_channel.hpp"
#include "tests/unit/collector/notify/call_builder.hpp"

namespace anlan::collector {
namespace {

using namespace anlan::test;
using namespace testing_notify;

Result<void> unreachable(const Notification&) { return fail(Errc::unavailable, "nobody there"); }
Result<void> refusing(const Notification&) { return fail(Errc::refused, "the receiver answered 404"); }

class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest() : db_({{"audit", audit_schema()}, {"notify", notify_schema()}}) {}
  ~NotifierTest() override { stop(); }

  void start() {
    std::vector<std::unique_ptr<Channel>> channels;
    channels.push_back(std::make_unique<ScriptedChannel>("duty", Level::yellow, clock_, duty_));
    channels.push_back(std::make_unique<ScriptedChannel>("city", Level::yellow, clock_, city_));
    notifier_ =
        std::make_unique<Notifier>(db_.database(), db_.records().worker(), clock_, metrics_, std::move(channels));
    running_ = true;
    boost::asio::co_spawn(
        io_, notifier_->run(),
        boost::asio::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr) { running_ = false; }));
    settle();
  }
  void stop() {
    if (!running_) return;
    stop_.emit(boost::asio::cancellation_type::terminal);
    EXPECT_TRUE(run_until(io_, [this] { return !running_; }));
    notifier_.reset();
  }
  /// Each of the two lanes sleeps exactly once when it has nothing to do.
  void settle() {
    ASSERT_TRUE(run_until(io_, [this] { return clock_.sleepers() == 2; })) << clock_.sleepers() << " lanes rest";
  }
  void pass(Millis duration) {
    constexpr Millis step{250};
    for (Millis done{0}; done < duration; done += step) {
      clock_.advance(io_, step);
      settle();
    }
  }
  void queue(const std::vector<Call>& calls) {
    run_coro(io_, db_.records().transact([&](Database& database) -> Result<void> {
      enqueue(database, notifier_->rules(), calls, clock_.wall());
      return {};
    })).value();
    notifier_->wake();
    run_until(io_, [this] { return clock_.sleepers() < 2; });  // the lanes have woken
    settle();
  }
  double metric(const std::string& name, const std::string& channel) {
    return metrics_.counter("anlan_collector_notifications_" + name + "_total", "", "channel=\"" + channel + "\"")
        .value();
  }

  boost::asio::io_context io_;  // before the database: its workers post to the loop until they are joined
  RecordsDb db_;
  ManualClock clock_;
  Metrics metrics_;
  ScriptedChannel::Script duty_, city_;
  std::unique_ptr<Notifier> notifier_;
  boost::asio::cancellation_signal stop_;
  bool running_ = false;
};

TEST_F(NotifierTest, DeliversToEveryChannelOnceAndAtOnce) {
  start();
  const auto begun = clock_.wall();
  queue({call_for(1, Level::red)});
  EXPECT_EQ(duty_.keys(), std::vector{key_of(1, Level::red)});
  EXPECT_EQ(city_.keys(), std::vector{key_of(1, Level::red)});
  EXPECT_EQ(duty_.sent[0].at, begun);
  pass(Millis{120'000});
  EXPECT_EQ(duty_.sent.size(), 1u);
  EXPECT_EQ(metric("delivered", "duty"), 1);
}

TEST_F(NotifierTest, TriesAgainWithGrowingDelaysAndTheSameKey) {
  start();
  duty_.answer = unreachable;
  queue({call_for(1, Level::red)});
  pass(Millis{8'000});
  ASSERT_EQ(duty_.sent.size(), 4u) << "at 0, 1, 3 and 7 s";
  EXPECT_EQ(duty_.sent[3].at - duty_.sent[0].at, Millis{7'000});
  for (const auto& sent : duty_.sent) EXPECT_EQ(sent.key, key_of(1, Level::red));
  duty_.answer = [](const auto&) { return Result<void>{}; };
  pass(Millis{20'000});
  const auto tries = duty_.sent.size();
  pass(Millis{60'000});
  EXPECT_EQ(duty_.sent.size(), tries) << "delivered";
  EXPECT_EQ(metric("delivered", "duty"), 1);
}

TEST_F(NotifierTest, AHangingChannelDelaysOnlyItself) {
  start();
  duty_.takes = Millis{3'600'000};
  queue({call_for(1, Level::red)});
  queue({call_for(2, Level::red)});
  EXPECT_EQ(city_.keys(), (std::vector{key_of(1, Level::red), key_of(2, Level::red)}));
  EXPECT_EQ(duty_.sent.size(), 1u);
}

TEST_F(NotifierTest, RedGoesFirst) {
  start();
  duty_.takes = Millis{1'000};
  queue({call_for(1, Level::yellow), call_for(2, Level::orange), call_for(3, Level::red)});
  pass(Millis{5'000});
  ASSERT_EQ(duty_.sent.size(), 3u);
  EXPECT_EQ(duty_.sent[0].key, key_of(3, Level::red));
}

TEST_F(NotifierTest, ARedThatComesDuringADeliveryGoesNext) {
  start();
  duty_.takes = Millis{1'000};
  queue({call_for(1, Level::orange), call_for(2, Level::orange)});
  run_coro(io_, db_.records().transact([&](Database& database) -> Result<void> {
    enqueue(database, notifier_->rules(), {call_for(3, Level::red)}, clock_.wall());
    return {};
  })).value();
  pass(Millis{5'000});
  EXPECT_EQ(duty_.keys(), (std::vector{key_of(1, Level::orange), key_of(3, Level::red), key_of(2, Level::orange)}));
}

TEST_F(NotifierTest, ACrashBeforeTheMarkRepeatsUnderTheSameKey) {
  start();
  duty_.takes = Millis{1'000};
  queue({call_for(1, Level::red)});
  stop();  // the receiver has it, the outbox does not know
  ASSERT_EQ(duty_.sent.size(), 1u);
  duty_.takes = Millis{0};
  start();
  EXPECT_EQ(duty_.keys(), (std::vector{key_of(1, Level::red), key_of(1, Level::red)}));
  EXPECT_EQ(duty_.sent[0].payload, duty_.sent[1].payload);
  EXPECT_EQ(city_.sent.size(), 1u);
}

TEST_F(NotifierTest, NothingIsLostOverARestart) {
  start();
  duty_.answer = unreachable;
  queue({call_for(1, Level::orange)});
  stop();
  duty_.answer = [](const auto&) { return Result<void>{}; };
  start();
  pass(Millis{5'000});
  EXPECT_EQ(metric("delivered", "duty"), 1);
}

TEST_F(NotifierTest, WhenAChannelIsBackAllThatWaitsGoesAtOnce) {
  start();
  duty_.answer = unreachable;
  queue({call_for(1, Level::orange), call_for(2, Level::orange)});
  pass(Millis{400'000});
  duty_.answer = [](const auto&) { return Result<void>{}; };
  queue({call_for(3, Level::orange)});
  EXPECT_EQ(metric("delivered", "duty"), 3);
}

TEST_F(NotifierTest, ARefusalIsCountedAndTriedSlowlyRedSooner) {
  start();
  duty_.answer = refusing;
  queue({call_for(1, Level::red), call_for(2, Level::orange)});
  EXPECT_EQ(metric("refused", "duty"), 2);
  pass(Millis{59'000});
  EXPECT_EQ(metric("refused", "duty"), 2);
  pass(Millis{2'000});
  EXPECT_EQ(metric("refused", "duty"), 3) << "red after a minute";
  EXPECT_EQ(metric("failed", "duty"), 0);
}

TEST_F(NotifierTest, AChannelThatThrowsDelaysOnlyItselfAndGoesOn) {
  start();
  duty_.answer = [](const auto&) -> Result<void> { throw std::logic_error("a bug"); };
  queue({call_for(1, Level::red)});
  EXPECT_EQ(city_.sent.size(), 1u);
  duty_.answer = [](const auto&) { return Result<void>{}; };
  pass(Millis{5'000});
  EXPECT_EQ(metric("delivered", "duty"), 1);
}

TEST_F(NotifierTest, AWallClockSetBackDelaysNothing) {
  start();
  duty_.answer = unreachable;
  queue({call_for(1, Level::red)});
  pass(Millis{2'000});
  duty_.answer = [](const auto&) { return Result<void>{}; };
  clock_.step_wall(Millis{-86'400'000});
  pass(Millis{61'000});
  EXPECT_EQ(metric("delivered", "duty"), 1);
}

TEST_F(NotifierTest, StopsWithinADelivery) {
  start();
  duty_.takes = Millis{3'600'000};
  queue({call_for(1, Level::red)});
  stop();
  EXPECT_FALSE(running_);
}

}  // namespace
}  // namespace anlan::collector
