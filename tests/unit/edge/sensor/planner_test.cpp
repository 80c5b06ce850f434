#include "edge/sensor/planner.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

ProfilePoint at(int address, ValueType type = ValueType::u16, Table table = Table::holding_registers, int every = 1) {
  ProfilePoint point;
  point.source =
      ModbusSource{.table = table, .address = static_cast<std::uint16_t>(address), .type = type, .order = {}};
  point.every = every;
  return point;
}

std::vector<Block> plan_all(const std::vector<ProfilePoint>& points, const ModbusReading& reading = {}) {
  std::vector<std::size_t> all(points.size());
  std::iota(all.begin(), all.end(), 0u);
  return plan(points, all, reading);
}

struct Span {
  int address, count;
  bool operator==(const Span&) const = default;
};
std::vector<Span> spans(const std::vector<Block>& blocks) {
  std::vector<Span> out;
  for (const Block& block : blocks) out.push_back({block.address, block.count});
  return out;
}
std::ostream& operator<<(std::ostream& out, const Span& span) { return out << span.address << "+" << span.count; }

TEST(Planner, ReadsNeighboursAndSmallGapsInOneRequest) {
  EXPECT_EQ(spans(plan_all({at(0), at(1), at(10, ValueType::f64)})), (std::vector<Span>{{0, 14}}));
}

TEST(Planner, AsksForNothingWhereThereIsNothing) { EXPECT_TRUE(plan_all({}).empty()); }

TEST(Planner, FillsARequestUpTo125Registers) {
  EXPECT_EQ(spans(plan_all({at(0), at(124)})), (std::vector<Span>{{0, 125}}));
  EXPECT_EQ(spans(plan_all({at(0), at(125)})), (std::vector<Span>{{0, 1}, {125, 1}}));
}

TEST(Planner, FillsARequestUpTo2000Bits) {
  const auto bit = [](int address) { return at(address, ValueType::boolean, Table::coils); };
  EXPECT_EQ(spans(plan_all({bit(0), bit(1999)})), (std::vector<Span>{{0, 2000}}));
  EXPECT_EQ(spans(plan_all({bit(0), bit(2000)})), (std::vector<Span>{{0, 1}, {2000, 1}}));
}

TEST(Planner, NeverCutsAValue) {
  const auto blocks = plan_all({at(0), at(122, ValueType::f64)});  // 0 to 125: one too many
  EXPECT_EQ(spans(blocks), (std::vector<Span>{{0, 1}, {122, 4}}));
}

TEST(Planner, NeverJoinsTables) {
  const auto blocks = plan_all({at(0), at(1, ValueType::u16, Table::input_registers)});
  EXPECT_EQ(blocks.size(), 2u);
}

TEST(Planner, NeverReadsAcrossAForbiddenGap) {
  const ModbusReading reading{.forbidden = {{Table::holding_registers, 5, 5}, {Table::input_registers, 1, 3}}};
  EXPECT_EQ(spans(plan_all({at(0), at(4), at(6)}, reading)), (std::vector<Span>{{0, 5}, {6, 1}}));
}

TEST(Planner, ReadsAnAddressThatAPointNeedsThoughARangeForbidsIt) {
  const ModbusReading reading{.forbidden = {{Table::holding_registers, 0, 9}}};
  EXPECT_EQ(spans(plan_all({at(3), at(4)}, reading)), (std::vector<Span>{{3, 2}}));
}

TEST(Planner, WithoutGapsReadsOnlyWhatPointsNeed) {
  const ModbusReading reading{.max_gap = 0};
  EXPECT_EQ(spans(plan_all({at(0), at(1), at(3)}, reading)), (std::vector<Span>{{0, 2}, {3, 1}}));
}

TEST(Planner, ReadsOverGapsUpToTheirLimit) {
  const ModbusReading reading{.max_gap = 3};
  EXPECT_EQ(spans(plan_all({at(0), at(4), at(9)}, reading)), (std::vector<Span>{{0, 5}, {9, 1}}));
  const auto bit = [](int address) { return at(address, ValueType::boolean, Table::coils); };
  EXPECT_EQ(spans(plan_all({bit(0), bit(49), bit(99)}, reading)), (std::vector<Span>{{0, 50}, {99, 1}}));
}

TEST(Planner, WhereTheDeviceReadsOneValueARequestOnlyPointsOfTheSameRegistersShareOne) {
  const ModbusReading reading{.multiple = false};
  EXPECT_EQ(spans(plan_all({at(0), at(1), at(3, ValueType::f64)}, reading)),
            (std::vector<Span>{{0, 1}, {1, 1}, {3, 4}}));
  const auto shared = plan_all({at(7), at(7), at(6, ValueType::u32), at(8)}, reading);
  EXPECT_EQ(spans(shared), (std::vector<Span>{{6, 2}, {8, 1}}));
  EXPECT_EQ(shared[0].places.size(), 3u);
}

TEST(Planner, KeepsToADevicesOwnLimit) {
  const ModbusReading reading{.max_registers = 10};
  EXPECT_EQ(spans(plan_all({at(0), at(9), at(10)}, reading)), (std::vector<Span>{{0, 1}, {9, 2}}));
}

TEST(Planner, OfTheFewestRequestsTakesTheFewestRegisters) {
  // Two requests either way; reading 100 with 190 costs 92 registers, with 0 it would cost 102.
  EXPECT_EQ(spans(plan_all({at(0), at(100), at(190)})), (std::vector<Span>{{0, 1}, {100, 91}}));
}

