// What an edge keeps of the centre's signed heads, and what it calls a contradiction.
#include "edge/uplink/head_keeper.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

using Taken = HeadKeeper::Taken;

constexpr std::int64_t kDay = 86'400'000;

SignedTreeHead head_of(std::uint64_t size, char root = 'a', std::int64_t at_ms = 0, std::uint64_t generation = 1) {
  TreeHead head;
  head.log = {1, 1};
  head.generation = {2, generation};
  head.size = size;
  head.at = wall_from_ms(at_ms == 0 ? static_cast<std::int64_t>(size) * 1000 : at_ms);
  head.root = std::string(64, root);
  head.key = std::string(64, 'b');
  return with_signature(head, std::string(64, 's'));
}

class HeadKeeperTest : public ::testing::Test {
 protected:
  Taken take(const SignedTreeHead& head, std::int64_t now = 0) {
    return keeper_.take(head.text, wall_from_ms(now)).taken;
  }
  HeadKeeper keeper_{[](const SignedTreeHead& head) { return head.signature == std::string(64, 's'); }};
};

TEST_F(HeadKeeperTest, KeepsEachNewHeadOnce) {
  EXPECT_EQ(keeper_.newest(), nullptr);
  EXPECT_EQ(take(head_of(5)), Taken::news);
  EXPECT_EQ(take(head_of(9)), Taken::news);
  EXPECT_EQ(take(head_of(9)), Taken::known);
  EXPECT_EQ(take(head_of(5)), Taken::known);
  EXPECT_EQ(keeper_.held().size(), 2u);
  EXPECT_EQ(keeper_.newest()->head.head.size, 9u);
}

TEST_F(HeadKeeperTest, RefusesWhatIsNotSigned) {
  auto forged = head_of(5);
  forged = with_signature(forged.head, std::string(64, 'x'));
  EXPECT_EQ(take(forged), Taken::refused);
  EXPECT_EQ(keeper_.take("hello", {}).taken, Taken::refused);
  EXPECT_EQ(keeper_.take(head_of(5).text + " ", {}).taken, Taken::refused);
  EXPECT_TRUE(keeper_.held().empty());
}

TEST_F(HeadKeeperTest, AnotherRootForTheSameSizeIsAContradictionAndIsKeptApart) {
  take(head_of(5));
  const auto outcome = keeper_.take(head_of(5, 'c').text, wall_from_ms(7));
  EXPECT_EQ(outcome.taken, Taken::contradiction);
  EXPECT_NE(outcome.why.find("another root"), std::string::npos) << outcome.why;
  EXPECT_EQ(keeper_.held().size(), 1u);
  ASSERT_EQ(keeper_.contradictions().size(), 1u);
  EXPECT_EQ(take(head_of(5, 'c')), Taken::known) << "said once";
}

TEST_F(HeadKeeperTest, ALogThatShrankIsAContradictionUnlessItIsOfANewGeneration) {
  take(head_of(9, 'a', 9'000));
  EXPECT_EQ(take(head_of(4, 'a', 12'000)), Taken::contradiction);
  EXPECT_EQ(take(head_of(4, 'a', 4'000)), Taken::news) << "it was signed before, and comes late";
  EXPECT_EQ(take(head_of(6, 'a', 13'000, 2)), Taken::news) << "a restore";
  EXPECT_EQ(keeper_.newest()->head.head.size, 6u);
}

TEST_F(HeadKeeperTest, SigningManyHeadsPushesNoOldOneOutInADayOrAMonth) {
  take(head_of(1), 10);
  std::uint64_t size = 1;
  for (int i = 0; i < 5'000; ++i) take(head_of(++size), 20);
  EXPECT_EQ(keeper_.held().front().head.head.size, 1u);
  EXPECT_LE(keeper_.held().size(), HeadKeeper::kNewest + 1);
  for (std::int64_t day = 1; day < 400; ++day)
    for (int i = 0; i < 20; ++i) take(head_of(++size), day * kDay);
  EXPECT_EQ(keeper_.held().front().head.head.size, 1u) << "the first of its month";
  EXPECT_LE(keeper_.held().size(), HeadKeeper::kNewest + HeadKeeper::kDays + HeadKeeper::kMonths);
  int of_the_last_month = 0, older = 0;
  for (const auto& held : keeper_.held()) ++(held.received > wall_from_ms(367 * kDay) ? of_the_last_month : older);
  EXPECT_GE(of_the_last_month, 32);
  EXPECT_EQ(older, 13);
}

TEST_F(HeadKeeperTest, ItsFileBringsEverythingBackAndDamagedLinesHarmNoOther) {
  take(head_of(5), 1'000);
  take(head_of(9), 2'000);
  take(head_of(9, 'c'), 3'000);
  const std::string text = keeper_.text();
  HeadKeeper other([](const SignedTreeHead&) { return true; });
  EXPECT_EQ(other.load(text), 0u);
  EXPECT_EQ(other.held(), keeper_.held());
  EXPECT_EQ(other.contradictions(), keeper_.contradictions());
  HeadKeeper damaged([](const SignedTreeHead&) { return true; });
  EXPECT_EQ(damaged.load("x\n\nreceived=\n" + text + text.substr(0, 40)), 4u);
  EXPECT_EQ(damaged.held(), keeper_.held());
}

}  // namespace
}  // namespace anlan::edge
