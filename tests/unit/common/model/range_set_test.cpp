#include "common/model/range_set.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace anlan {
namespace {

constexpr std::uint64_t kEnd = RangeSet::kEnd;
constexpr std::uint64_t kUniverse = 60;  // of the sets that are held against std::set

std::set<std::uint64_t> values(const RangeSet& ranges) {
  std::set<std::uint64_t> out;
  for (const auto& r : ranges.ranges())
    for (std::uint64_t v = r.first; v < r.last; ++v) out.insert(v);
  return out;
}

/// Sorted, never empty, never touching: one set has one form.
void expect_canonical(const RangeSet& set) {
  for (std::size_t i = 0; i < set.ranges().size(); ++i) {
    ASSERT_LT(set.ranges()[i].first, set.ranges()[i].last);
    if (i > 0) {
      ASSERT_LT(set.ranges()[i - 1].last, set.ranges()[i].first);
    }
  }
}

class AgainstStdSet : public testing::Test {
 protected:
  std::mt19937_64 random_{20261123};

  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::pair<RangeSet, std::set<std::uint64_t>> any() {
    RangeSet set;
    std::set<std::uint64_t> plain;
    for (std::uint64_t i = 0, n = below(8); i < n; ++i) {
      const auto first = below(kUniverse), last = first + below(8);
      set.add(first, last);
      for (auto v = first; v < last; ++v) plain.insert(v);
    }
    return {set, plain};
  }
};

TEST_F(AgainstStdSet, AddingAndRemovingAreTheSets) {
  for (int walk = 0; walk < 300; ++walk) {
    RangeSet set;
    std::set<std::uint64_t> plain;
    for (int step = 0; step < 60; ++step) {
      const auto first = below(kUniverse), last = first + below(10);
      const bool add = below(3) > 0;
      if (add)
        set.add(first, last);
      else
        set.remove(first, last);
      for (auto v = first; v < last; ++v) {
        if (add)
          plain.insert(v);
        else
          plain.erase(v);
      }
      expect_canonical(set);
      ASSERT_EQ(values(set), plain);
      ASSERT_EQ(set.count(), plain.size());
      ASSERT_EQ(set.empty(), plain.empty());
    }
  }
}

TEST_F(AgainstStdSet, QuestionsHaveTheSetsAnswers) {
  for (int i = 0; i < 2000; ++i) {
    const auto [set, plain] = any();
    const auto v = below(kUniverse + 10), last = v + below(12);
    EXPECT_EQ(set.contains(v), plain.contains(v));
    bool all = true;
    for (auto x = v; x < last; ++x) all = all && plain.contains(x);
    EXPECT_EQ(set.covers(v, last), all);
    auto missing = v;
    while (plain.contains(missing)) ++missing;
    EXPECT_EQ(set.first_missing(v), missing);
  }
}

TEST_F(AgainstStdSet, WholeSetsJoinMeetAndPart) {
  for (int i = 0; i < 2000; ++i) {
    const auto [a, plain_a] = any();
    const auto [b, plain_b] = any();
    RangeSet both = a, rest = a;
    both.add(b);
    rest.remove(b);
    const RangeSet common = a.intersection(b);
    std::set<std::uint64_t> joined = plain_a, left, met;
    joined.insert(plain_b.begin(), plain_b.end());
    for (const auto v : plain_a) (plain_b.contains(v) ? met : left).insert(v);
    for (const RangeSet& set : {both, rest, common}) expect_canonical(set);
    EXPECT_EQ(values(both), joined);
    EXPECT_EQ(values(rest), left);
    EXPECT_EQ(values(common), met);
    EXPECT_EQ(common, b.intersection(a));
  }
}

TEST_F(AgainstStdSet, TextReadsBackAsTheSameSet) {
  for (int i = 0; i < 2000; ++i) {
    auto [set, plain] = any();
    if (below(4) == 0) set.add(below(kUniverse), kEnd);
    const auto read = RangeSet::parse(set.str());
    ASSERT_TRUE(read) << set.str();
    EXPECT_EQ(*read, set) << set.str();
  }
}

TEST(RangeSet, WritesRangesAsPeopleDo) {
  RangeSet set(0, 10);
  set.add(12);
  set.add(20, kEnd);
  EXPECT_EQ(set.str(), "0-9,12,20-");
  EXPECT_EQ(RangeSet().str(), "");
}

TEST(RangeSet, KnowsAnOpenEnd) {
  RangeSet set(5, kEnd);
  EXPECT_EQ(set.count(), kEnd);
  EXPECT_TRUE(set.contains(kEnd - 1));
  EXPECT_TRUE(set.covers(5, kEnd));
  EXPECT_EQ(set.first_missing(5), kEnd);
  set.remove(10, kEnd);
  EXPECT_EQ(set, RangeSet(5, 10));
  set.add(8, kEnd);
  set.remove(0, 7);
  EXPECT_EQ(set, RangeSet(7, kEnd));
}

TEST(RangeSet, HoldsTheLargestNumbers) {
  RangeSet set;
  set.add(kEnd - 2);
  set.add(kEnd - 4);
  EXPECT_EQ(set.count(), 2u);
  EXPECT_EQ(RangeSet::parse(set.str()), set);
  set.add(kEnd);  // there is no such sequence
  EXPECT_FALSE(set.contains(kEnd));
}

TEST(RangeSet, Melts) {
  RangeSet set(10, 20);
  set.add(20, 30);
  set.add(5, 10);
  EXPECT_EQ(set, RangeSet(5, 30));
  set.add(100, 101);
  set.add(0, 1000);
  EXPECT_EQ(set, RangeSet(0, 1000));
}

TEST(RangeSet, TakesNothingForNothing) {
  RangeSet set;
  set.add(5, 5);
  set.add(7, 3);
  EXPECT_TRUE(set.empty());
  set.add(0, 10);
  set.remove(5, 5);
  set.remove(7, 3);
  EXPECT_EQ(set, RangeSet(0, 10));
  EXPECT_TRUE(set.covers(20, 20));
}

TEST(RangeSet, RefusesTextThatIsNoCanonicalList) {
  for (const char* text : {",",
                           "-",
                           "1-2,",
                           ",1",
                           "1,,2",
                           "a",
                           "1-b",
                           " 1",
                           "1 ",
                           "1 -2",
                           "+1",
                           "-1",
                           "2-1",
                           "1-1",
                           "3,1",
                           "1,2",
                           "1-3,4",
                           "1-3,3-5",
                           "0-,5",
                           "0-,",
                           "18446744073709551615",
                           "0-18446744073709551615",
                           "0-18446744073709551614",
                           "99999999999999999999999",
                           "1;2",
                           "0x1"})
    EXPECT_FALSE(RangeSet::parse(text)) << text;
  EXPECT_EQ(RangeSet::parse("1-"), RangeSet(1, kEnd));
  EXPECT_LT(RangeSet::parse(std::string(1'000'000, 'x')).error().message.size(), 200u);
}

TEST(RangeSet, StaysQuickWithManyRanges) {
  RangeSet set;
  for (std::uint64_t i = 0; i < 20'000; ++i) set.add(3 * i);
  EXPECT_EQ(set.ranges().size(), 20'000u);
  EXPECT_EQ(RangeSet::parse(set.str()), set);
  EXPECT_EQ(set.intersection(RangeSet(0, kEnd)), set);
}

}  // namespace
}  // namespace anlan
