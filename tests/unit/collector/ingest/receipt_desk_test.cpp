// Receipts wait a moment for company, never for long.
#include "collector/ingest/receipt_desk.hpp"

#include <random>

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

const StoreRef kStore{{1, 1}, {1, 2}};
const Place kPlace{{7, 7}, Stream::telemetry}, kEarlier{{6, 6}, Stream::telemetry};

Origin edge(int i) { return {"edge-" + std::to_string(i), "site-1"}; }
Receipt receipt(std::uint64_t first, std::uint64_t last, const Place& place = kPlace, RangeSet quarantined = {}) {
  return {kStore, place, RangeSet(first, last), std::move(quarantined)};
}

class ReceiptDeskTest : public testing::Test {
 protected:
  ReceiptDesk::Out take(int i, const Receipt& r, bool at_once = false) { return desk_.take(edge(i), r, at_once, now_); }

  ReceiptDesk desk_;
  MonoTime now_ = mono_from_ms(1'000'000);
};

TEST_F(ReceiptDeskTest, AFrameEachSecondIsNotAReceiptEachSecond) {
  EXPECT_TRUE(take(1, receipt(0, 1)).empty());
  EXPECT_EQ(desk_.next(), now_ + ReceiptDesk::kWait);
  now_ += Millis{1'000};
  EXPECT_TRUE(take(1, receipt(1, 2, kPlace, RangeSet(1, 2))).empty());
  now_ += ReceiptDesk::kWait - Millis{1'001};
  EXPECT_TRUE(desk_.due(now_).empty());
  now_ += Millis{1};
  const auto out = desk_.due(now_);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].first, edge(1));
  EXPECT_EQ(out[0].second, receipt(0, 2, kPlace, RangeSet(1, 2)));
  EXPECT_FALSE(desk_.next());
  EXPECT_TRUE(desk_.due(now_ + Millis{60'000}).empty()) << "and said once";
}

TEST_F(ReceiptDeskTest, OneThatMustNotWaitTakesTheOthersWithIt) {
  EXPECT_TRUE(take(1, receipt(0, 1)).empty());
  EXPECT_TRUE(take(2, receipt(0, 1)).empty());
  const auto out = take(1, receipt(5, 6), true);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].second.data.str(), "0,5");
  now_ += ReceiptDesk::kWait;
  const auto later = desk_.due(now_);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].first, edge(2));
}

TEST_F(ReceiptDeskTest, ANewWaitBeginsWithTheFirstOneAfterwards) {
  EXPECT_TRUE(take(1, receipt(0, 1)).empty());
  EXPECT_EQ(take(1, receipt(1, 2), true).size(), 1u);
  now_ += ReceiptDesk::kWait - Millis{100};
  EXPECT_TRUE(take(1, receipt(2, 3)).empty());
  now_ += Millis{100};
  EXPECT_TRUE(desk_.due(now_).empty()) << "the first wait is over, this one is not";
  now_ += ReceiptDesk::kWait - Millis{100};
  ASSERT_EQ(desk_.due(now_).size(), 1u);
}

TEST_F(ReceiptDeskTest, AnEdgeThatSendsMuchIsToldAtOnce) {
  EXPECT_EQ(take(1, receipt(0, ReceiptDesk::kMostRecords)).size(), 1u) << "many records";
  EXPECT_TRUE(take(1, receipt(16, 20)).empty());
  EXPECT_EQ(take(1, receipt(20, 32)).size(), 1u) << "many together";
  desk_.heard(edge(2), ReceiptDesk::kLargeFrame, now_);
  EXPECT_EQ(take(2, receipt(0, 1)).size(), 1u) << "large ones";
  now_ += ReceiptDesk::kLargeFor;
  EXPECT_TRUE(take(2, receipt(1, 2)).empty()) << "no longer";
  desk_.heard(edge(3), ReceiptDesk::kLargeFrame - 1, now_);
  EXPECT_TRUE(take(3, receipt(0, 1)).empty());
}

TEST_F(ReceiptDeskTest, AnEdgeThatSendsAgainMeanwhileIsToldAtOnceFromThenOn) {
  EXPECT_TRUE(take(1, receipt(0, 2)).empty());
  EXPECT_EQ(take(1, receipt(1, 2)).size(), 1u);
  EXPECT_EQ(take(1, receipt(2, 3)).size(), 1u);
  desk_.heard(edge(1), ReceiptDesk::kLargeFrame, now_);
  now_ += ReceiptDesk::kImpatientFor - Millis{1};
  EXPECT_EQ(take(1, receipt(3, 4)).size(), 1u);
  now_ += Millis{1};
  EXPECT_TRUE(take(1, receipt(4, 5)).empty()) << "it may have been reconfigured";
}

TEST_F(ReceiptDeskTest, EachEpochHasAReceiptOfItsOwn) {
  EXPECT_TRUE(take(1, receipt(0, 1)).empty());
  EXPECT_TRUE(take(1, receipt(9, 10, kEarlier)).empty());
  now_ += ReceiptDesk::kWait;
  const auto out = desk_.due(now_);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].second, receipt(9, 10, kEarlier));
  EXPECT_EQ(out[1].second, receipt(0, 1));
}

TEST_F(ReceiptDeskTest, WithoutALineNothingIsKept) {
  EXPECT_TRUE(take(1, receipt(0, 1)).empty());
  desk_.clear();
  EXPECT_FALSE(desk_.next());
  EXPECT_TRUE(desk_.due(now_ + ReceiptDesk::kWait).empty());
}

/// Whatever comes in whatever order: each record is said once, within the wait.
TEST_F(ReceiptDeskTest, EverythingIsSaidOnceAndInTime) {
  std::mt19937_64 random(3);
  std::map<std::pair<Origin, std::uint64_t>, MonoTime> taken;
  std::map<Origin, std::uint64_t> sequence;
  std::size_t messages = 0, records = 0;
  const auto said = [&](const ReceiptDesk::Out& out) {
    for (const auto& [to, r] : out) {
      ++messages;
      for (const auto& range : r.data.ranges())
        for (auto i = range.first; i < range.last; ++i) {
          const auto found = taken.find({to, i});
          ASSERT_NE(found, taken.end()) << "said twice, or never durable";
          EXPECT_LE(now_ - found->second, ReceiptDesk::kWait + Millis{100});
          taken.erase(found);
        }
    }
  };
  for (int step = 0; step < 20'000; ++step) {
    if (step % 5 == 0) now_ += Millis{static_cast<std::int64_t>(random() % 100)};
    said(desk_.due(now_));
    const Origin to = edge(static_cast<int>(random() % 20));
    const std::uint64_t first = sequence[to], count = 1 + random() % 3;
    sequence[to] += count;
    for (auto i = first; i < first + count; ++i) taken[{to, i}] = now_;
    records += count;
    said(desk_.take(to, receipt(first, first + count), random() % 50 == 0, now_));
  }
  for (const MonoTime end = now_ + ReceiptDesk::kWait; now_ < end;) {
    now_ += Millis{50};
    said(desk_.due(now_));
  }
  EXPECT_TRUE(taken.empty());
  EXPECT_LT(messages * 4, records) << "and in company";
}

}  // namespace
}  // namespace anlan::collector
