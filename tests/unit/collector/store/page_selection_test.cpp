#include "collector/store/page_selection.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

PageSelection start(std::size_t limit, const std::string& cursor = "") {
  return *PageSelection::start({"p", wall_from_ms(0), wall_from_ms(1000), limit, cursor},
                               [](std::uint32_t epoch) { return std::uint64_t{epoch}; });
}
StoredSample at(std::int64_t time) { return {time, static_cast<double>(time), Quality::good, 1, 0, 0}; }

TEST(PageSelection, TakesTheFirstOnesWhateverComesFirst) {
  auto page = start(3);
  for (std::int64_t time = 999; time >= 0; --time) page.add({at(time)});
  const auto found = std::move(page).finish();
  ASSERT_EQ(found.samples.size(), 3u);
  EXPECT_EQ(found.samples[2].time, wall_from_ms(2));
  EXPECT_FALSE(found.next.empty());
}

TEST(PageSelection, TheLastPageHasNoNext) {
  auto page = start(3);
  page.add({at(1), at(2), at(3)});
  EXPECT_TRUE(std::move(page).finish().next.empty());
}

TEST(PageSelection, KnowsWhenNothingLaterCanMatter) {
  auto page = start(2);
  page.add({at(10), at(20)});
  EXPECT_FALSE(page.complete_before(999)) << "whether there is a next page is not known yet";
  page.add({at(30)});
  EXPECT_TRUE(page.complete_before(31));
  EXPECT_FALSE(page.complete_before(30));
}

TEST(PageSelection, EachLossIsNamedOnceInAllPages) {
  std::string cursor;
  std::vector<TelemetryLoss> losses;
  do {
    auto page = start(2, cursor);
    page.add({at(0), at(10), at(20), at(30), at(40)});
    page.add_loss(-5, 5, 1);  // begins before the query
    page.add_loss(20, 25, 2);
    page.add_loss(21, 2000, std::nullopt);
    page.add_loss(999, 999, 4);
    page.add_loss(1000, 1001, 5);  // outside
    auto found = std::move(page).finish();
    losses.insert(losses.end(), found.losses.begin(), found.losses.end());
    cursor = found.next;
  } while (!cursor.empty());
  ASSERT_EQ(losses.size(), 4u);
  EXPECT_EQ(losses[0].count, 1u);
  EXPECT_EQ(losses[1].count, 2u);
  EXPECT_EQ(losses[2].count, std::nullopt);
  EXPECT_EQ(losses[3].count, 4u);
}

TEST(PageSelection, ACursorReadsBackAndNothingElseDoes) {
  const SampleKey key{-5, 18446744073709551615u, 7, 9, 4294967295u};
  EXPECT_EQ(parse_cursor(to_cursor(key)), key);
  for (const char* text :
       {"", "1", "1.2.3.4", "1.2.3.4.5.6", "1.2.3.4.x", "1.2.3.4.5 ", " 1.2.3.4.5", "1.-2.3.4.5", "1..3.4.5"})
    EXPECT_FALSE(parse_cursor(text)) << text;
}

}  // namespace
}  // namespace anlan::collector
