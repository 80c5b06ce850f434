#include "edge/sensor/read_plan.hpp"

#include <functional>
#include <numeric>
#include <optional>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

const MonoTime kNow = mono_from_ms(1'000'000);

ProfilePoint at(int address, ValueType type = ValueType::u16) {
  ModbusSource source;
  source.address = static_cast<std::uint16_t>(address);
  source.type = type;
  ProfilePoint point;
  point.source = source;
  return point;
}

struct Fixture {
  std::vector<ProfilePoint> points;
  std::optional<ReadPlan> plan;
  explicit Fixture(std::vector<ProfilePoint> all) : points(std::move(all)) {
    std::vector<std::size_t> which(points.size());
    std::iota(which.begin(), which.end(), std::size_t{0});
    plan.emplace(points, which, ModbusReading{});
  }
};

using Span = std::pair<int, int>;  // address, count
std::vector<Span> spans(const std::vector<Block>& blocks) {
  std::vector<Span> out;
  for (const Block& block : blocks) out.push_back({block.address, block.count});
  return out;
}

/// What the poller does, against a device that refuses some registers and long requests.
int dissect(ReadPlan& plan, const Block& block, const std::function<bool(const Block&)>& answers) {
  const auto halves = halve(block);
  if (!halves) {
    plan.refuse(block, kNow);
    return 0;
  }
  int asked = 0;
  bool found = false;
  for (const Block& half : {halves->first, halves->second}) {
    ++asked;
    if (answers(half)) continue;
    found = true;
    asked += dissect(plan, half, answers);
  }
  if (!found) plan.keep_apart(halves->first, halves->second);
  return asked;
}

/// Polls until nothing more is learned; how many requests that took beyond the plans' own.
int learn(ReadPlan& plan, const std::function<bool(const Block&)>& answers) {
  int asked = 0;
  for (bool again = true; again;) {
    again = false;
    for (const Block& block : std::vector(plan.blocks()))
      if (!answers(block)) {
        again = true;
        asked += dissect(plan, block, answers);
      }
  }
  return asked;
}

auto refusing(std::set<int> registers, int most = 125) {
  return [registers, most](const Block& block) {
    for (const int r : registers)
      if (block.address <= r && r < block.address + block.count) return false;
    return block.count <= most;
  };
}

TEST(ReadPlan, IsolatesOneRefusedRegisterByHalvingAndReadsTheRestInTwoRequests) {
  std::vector<ProfilePoint> all;
  for (int i = 0; i < 125; ++i) all.push_back(at(i));
  Fixture f(all);
  EXPECT_LE(learn(*f.plan, refusing({77})), 14);
  EXPECT_EQ(spans(f.plan->blocks()), (std::vector<Span>{{0, 77}, {78, 47}}));
  EXPECT_EQ(f.plan->refused(), std::vector<std::size_t>{77});
  EXPECT_EQ(f.plan->points().size(), 125u);
}

TEST(ReadPlan, ReadsARefusedValueWithTheOthersAgainOnceItAnswers) {
  Fixture f({at(0), at(1), at(2)});
  learn(*f.plan, refusing({1}));
  EXPECT_TRUE(f.plan->retries(kNow + kAskRefusedAgain - Millis{1}).empty());
  const auto due = f.plan->retries(kNow + kAskRefusedAgain);
  ASSERT_EQ(spans(due), (std::vector<Span>{{1, 1}}));
  EXPECT_TRUE(f.plan->retries(kNow + kAskRefusedAgain).empty()) << "once";
  EXPECT_FALSE(f.plan->refuse(due[0], kNow + kAskRefusedAgain)) << "no news";
  f.plan->ask_all(kNow);
  EXPECT_EQ(f.plan->retries(kNow).size(), 1u);
  EXPECT_TRUE(f.plan->accept(due[0]));
  EXPECT_FALSE(f.plan->accept(due[0]));
  EXPECT_EQ(spans(f.plan->blocks()), (std::vector<Span>{{0, 3}}));
}

TEST(ReadPlan, AGapThatIsRefusedCostsNoPoint) {
  Fixture f({at(0), at(1), at(4), at(5), at(8)});
  learn(*f.plan, refusing({3}));
  EXPECT_TRUE(f.plan->refused().empty());
  EXPECT_EQ(spans(f.plan->blocks()), (std::vector<Span>{{0, 2}, {4, 5}}));
}

TEST(ReadPlan, ADeviceThatBearsOnlyShortRequestsIsAskedShortOnes) {
  std::vector<ProfilePoint> all;
  for (int i = 0; i < 100; ++i) all.push_back(at(i));
  Fixture f(all);
  learn(*f.plan, refusing({}, 32));
  EXPECT_TRUE(f.plan->refused().empty());
  for (const Block& block : f.plan->blocks()) EXPECT_LE(block.count, 32);
  EXPECT_EQ(f.plan->blocks().size(), 4u);
}

TEST(ReadPlan, ValuesThatShareRegistersAreRefusedTogether) {
  Fixture f({at(0), at(5), at(5, ValueType::u32), at(9)});
  learn(*f.plan, refusing({6}));
  EXPECT_EQ(f.plan->refused(), (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(spans(f.plan->blocks()), (std::vector<Span>{{0, 1}, {9, 1}}));
}

TEST(ReadPlan, LearnsWhateverADeviceRefuses) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<ProfilePoint> all;
    for (int address = 0; address < 300; address += 1 + static_cast<int>(random() % 4))
      all.push_back(at(address, random() % 4 == 0 ? ValueType::u32 : ValueType::u16));
    std::set<int> bad;
    for (unsigned i = random() % 6; i > 0; --i) bad.insert(static_cast<int>(random() % 300));
    const auto answers = refusing(bad, random() % 2 ? 125 : 40);
    Fixture f(all);
    learn(*f.plan, answers);
    std::set<std::size_t> read, refused;
    for (const Block& block : f.plan->blocks())
      for (const Block::Place& place : block.places) EXPECT_TRUE(read.insert(place.point).second);
    for (const std::size_t point : f.plan->refused()) refused.insert(point);
    EXPECT_EQ(read.size() + refused.size(), all.size()) << seed;
    for (const std::size_t point : read) EXPECT_FALSE(refused.contains(point)) << seed;
  }
}

TEST(ReadPlan, TheCheapestRequestIsTheShortestAndThereIsAlwaysOne) {
  Fixture f({at(0, ValueType::u64), at(500)});
  EXPECT_EQ(f.plan->cheapest().address, 500);
  learn(*f.plan, refusing({0, 500}));
  EXPECT_TRUE(f.plan->blocks().empty());
  EXPECT_GE(f.plan->cheapest().count, 1);
}

}  // namespace
}  // namespace anlan::edge
