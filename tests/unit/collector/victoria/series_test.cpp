#include "collector/store/victoria/series.hpp"

#include <bit>
#include <map>

#include <gtest/gtest.h>

namespace anlan::collector::victoria {
namespace {

const LaneName kName{"57", {"site", "tank-3", "level"}, "edge-a", {1, 2}, 3};

std::vector<ExportLine> lines_of(const std::string& text) {
  std::vector<ExportLine> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    auto line = parse_export_line(std::string_view(text).substr(begin, end - begin));
    if (!line) throw std::runtime_error(line.error().message);
    lines.push_back(std::move(*line));
    begin = end + 1;
  }
  return lines;
}

const std::vector<HeldSample> kSamples{{1000, 21.5, Quality::good, 1, 77, 0},
                                       {2000, kNoValue, Quality::comm_failure, 1, 78, 1},
                                       {3000, 1.0 / 3, Quality::stale, 1, (std::uint64_t{1} << 35) - 1, 131'071},
                                       {4000, static_cast<double>(23.4f), Quality::minute_max, 1, 80, 2}};

TEST(Series, SamplesSpreadOverTheirSeriesAreFoundAgain) {
  std::string text;
  put_lane(text, kName, kSamples);
  std::map<std::int64_t, Parts> parts;
  for (int twice = 0; twice < 2; ++twice)
    for (const ExportLine& line : lines_of(text)) {
      const auto name = name_of(line.labels);
      ASSERT_TRUE(name);
      EXPECT_EQ(name->name, kName);
      for (std::size_t i = 0; i < line.times.size(); ++i) parts[line.times[i]].set(name->column, line.values[i]);
    }
  ASSERT_EQ(parts.size(), kSamples.size());
  for (const HeldSample& wanted : kSamples) {
    const auto found = parts[wanted.time].sample(wanted.time);
    ASSERT_TRUE(found) << wanted.time;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(found->value), std::bit_cast<std::uint64_t>(wanted.value));
    EXPECT_EQ(found->quality, wanted.quality);
    EXPECT_EQ(found->sequence, wanted.sequence);
    EXPECT_EQ(found->index, wanted.index);
  }
}

TEST(Series, APartThatLacksOrContradictsIsNoSample) {
  std::string text;
  put_lane(text, kName, {kSamples[0]});
  const auto lines = lines_of(text);
  for (std::size_t left_out = 0; left_out < lines.size(); ++left_out) {
    Parts parts;
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (i != left_out) parts.set(name_of(lines[i].labels)->column, lines[i].values[0]);
    EXPECT_FALSE(parts.sample(1000)) << left_out;
    Parts again;
    for (const ExportLine& line : lines) again.set(name_of(line.labels)->column, line.values[0]);
    again.set(name_of(lines[left_out].labels)->column, lines[left_out].values[0] + 1);
    EXPECT_FALSE(again.sample(1000)) << left_out;
  }
}

TEST(Series, WhatDoesNotFitIsSaid) {
  HeldSample sample = kSamples[0];
  EXPECT_TRUE(record_number(sample));
  sample.sequence = std::uint64_t{1} << 35;
  EXPECT_FALSE(record_number(sample));
  sample = kSamples[0];
  sample.index = 1 << 17;
  EXPECT_FALSE(record_number(sample));
  constexpr std::int64_t now = 1'700'000'000'000, day = 86'400'000;
  EXPECT_TRUE(time_fits(0, now));
  EXPECT_TRUE(time_fits(now + day, now));
  for (const std::int64_t time : {std::int64_t{-1}, now + day + 1, INT64_MIN, INT64_MAX})
    EXPECT_FALSE(time_fits(time, now)) << time;
}

TEST(Series, SelectorsNameWhatIsOurs) {
  EXPECT_EQ(point_selector("57", kName.point),
            R"({store="57",site="site",device="tank-3",point="level",form!="rough"})");
  EXPECT_EQ(edges_selector("57", {"a", "b"}), R"({store="57",epoch!="",form!="rough",edge=~"a|b"})");
  EXPECT_EQ(edges_selector("57", {}), R"({store="57",epoch!="",form!="rough"})");
}

}  // namespace
}  // namespace anlan::collector::victoria
