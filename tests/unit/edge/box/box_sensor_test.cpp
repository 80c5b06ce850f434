#include "edge/box/box_sensor.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

class BoxSensorTest : public ::testing::Test {
 protected:
  BoxSensorTest() {
    boost::asio::co_spawn(
        io_, sensor_.run(),
        boost::asio::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr) { running_ = false; }));
  }
  ~BoxSensorTest() override {
    stop_.emit(boost::asio::cancellation_type::terminal);
    EXPECT_TRUE(test::run_until(io_, [&] { return !running_; }));
  }
  double value(BoxPoint point) const { return taken_.back().at(static_cast<std::size_t>(point)).value; }
  /// Time passes, whenever the sensor sleeps, until there have been `count` polls.
  void until_polls(std::size_t count) {
    for (int turn = 0; turn < 4000 && taken_.size() < count; ++turn) {
      if (clock_.sleepers() > 0) clock_.advance(io_, Millis{1'000});
      io_.restart();
      io_.run_for(Millis{5});  // the reading thread may be at work
    }
    ASSERT_GE(taken_.size(), count);
  }

  boost::asio::io_context io_;
  test::ManualClock clock_;
  BoxSensor::Inner inner_{};
  std::vector<std::vector<Sample>> taken_;
  BoxSensor sensor_{clock_,
                    [] {
                      BoxFacts facts;
                      fact(facts, BoxPoint::cpu_temperature) = -31;
                      return facts;
                    },
                    [this]() -> boost::asio::awaitable<BoxSensor::Inner> { co_return inner_; },
                    [this](std::vector<Sample> samples) { taken_.push_back(std::move(samples)); }};
  boost::asio::cancellation_signal stop_;
  bool running_ = true;
};

TEST_F(BoxSensorTest, SaysHowTheBoxIsAtEachPoll) {
  inner_ = {12, 3.5, clock_.wall()};
  sensor_.configure(BoxSensor::Place{40, Millis{10'000}});
  until_polls(2);
  EXPECT_EQ(taken_[0].size(), kBoxPoints);
  EXPECT_EQ(taken_[0][0].point, 40u);
  EXPECT_EQ(value(BoxPoint::cpu_temperature), -31);
  EXPECT_EQ(value(BoxPoint::buffer_due), 12);
  EXPECT_EQ(value(BoxPoint::buffer_size), 3.5);
  EXPECT_GE(taken_[1][0].mono - taken_[0][0].mono, Millis{9'000});
  EXPECT_GT(value(BoxPoint::buffer_age), 9);
}

TEST_F(BoxSensorTest, SaysOnceHowFarTheClockWasSet) {
  sensor_.clock_stepped(Millis{-3'000});
  sensor_.clock_stepped(Millis{500});
  sensor_.configure(BoxSensor::Place{0, Millis{1'000}});
  until_polls(1);
  EXPECT_EQ(value(BoxPoint::clock_step), -2'500);
  until_polls(2);
  EXPECT_EQ(value(BoxPoint::clock_step), 0);
}

TEST_F(BoxSensorTest, SaysNothingWhereItIsNotConfigured) {
  for (int i = 0; i < 100; ++i) clock_.advance(io_, Millis{1'000});
  EXPECT_TRUE(taken_.empty());
}

}  // namespace
}  // namespace anlan::edge
