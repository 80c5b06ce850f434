// An engine that does not keep what it was given, and one that is another than it was.
#include <limits>

#include "tests/contract/victoria/victoria_fixture.hpp"

namespace anlan::collector {
namespace {

class VictoriaLoss : public VictoriaFixture {
 protected:
  /// The disk of the engine is gone.
  void lose_engine() {
    engine_.kill();
    engine_.start(true);
  }
};

TEST_F(VictoriaLoss, WhatTheEngineCannotKeepStaysInTheJournal) {
  open(options());
  const double third = 1.0 / 3;
  std::vector<test::At> odd{
      {-5, 1}, {std::numeric_limits<std::int64_t>::max() - 1, 2}, {kBegin, third}, {kBegin + 1, 1e300}};
  for (int i = 40; i > 0; --i) odd.push_back({kBegin + 1'000 + i, static_cast<double>(i)});  // no series takes them all
  ASSERT_TRUE(
      store_->write({{test::decoded(points_, std::uint64_t{1} << 35, odd), test::decoded(points_, 7, odd)}, {}, {}}));
  const auto moved = store_->move_all();
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(store_->status().waiting_samples, 0u);
  // A sequence too large: all of one record; of the other two times and what comes after sixteen steps back.
  EXPECT_EQ(store_->status().aside_samples, odd.size() + 2 + 40 - 16);
  TelemetryQuery query{test::point_name(0), WallTime::min(), WallTime::max(), 1000, ""};
  const auto page = store_->query(query);
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->samples.size(), 2 * odd.size());
  EXPECT_EQ(page->samples[2].value, third);
  EXPECT_EQ(page->samples[4].value, 1e300);
}

TEST_F(VictoriaLoss, WhatTheEngineDropsStaysInTheJournal) {
  test::Victoria forgetful({"-retentionPeriod=1"});  // months
  VictoriaOptions there = options();
  there.engine.write_url = there.engine.read_url = forgetful.url();
  there.engine.storage_urls = {forgetful.url()};
  open(there);
  ASSERT_TRUE(write(0, 50));  // years ago
  const auto moved = store_->move_all();
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(store_->status().aside_samples, 50u * kPoints);
  expect_all(50);
}

TEST_F(VictoriaLoss, AnEngineThatLostItsDiskIsSaidAndGetsNothing) {
  open(options());
  ASSERT_TRUE(write(0, 50));
  ASSERT_TRUE(move_all());
  store_.reset();
  lose_engine();
  open(options());
  const auto page = store_->query({test::point_name(0), wall_from_ms(0), wall_from_ms(kBegin * 2), 10, ""});
  ASSERT_FALSE(page) << "an empty chart would be a lie";
  EXPECT_EQ(page.error().code, Errc::storage_corrupt);
  ASSERT_TRUE(write(50, 60)) << "what comes is still received";
  const auto moved = store_->move_all();
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, Errc::storage_corrupt);
  EXPECT_EQ(store_->status().waiting_samples, 10u * kPoints);
}

TEST_F(VictoriaLoss, GivingUpALostEngineAsksForEverythingButWhatTheJournalHolds) {
  open(options());
  const StoreRef ref{{1, 2}, {3, 4}};
  ASSERT_TRUE(store_->set_identity(ref));
  ASSERT_TRUE(write(0, 50));
  ASSERT_TRUE(move_all());
  ASSERT_TRUE(write(50, 60));
  ASSERT_TRUE(store_->write(
      {{}, {test::raw(60, 3, std::nullopt)}, {{"edge-a", {test::kEpoch1, Stream::telemetry}, RangeSet(0, 61)}}}));
  store_.reset();
  lose_engine();
  const auto given_up = forget_victoria_engine(dir_.file("victoria.db"));
  ASSERT_TRUE(given_up) << given_up.error().message;
  open(options());
  EXPECT_FALSE(store_->identity().value()) << "the next start draws a generation";
  EXPECT_EQ(store_->load_ranges("edge-a")->begin()->second, RangeSet(50, 61));
  EXPECT_EQ(store_->accounts("edge-a")->at(0).samples, 10u * kPoints);
  for (std::uint64_t sequence = 0; sequence < 50; ++sequence)  // as the edges answer
    ASSERT_TRUE(store_->write({{record(sequence)}, {}, {}}));
  const auto moved = move_all();
  ASSERT_TRUE(moved) << moved.error().message;
  expect_all(60);
  EXPECT_EQ(store_->accounts("edge-a")->at(0).samples, 60u * kPoints);
}

TEST_F(VictoriaLoss, AnEngineThatWasRestoredFromBeforeIsSaidToo) {
  open(options());
  ASSERT_TRUE(write(0, 10));
  ASSERT_TRUE(move_all());
  store_.reset();
  engine_.keep_copy();
  open(options());
  ASSERT_TRUE(write(10, 20));
  ASSERT_TRUE(move_all());
  store_.reset();
  engine_.restore_copy();
  open(options());
  const auto page = store_->query({test::point_name(0), wall_from_ms(0), wall_from_ms(kBegin * 2), 10, ""});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Errc::storage_corrupt);
}

}  // namespace
}  // namespace anlan::collector
