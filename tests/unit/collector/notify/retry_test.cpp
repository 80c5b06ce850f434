#include "collector/notify/retry.hpp"

#include <gtest/gtest.h>

#include "tests/support/alert_builder.hpp"

namespace anlan::collector {
namespace {

using test::at;
using namespace std::chrono_literals;

const RetrySchedule kSchedule;

TEST(RetrySchedule, DoublesUpToItsCeiling) {
  EXPECT_EQ(kSchedule.next(Level::orange, 1, true, 0ms), Millis{1s});
  EXPECT_EQ(kSchedule.next(Level::orange, 2, true, 0ms), Millis{2s});
  EXPECT_EQ(kSchedule.next(Level::orange, 9, true, 0ms), Millis{256s});
  EXPECT_EQ(kSchedule.next(Level::orange, 10, true, 0ms), Millis{300s});
  EXPECT_EQ(kSchedule.next(Level::orange, 2'000'000'000, true, 0ms), Millis{300s});
}

TEST(RetrySchedule, RedIsTriedMoreOftenAndNeverGivenUp) {
  EXPECT_EQ(kSchedule.next(Level::red, 100, true, 0ms), Millis{15s});
  EXPECT_EQ(kSchedule.next(Level::red, 100, true, 24h * 365), Millis{15s});
  EXPECT_EQ(kSchedule.next(Level::red, 100, false, 24h * 365), Millis{60s});
}

TEST(RetrySchedule, WhatTheReceiverRefusesIsTriedSlowly) {
  EXPECT_EQ(kSchedule.next(Level::orange, 1, false, 0ms), Millis{600s});
}

TEST(RetrySchedule, BelowRedItEndsAfterThreeDays) {
  EXPECT_TRUE(kSchedule.next(Level::orange, 1000, true, 72h - 1ms));
  EXPECT_FALSE(kSchedule.next(Level::orange, 1000, true, 72h));
  EXPECT_FALSE(kSchedule.next(Level::blue, 1, false, 72h));
}

TEST(RetrySchedule, AClockThatWasSetBackHoldsNothingUp) {
  Notification notification;
  notification.next_attempt = at(60'000);
  EXPECT_FALSE(kSchedule.due(notification, at(59'999)));
  EXPECT_TRUE(kSchedule.due(notification, at(60'000)));
  EXPECT_TRUE(kSchedule.due(notification, at(-3'600'000))) << "no delay is an hour";
}

}  // namespace
}  // namespace anlan::collector
