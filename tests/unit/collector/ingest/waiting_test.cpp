// What the edges say of how far behind they are, kept with what is known of them.
#include <gtest/gtest.h>

#include "collector/ingest/ledger_table.hpp"
#include "collector/ingest/waiting_book.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/records_db.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan::collector {
namespace {

const Origin kEdgeA{"edge-a", "site-1"}, kEdgeB{"edge-b", "site-1"};

class WaitingTest : public testing::Test {
 protected:
  WaitingTest() {
    db_.commit([&] {
      return note_edge(db_.database(), kEdgeA, clock_.wall()).has_value() &&
             note_edge(db_.database(), kEdgeB, clock_.wall()).has_value();
    });
  }
  void write() { test::run_coro(io_, book_.write()); }
  std::optional<HeardWaiting> known(const Origin& origin) {
    return db_.commit([&] { return get_edge(db_.database(), origin.edge)->waiting; });
  }
  WaitingSum sum(const std::set<std::string>& without = {}) {
    return db_.commit([&] { return sum_waiting(db_.database(), without); });
  }

  test::ManualClock clock_;
  boost::asio::io_context io_;  // before the database: its workers hold on to it until they are joined
  test::RecordsDb db_{{{"ingest", ingest_schema()}}};
  WaitingBook book_{clock_, db_.records()};
};

TEST_F(WaitingTest, IsUnknownUntilItIsSaidAndThenAsItWasSaidLast) {
  EXPECT_FALSE(known(kEdgeA));
  book_.take(kEdgeA, Waiting{clock_.wall(), {9, 9, 9}, {}, {}, {}});
  book_.take(kEdgeA, test::example_waiting());
  write();
  ASSERT_TRUE(known(kEdgeA));
  EXPECT_EQ(known(kEdgeA)->waiting, test::example_waiting());
  EXPECT_EQ(known(kEdgeA)->heard_at, clock_.wall());
  EXPECT_FALSE(known(kEdgeB));
  const auto listed = db_.commit([&] { return list_edges(db_.database(), "", "", 10); });
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].waiting->waiting, test::example_waiting());
  EXPECT_FALSE(listed[1].waiting);
}

TEST_F(WaitingTest, IsUnknownAgainWhereAnOlderProgramGreets) {
  book_.take(kEdgeA, test::example_waiting());
  write();
  book_.take(kEdgeA, std::nullopt);
  write();
  EXPECT_FALSE(known(kEdgeA));
}

TEST_F(WaitingTest, NothingWaitingIsKnownToBeNothing) {
  book_.take(kEdgeA, Waiting{clock_.wall(), {}, {}, {}, {}});
  write();
  ASSERT_TRUE(known(kEdgeA));
  EXPECT_EQ(known(kEdgeA)->waiting.backlog.records, 0u);
  EXPECT_FALSE(known(kEdgeA)->waiting.oldest);
}

TEST_F(WaitingTest, OfAnEdgeThatIsNotKnownAtThisSiteNothingIsKept) {
  book_.take({"edge-a", "site-2"}, test::example_waiting());
  book_.take({"edge-c", "site-1"}, test::example_waiting());
  write();
  EXPECT_FALSE(known(kEdgeA));
  EXPECT_EQ(sum().edges, 0);
}

TEST_F(WaitingTest, IsAddedUpForTheMetricsWithoutThoseThatAreSilent) {
  const WallTime now = clock_.wall();
  book_.take(kEdgeA, Waiting{now, {1, 0, 10}, {2, 20, 200}, {3, 30, 300}, now - Millis{61'000}});
  book_.take(kEdgeB, Waiting{now, {10, 0, 0}, {20, 0, 0}, {30, 0, 0}, now - Millis{60'000}});
  write();
  EXPECT_EQ(sum().edges, 2);
  EXPECT_EQ(sum().behind, 1) << "a minute is not behind";
  EXPECT_EQ(sum().most, Millis{61'000});
  EXPECT_EQ(sum().urgent.records, 11);
  EXPECT_EQ(sum().live.records, 22);
  EXPECT_EQ(sum().backlog.records, 33);
  EXPECT_EQ(sum().backlog.samples, 30);
  EXPECT_EQ(sum().backlog.bytes, 300);
  EXPECT_EQ(sum({"edge-a"}).behind, 0);
  EXPECT_EQ(sum({"edge-a"}).edges, 1);
}

TEST_F(WaitingTest, WhateverAClockSaysAndHoweverMuchIsCountedItCanBeAddedUp) {
  const std::uint64_t most = kMaxSequence - 1;
  book_.take(kEdgeA, Waiting{WallTime::max(), {most, most, most}, {most, 0, 0}, {most, 0, 0}, WallTime::min()});
  book_.take(kEdgeB, Waiting{WallTime::min(), {most, most, most}, {most, 0, 0}, {most, 0, 0}, WallTime::max()});
  write();
  EXPECT_EQ(sum().behind, 1);
  EXPECT_EQ(sum().most, Millis::max());
  EXPECT_EQ(known(kEdgeB)->waiting.oldest, WallTime::max());
}

TEST_F(WaitingTest, ThousandsAreWrittenByAndBy) {
  db_.commit([&] {
    for (int i = 0; i < 1000; ++i) {
      const Origin origin{"edge-" + std::to_string(i), "site-1"};
      EXPECT_TRUE(note_edge(db_.database(), origin, clock_.wall()));
      book_.take(origin, test::example_waiting());
    }
    return 0;
  });
  write();
  EXPECT_EQ(sum().edges, 1000);
}

}  // namespace
}  // namespace anlan::collector
