#include "collector/store/victoria/page.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace anlan::collector::victoria {
namespace {

Page page(std::size_t limit, const std::string& cursor = "") {
  auto started = Page::start({"s/d/p", wall_from_ms(0), wall_from_ms(1000), limit, cursor},
                             [](std::uint32_t epoch) { return std::uint64_t{epoch}; });
  if (!started) throw std::runtime_error(started.error().message);
  return std::move(*started);
}

TEST(VictoriaPage, ASampleThatBothGiveStandsOnceAsTheJournalHasIt) {
  for (const bool engine_first : {true, false}) {
    Page one = page(1);
    const HeldSample engine{5, 1.0, Quality::good, 1, 7, 0}, journal{5, 2.0, Quality::stale, 1, 7, 0};
    if (engine_first) one.add(engine, Page::Source::engine);
    one.add(journal, Page::Source::journal);
    if (!engine_first) one.add(engine, Page::Source::engine);
    const TelemetryPage done = std::move(one).finish();
    ASSERT_EQ(done.samples.size(), 1u);
    EXPECT_EQ(done.samples[0].value, 2.0);
    EXPECT_TRUE(done.next.empty());
  }
}

TEST(VictoriaPage, PagesHoldEachSampleOnceInOrder) {
  std::mt19937 random(2);
  std::vector<HeldSample> all;
  for (std::uint64_t i = 0; i < 500; ++i)
    all.push_back({static_cast<std::int64_t>(random() % 100), static_cast<double>(i), Quality::good,
                   static_cast<std::uint32_t>(random() % 3), i, 0});
  std::vector<TelemetrySample> found;
  std::string cursor;
  do {
    Page one = page(7, cursor);
    std::ranges::shuffle(all, random);
    for (const HeldSample& sample : all) one.add(sample, Page::Source::engine);
    EXPECT_TRUE(all.size() - found.size() <= 7 || one.complete_before(1000));
    TelemetryPage done = std::move(one).finish();
    found.insert(found.end(), done.samples.begin(), done.samples.end());
    cursor = done.next;
  } while (!cursor.empty());
  ASSERT_EQ(found.size(), all.size());
  EXPECT_TRUE(std::ranges::is_sorted(
      found, {}, [](const TelemetrySample& s) { return std::tuple(s.time, s.ordinal, s.sequence); }));
}

TEST(VictoriaPage, ACursorOfSomebodyElseIsRefused) {
  for (const char* cursor : {"x", "1.2.3.4", "1.2.3.4.5.6", "1.2.3.4."}) {
    const auto started = Page::start({"s/d/p", {}, wall_from_ms(9), 10, cursor}, [](std::uint32_t) { return 0ull; });
    ASSERT_FALSE(started) << cursor;
    EXPECT_EQ(started.error().code, Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace anlan::collector::victoria