TEST(Planner, ReadsOneRegisterOnceForAllItsPoints) {
  const auto blocks = plan_all({at(7), at(7), at(6, ValueType::u32)});
  ASSERT_EQ(spans(blocks), (std::vector<Span>{{6, 2}}));
  EXPECT_EQ(blocks[0].places.size(), 3u);
}

TEST(Planner, TheLastAddressOfATableIsReadable) {
  EXPECT_EQ(spans(plan_all({at(65535)})), (std::vector<Span>{{65535, 1}}));
}

TEST(Planner, PollClassesArePlannedApart) {
  Profile profile;
  profile.points = {at(0), at(1, ValueType::u16, Table::holding_registers, 10), at(2)};
  const auto classes = plan(profile);
  ASSERT_EQ(classes.size(), 2u);
  EXPECT_EQ(classes[0].every, 1);
  EXPECT_EQ(spans(classes[0].blocks), (std::vector<Span>{{0, 3}}));
  EXPECT_EQ(classes[1].every, 10);
  EXPECT_EQ(spans(classes[1].blocks), (std::vector<Span>{{1, 1}}));
}

TEST(Planner, LeavesMqttPointsOut) {
  ProfilePoint mqtt;
  mqtt.source = MqttSource{.topic = "a", .pointer = {}};
  EXPECT_TRUE(plan_all({mqtt}).empty());
}

TEST(Planner, TwoHundredScatteredPointsNeedTenTimesFewerRequests) {
  std::vector<ProfilePoint> points;
  for (int i = 0; i < 200; ++i) points.push_back(at(i * 11, ValueType::f32));
  EXPECT_LE(plan_all(points).size(), 20u);
}

// ---- against every possible grouping -------------------------------------------------------------------------------

struct Cost {
  int requests = 0;
  long registers = 0;
  auto operator<=>(const Cost&) const = default;
};

/// A group of points as one request, if that is allowed; written by addresses, apart from the planner.
std::optional<long> request_cost(const std::vector<const ModbusSource*>& group, const ModbusReading& reading) {
  int first = 1 << 20, end = 0;
  std::set<int> needed;
  int longest = 0;
  for (const ModbusSource* source : group) {
    longest = std::max(longest, register_count(source->type));
    if (source->table != group[0]->table) return std::nullopt;
    first = std::min<int>(first, source->address);
    end = std::max(end, source->address + register_count(source->type));
    for (int i = 0; i < register_count(source->type); ++i) needed.insert(source->address + i);
  }
  if (end - first > reading.max_registers && group.size() > 1) return std::nullopt;
  if (!reading.multiple && end - first > longest) return std::nullopt;
  int gap = 0;
  for (int address = first; address < end; ++address) {
    gap = needed.contains(address) ? 0 : gap + 1;
    if (gap == 0) continue;
    if (gap > reading.max_gap) return std::nullopt;
    for (const auto& range : reading.forbidden)
      if (range.table == group[0]->table && address >= range.first && address <= range.last) return std::nullopt;
  }
  return end - first;
}

/// The cheapest of all partitions into groups (Bell numbers: keep the points few).
Cost cheapest(const std::vector<ProfilePoint>& points, const ModbusReading& reading) {
  Cost best{1000, 0};
  std::vector<std::vector<const ModbusSource*>> groups;
  const std::function<void(std::size_t)> place = [&](std::size_t i) {
    if (i == points.size()) {
      Cost cost;
      for (const auto& group : groups) {
        const auto one = request_cost(group, reading);
        if (!one) return;
        ++cost.requests;
        cost.registers += *one;
      }
      best = std::min(best, cost);
      return;
    }
    const auto* source = &std::get<ModbusSource>(points[i].source);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      groups[g].push_back(source);
      place(i + 1);
      groups[g].pop_back();
    }
    groups.push_back({source});
    place(i + 1);
    groups.pop_back();
  };
  place(0);
  return best;
}

TEST(Planner, IsNeverDearerThanTheBestOfAllGroupings) {
  std::mt19937 random(11);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  constexpr ValueType types[] = {ValueType::u16, ValueType::f32, ValueType::f64};
  for (int round = 0; round < 400; ++round) {
    ModbusReading reading{.max_registers = 8 + pick(20), .max_gap = pick(3) ? 125 : pick(8), .multiple = pick(6) > 0};
    for (int i = pick(3); i > 0; --i) {
      const auto first = static_cast<std::uint16_t>(pick(60));
      reading.forbidden.push_back({Table::holding_registers, first, static_cast<std::uint16_t>(first + pick(4))});
    }
    std::vector<ProfilePoint> points;
    for (int i = 1 + pick(7); i > 0; --i)
      points.push_back(at(pick(60), types[pick(3)], pick(4) ? Table::holding_registers : Table::input_registers));
    Cost planned;
    std::set<std::size_t> covered;
    for (const Block& block : plan_all(points, reading)) {
      ++planned.requests;
      planned.registers += block.count;
      std::vector<const ModbusSource*> group;
      for (const Block::Place& place : block.places) {
        const auto& source = std::get<ModbusSource>(points[place.point].source);
        group.push_back(&source);
        ASSERT_TRUE(covered.insert(place.point).second);
        ASSERT_EQ(block.address + place.offset, source.address);
        ASSERT_EQ(place.count, register_count(source.type));
        ASSERT_LE(place.offset + place.count, block.count);
      }
      ASSERT_TRUE(request_cost(group, reading)) << "round " << round;
    }
    ASSERT_EQ(covered.size(), points.size());
    ASSERT_EQ(planned, cheapest(points, reading)) << "round " << round;
  }
}

}  // namespace
}  // namespace anlan::edge
