#include "edge/sensor/planner.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace anlan::edge {
namespace {

bool is_bits(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

struct Need {  // registers [first, end) of one point
  int first = 0, end = 0;
  std::size_t point = 0;
};

/// The request for needs [from, to), which are sorted by `first`.
Block block_of(Table table, std::span<const Need> needs) {
  Block block{.table = table, .address = static_cast<std::uint16_t>(needs.front().first), .count = 0, .places = {}};
  for (const Need& need : needs) {
    block.count = std::max(block.count, need.end - needs.front().first);
    block.places.push_back({need.point, need.first - needs.front().first, need.end - need.first});
  }
  return block;
}

/// May a request that reads on from `end` reach the next point at `next`?
bool may_cross(Table table, int end, int next, const ModbusReading& reading) {
  if (next <= end) return true;
  if (next - end > (is_bits(table) ? 16 * reading.max_gap : reading.max_gap)) return false;
  return std::none_of(reading.forbidden.begin(), reading.forbidden.end(), [&](const ModbusReading::Range& range) {
    return range.table == table && range.first < next && range.last >= end;
  });
}

/// Optimal by dynamic programming: best[j] reads the first j needs. Groups of neighbours are enough: where two requests
/// overlap, giving each point to the earlier one that covers it makes neither longer and no gap wider. Whatever breaks
/// a limit would break it with more needs too, so the first one ends the search.
std::vector<Block> plan_table(Table table, const std::vector<Need>& needs, const ModbusReading& reading) {
  struct Best {
    int requests = std::numeric_limits<int>::max();
    long registers = 0;
    std::size_t from = 0;
  };
  const int most = is_bits(table) ? reading.max_bits : reading.max_registers;
  std::vector<Best> best(needs.size() + 1);
  best[0].requests = 0;
  for (std::size_t i = 0; i < needs.size(); ++i) {
    int end = needs[i].first, longest = 0;
    for (std::size_t j = i; j < needs.size(); ++j) {
      if (j > i && !may_cross(table, end, needs[j].first, reading)) break;
      end = std::max(end, needs[j].end);
      longest = std::max(longest, needs[j].end - needs[j].first);
      const int length = end - needs[i].first;
      if (j > i && length > (reading.multiple ? most : longest)) break;
      const Best candidate{best[i].requests + 1, best[i].registers + length, i};
      Best& old = best[j + 1];
      if (std::tie(candidate.requests, candidate.registers) < std::tie(old.requests, old.registers)) old = candidate;
    }
  }
  std::vector<Block> blocks;
  for (std::size_t to = needs.size(); to > 0; to = best[to].from)
    blocks.push_back(block_of(table, std::span(needs).subspan(best[to].from, to - best[to].from)));
  std::reverse(blocks.begin(), blocks.end());
  return blocks;
}

}  // namespace

std::vector<Block> plan(std::span<const ProfilePoint> points, std::span<const std::size_t> which,
                        const ModbusReading& reading) {
  std::map<Table, std::vector<Need>> tables;
  for (const std::size_t point : which) {
    const auto* source = std::get_if<ModbusSource>(&points[point].source);
    if (source == nullptr) continue;
    tables[source->table].push_back({source->address, source->address + source->count(), point});
  }
  std::vector<Block> blocks;
  for (auto& [table, needs] : tables) {
    std::ranges::sort(needs, {}, [](const Need& need) { return std::tie(need.first, need.end, need.point); });
    std::ranges::move(plan_table(table, needs, reading), std::back_inserter(blocks));
  }
  return blocks;
}

std::vector<PollClass> plan(const Profile& profile) {
  std::map<int, std::vector<std::size_t>> classes;
  for (std::size_t i = 0; i < profile.points.size(); ++i)
    if (!profile.revisions.absent.contains(i)) classes[profile.points[i].every].push_back(i);
  std::vector<PollClass> made;
  for (const auto& [every, which] : classes) {
    auto blocks = plan(profile.points, which, profile.reading);
    if (!blocks.empty()) made.push_back({every, std::move(blocks)});
  }
  return made;
}

}  // namespace anlan::edge
