// How much backlog each edge may have on its way.
#include "collector/ingest/credit_desk.hpp"

#include <random>

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

constexpr std::uint64_t kQueue = 1000, kInbox = 64 << 20;

Origin edge(int i) { return {"edge-" + std::to_string(i), "site-1"}; }
Waiting backlog(std::uint64_t records) { return {{}, {}, {9, 9, 9}, {records, 0, 0}, {}}; }

class CreditDeskTest : public testing::Test {
 protected:
  CreditDesk desk_{kQueue, kInbox};
  MonoTime now_ = mono_from_ms(1'000'000);
};

TEST_F(CreditDeskTest, OneEdgeMayHaveHalfOfTheQueueAndAQuarterOfTheRoom) {
  desk_.waits(edge(1), backlog(5), now_);
  EXPECT_EQ(desk_.grant(0, false, now_), (Credit{500, kInbox / 4}));
  EXPECT_EQ(desk_.grant(kInbox / 2, false, now_), (Credit{500, kInbox / 8}));
}

TEST_F(CreditDeskTest, EqualPartsForThoseThatHaveABacklog) {
  for (int i = 0; i < 10; ++i) desk_.waits(edge(i), backlog(1), now_);
  EXPECT_EQ(desk_.grant(0, false, now_), (Credit{50, kInbox / 4 / 10}));
  for (int i = 0; i < 5; ++i) desk_.waits(edge(i), backlog(0), now_);
  EXPECT_EQ(desk_.grant(0, false, now_), (Credit{100, kInbox / 4 / 5}));
  EXPECT_FALSE(desk_.draining(edge(0)));
  EXPECT_TRUE(desk_.draining(edge(5)));
}

TEST_F(CreditDeskTest, AnEdgeThatDoesNotSayItIsKnownByWhatItSends) {
  desk_.sends(edge(1), now_);
  desk_.sends(edge(2), now_);
  EXPECT_EQ(desk_.grant(0, false, now_).frames, 250u);
}

TEST_F(CreditDeskTest, AnEdgeThatFallsSilentIsForgotten) {
  desk_.sends(edge(1), now_);
  desk_.sends(edge(2), now_);
  now_ += CreditDesk::kForgottenAfter - Millis{1};
  desk_.sends(edge(2), now_);
  EXPECT_EQ(desk_.grant(0, false, now_).frames, 250u);
  now_ += Millis{1'000};
  EXPECT_EQ(desk_.grant(0, false, now_).frames, 500u);
  EXPECT_EQ(desk_.edges(), 1u);
}

TEST_F(CreditDeskTest, EverybodyMayGoOnHoweverManyThereAre) {
  for (int i = 0; i < 2000; ++i) desk_.sends(edge(i), now_);
  EXPECT_EQ(desk_.grant(kInbox, false, now_), (Credit{1, CreditDesk::kLeastBytes})) << "a drain never comes to a stand";
  EXPECT_EQ(desk_.grant(5 * kInbox, false, now_).bytes, CreditDesk::kLeastBytes);
}

TEST_F(CreditDeskTest, WhileNoTelemetryIsTakenInNobodyMaySend) {
  desk_.sends(edge(1), now_);
  EXPECT_EQ(desk_.grant(0, true, now_), Credit{});
}

/// Edges that send as fast as they may, a centre that stores by fits and starts: the inbox never overflows.
TEST_F(CreditDeskTest, WhatEveryEdgeMaySendTogetherFindsRoom) {
  constexpr int kEdges = 50;
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> on_the_way(kEdges), allowed(kEdges, 0);
  std::uint64_t inbox = 0, most = 0;
  for (int i = 0; i < kEdges; ++i) desk_.waits(edge(i), backlog(1'000'000), now_);
  for (int step = 0; step < 20'000; ++step) {
    now_ += Millis{10};
    const auto i = static_cast<int>(random() % kEdges);
    desk_.sends(edge(i), now_);
    allowed[i] = desk_.grant(inbox, false, now_).bytes;
    const std::uint64_t frame = allowed[i] / 2;
    while (on_the_way[i] + frame <= allowed[i]) on_the_way[i] += frame;
    const auto j = static_cast<int>(random() % kEdges);
    inbox += std::exchange(on_the_way[j], 0);
    most = std::max(most, inbox);
    if (step % 200 == 0) inbox = 0;  // a batch is durable, after some four rounds
  }
  EXPECT_GT(most, kInbox / 4) << "and it is used";
  EXPECT_LT(most, kInbox);
}

}  // namespace
}  // namespace anlan::collector
