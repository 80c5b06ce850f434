// PROTOCOL.md rule 9: of a minute of good samples the lowest, the mean and the highest stay.
#include "edge/buffer/thinning.hpp"

#include <gtest/gtest.h>

#include "edge/buffer/losses.hpp"

namespace anlan::edge {
namespace {

const DefinitionHash kMeaning{1, 2};

Samples samples(std::vector<Sample> all) { return {kMeaning, std::move(all)}; }
Sample at(std::int64_t ms, double value, Quality quality = Quality::good, std::uint32_t point = 0) {
  return {point, value, quality, wall_from_ms(ms), {}};
}
std::vector<Sample> thinned(std::vector<Sample> all) {
  Thinner thinner;
  thinner.add(samples(std::move(all)));
  auto out = thinner.take();
  return out.empty() ? std::vector<Sample>{} : out.front().samples;
}
void expect(const Sample& sample, std::int64_t ms, double value, Quality quality) {
  EXPECT_EQ(to_ms(sample.time), ms);
  EXPECT_EQ(sample.value, value);
  EXPECT_EQ(sample.quality, quality);
}

TEST(Thinner, KeepsLowestMeanAndHighestOfAMinuteAndMarksThem) {
  const auto kept = thinned({at(60'000, 3), at(70'000, 1), at(80'000, 9), at(119'999, 7)});
  ASSERT_EQ(kept.size(), 3u);
  expect(kept[0], 60'000, 5, Quality::minute_mean);
  expect(kept[1], 70'000, 1, Quality::minute_min);
  expect(kept[2], 80'000, 9, Quality::minute_max);
}

TEST(Thinner, LeavesThreeOrFewerAsTheyAre) {
  const auto kept = thinned({at(60'000, 3), at(80'000, 9), at(119'999, 7)});
  ASSERT_EQ(kept.size(), 3u);
  for (const Sample& sample : kept) EXPECT_EQ(sample.quality, Quality::good);
}

TEST(Thinner, KeepsMinutesPointsAndDefinitionsApart) {
  Thinner thinner;
  std::vector<Sample> all;
  for (int minute = -1; minute < 2; ++minute)
    for (std::uint32_t point = 0; point < 2; ++point)
      for (int i = 0; i < 10; ++i) all.push_back(at(minute * 60'000 + i * 1000, i, Quality::good, point));
  thinner.add(samples(all));
  thinner.add({DefinitionHash{9, 9}, all});
  const auto out = thinner.take();
  ASSERT_EQ(out.size(), 2u);
  for (const Samples& part : out) EXPECT_EQ(part.samples.size(), 3u * 3 * 2);
  EXPECT_TRUE(thinner.take().empty()) << "taken once";
}

TEST(Thinner, NeverMixesQualities) {
  const auto kept = thinned({at(0, 1), at(1, 2), at(2, 3), at(3, 4), at(4, 500, Quality::out_of_range),
                             at(5, 900, Quality::out_of_range), at(6, 700, Quality::out_of_range),
                             at(7, kNoValue, Quality::comm_failure), at(8, kNoValue, Quality::comm_failure)});
  ASSERT_EQ(kept.size(), 6u);
  expect(kept[1], 0, 2.5, Quality::minute_mean);
  expect(kept[3], 4, 500, Quality::out_of_range);
  expect(kept[4], 5, 900, Quality::out_of_range);
  EXPECT_EQ(kept[5].quality, Quality::comm_failure);
  EXPECT_EQ(to_ms(kept[5].time), 7) << "the first";
}

TEST(Thinner, LetsWhatStandsForAMinutePass) {
  const std::vector<Sample> minute{at(0, 1, Quality::minute_min), at(1, 2, Quality::minute_mean),
                                   at(2, 3, Quality::minute_max)};
  const auto kept = thinned(minute);
  ASSERT_EQ(kept.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) expect(kept[i], static_cast<int>(i), minute[i].value, minute[i].quality);
}

// ---- what is said of it -------------------------------------------------------------------------------------------

Loss loss(const std::string& point, std::int64_t from, std::int64_t to, std::optional<std::uint64_t> count,
          LossReason reason = LossReason::dropped) {
  return {point, wall_from_ms(from), wall_from_ms(to), count, reason};
}

TEST(Losses, AddUpByPointAndReason) {
  Losses losses;
  losses.add({loss("s/d/p", 10, 20, 3), loss("s/d/p", 5, 15, 2), loss("s/d/p", 1, 2, 1, LossReason::thinned)});
  EXPECT_EQ(losses.list(), (std::vector{loss("s/d/p", 1, 2, 1, LossReason::thinned), loss("s/d/p", 5, 20, 5)}));
}

TEST(Losses, KeepAnUnknownCountUnknown) {
  Losses losses;
  losses.add({loss("s/d/p", 1, 1, 3), loss("s/d/p", 2, 2, std::nullopt), loss("s/d/p", 3, 3, 4)});
  EXPECT_EQ(losses.list(), std::vector{loss("s/d/p", 1, 3, std::nullopt)});
}

TEST(Losses, NameTheDeviceThenNothingWhereThereIsNoRoomForMore) {
  Losses losses;
  losses.add({loss("s/a/p", 1, 1, 1), loss("s/a/q", 2, 2, 2), loss("s/b/p", 3, 3, 3)});
  ASSERT_TRUE(losses.coarsen());
  EXPECT_EQ(losses.list(), (std::vector{loss("s/a/*", 1, 2, 3), loss("s/b/*", 3, 3, 3)}));
  ASSERT_TRUE(losses.coarsen());
  EXPECT_EQ(losses.list(), std::vector{loss("", 1, 3, 6)});
  EXPECT_FALSE(losses.coarsen());
}

TEST(Losses, MergeVoidsOfOnePlaceAndReason) {
  const Place place{{1, 1}, Stream::telemetry};
  const auto all =
      merged({{place, LossReason::dropped, RangeSet(0, 3)}},
             {{place, LossReason::dropped, RangeSet(3, 5)}, {place, LossReason::thinned, RangeSet(9, 10)}});
  EXPECT_EQ(all, (std::vector<Void>{{place, LossReason::thinned, RangeSet(9, 10)},
                                    {place, LossReason::dropped, RangeSet(0, 5)}}));
}

}  // namespace
}  // namespace anlan::edge
