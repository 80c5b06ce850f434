// The store over an engine that is killed, hangs or is away: nothing that was acknowledged is lost, and what cannot be
// kept is not acknowledged.
#include <atomic>

#include "tests/contract/victoria/victoria_fixture.hpp"

namespace anlan::collector {
namespace {

class VictoriaFaults : public VictoriaFixture {};

TEST_F(VictoriaFaults, WhatInstrumentsSendIsInTheEngineAndNotHere) {
  open(options());
  ASSERT_TRUE(write(0, 500));
  EXPECT_EQ(store_->status().waiting_samples, 500u * kPoints);
  const auto moved = store_->move_all();
  ASSERT_TRUE(moved) << moved.error().message;
  const VictoriaStatus status = store_->status();
  EXPECT_EQ(status.waiting_samples, 0u);
  EXPECT_EQ(status.waiting_bytes, 0u);
  EXPECT_EQ(status.aside_samples, 0u);
  expect_all(500);
  // By its standard interface everybody finds a plain series of values and one of qualities.
  const victoria::Engine engine(options().engine);
  for (const char* metric : {"anlan_value", "anlan_quality"}) {
    std::size_t samples = 0;
    const std::string selector = std::string("{__name__=\"") + metric + R"(",site="site",device="device",point="p3"})";
    const auto read = engine.read(selector, 0, kBegin * 2, [&](const victoria::ExportLine& line) {
      samples += line.values.size();
      EXPECT_EQ(line.labels.at("edge"), "edge-a");
      return true;
    });
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(samples, 500u) << metric;
  }
}

TEST_F(VictoriaFaults, KilledInFullIngestItLosesNothing) {
  VictoriaOptions often = options();
  often.every = Millis{50};
  open(often);
  std::atomic<std::uint64_t> written = 0;
  std::atomic<bool> enough = false;
  std::jthread writer([&] {
    for (std::uint64_t sequence = 0; !enough; sequence += 10) {
      ASSERT_TRUE(write(sequence, sequence + 10)) << "the engine's death is not ours";
      written = sequence + 10;
    }
  });
  // Killed while a group is under way, wherever it stands: the engine forgets what it had in memory only.
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t before = store_->status().waiting_samples;
    const auto until = std::chrono::steady_clock::now() + Millis{10'000};
    while (store_->status().waiting_samples <= before + 2'000 && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(Millis{5});
    std::this_thread::sleep_for(Millis{300 * i});
    engine_.kill();
    engine_.start();
  }
  enough = true;
  writer.join();
  const auto moved = move_all();
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(store_->status().waiting_samples, 0u);
  EXPECT_EQ(store_->status().aside_samples, 0u);
  engine_.kill();  // what is released is on the engine's disk
  engine_.start();
  expect_all(written);
}

TEST_F(VictoriaFaults, OursIsKilledInsteadAndSendsTheSameAgain) {
  open(options());
  ASSERT_TRUE(write(0, 100));
  ASSERT_TRUE(store_->move_all());
  ASSERT_TRUE(write(100, 200));
  {  // a copy of the journal from before the move: as after a crash between the engine's part of it and ours
    store_.reset();
    std::filesystem::copy(dir_.path() / "victoria.db", dir_.path() / "before.db");
    open(options());
    ASSERT_TRUE(store_->move_all());
    store_.reset();
    for (const char* more : {"-wal", "-shm"})
      std::filesystem::remove(dir_.path() / (std::string("victoria.db") + more));
    std::filesystem::rename(dir_.path() / "before.db", dir_.path() / "victoria.db");
  }
  open(options());
  EXPECT_EQ(store_->status().waiting_samples, 100u * kPoints);
  expect_all(200);
  const auto moved = store_->move_all();
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(store_->status().aside_samples, 0u) << "the same samples get the same series";
  expect_all(200);
}

TEST_F(VictoriaFaults, WithoutAnEngineTheJournalFillsToItsCapAndThenNothingIsAcknowledged) {
  VictoriaOptions small = options();
  small.journal_bytes = 200'000;
  open(small);
  ASSERT_TRUE(write(0, 100));
  ASSERT_TRUE(store_->move_all());
  engine_.kill();
  std::uint64_t end = 100;
  Result<void> last;
  while (end < 100'000 && (last = write(end, end + 100))) end += 100;
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, Errc::storage_full);
  EXPECT_LT(store_->status().waiting_bytes, 400'000u);
  EXPECT_EQ(store_->load_ranges("edge-a")->begin()->second, RangeSet(0, end));
  EXPECT_EQ(store_->newest({test::point_name(0)})->at(0)->sample.sequence, end - 1) << "the newest are known";
  const auto page = store_->query({test::point_name(0), wall_from_ms(0), wall_from_ms(kBegin * 2), 10, ""});
  ASSERT_FALSE(page) << "history is not there, and nobody pretends it were";
  EXPECT_EQ(page.error().code, Errc::unavailable);
  EXPECT_FALSE(store_->move_all());
  engine_.start();
  const auto moved = move_all();
  ASSERT_TRUE(moved) << moved.error().message;
  ASSERT_TRUE(write(end, end + 100)) << "and it goes on";
  expect_all(end + 100);
}

TEST_F(VictoriaFaults, AnEngineThatHangsHoldsUpNobodyWhoWrites) {
  VictoriaOptions often = options();
  often.every = Millis{50};
  often.engine.timeout = Millis{60'000};
  open(often);
  ASSERT_TRUE(write(0, 10));
  ASSERT_TRUE(move_all());
  engine_.freeze();
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t sequence = 10; sequence < 200; ++sequence) ASSERT_TRUE(write(sequence, sequence + 1));
  EXPECT_LT(std::chrono::steady_clock::now() - began, Millis{20'000});
  const auto closing = std::chrono::steady_clock::now();
  store_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - closing, Millis{5'000}) << "a request under way ends with the store";
  engine_.thaw();
  open(options());
  ASSERT_TRUE(move_all());
  expect_all(200);
}

}  // namespace
}  // namespace anlan::collector
