#include "common/wire/column_layout.hpp"

#include <algorithm>
#include <numeric>

#include "common/wire/convert.hpp"

namespace anlan::wire {
namespace {

constexpr std::uint64_t kPoints = std::uint64_t{1} << 32;
constexpr std::size_t kDense = 4;  // up to so many points for each cell a table of them is worth its memory

/// How many of the first cells are of points one after the other, with as many samples each.
std::size_t alike(std::span<const Cell> cells) {
  std::size_t n = 1;
  while (n < cells.size() && cells[n].count == cells[0].count && cells[n].point == cells[n - 1].point + 1) ++n;
  return n;
}

}  // namespace

void Layout::add(std::span<const Sample> samples) {
  const auto record = static_cast<std::uint32_t>(ends_.size());
  for (std::size_t from = 0, to = 0; from < samples.size(); from = to) {
    while (to < samples.size() && samples[to].point == samples[from].point) ++to;
    cells_.push_back(
        {samples[from].point, record, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to - from)});
  }
  ends_.push_back(cells_.size());
  samples_ += samples.size();
}

void Layout::put(std::string& out) const {
  for (std::size_t r = 0; r < ends_.size(); ++r) {
    std::string groups;
    std::uint64_t count = 0, next = 0;
    for (auto rest = of_record(r); !rest.empty(); ++count) {
      const std::size_t points = alike(rest);
      put_varint(groups, rest.front().point - next);
      put_varint(groups, points);
      put_varint(groups, rest.front().count);
      next = rest.front().point + std::uint64_t{points};
      rest = rest.subspan(points);
    }
    put_varint(out, count);
    out += groups;
  }
}

void Layout::get(ByteReader& in, std::size_t records, std::size_t most) {
  for (std::size_t r = 0; r < records && in.ok(); ++r) {
    std::uint64_t next = 0, at = 0;
    for (std::uint64_t groups = in.varint(); groups > 0 && in.ok(); --groups) {
      const std::uint64_t gap = in.varint(), points = in.varint(), count = in.varint();
      if (points > most || count > most || points * count > most - samples_)
        throw Bad{Errc::too_large, "more samples than expected"};
      if (points == 0 || count == 0 || gap >= kPoints || next + gap + points > kPoints)
        throw Bad{Errc::malformed, "points of samples do not add up"};
      next += gap;
      for (std::uint64_t i = 0; i < points; ++i, ++next, at += count)
        cells_.push_back({static_cast<std::uint32_t>(next), static_cast<std::uint32_t>(r),
                          static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(count)});
      samples_ += points * count;
    }
    ends_.push_back(cells_.size());
  }
  if (!in.ok()) throw Bad{Errc::malformed, "samples are cut short"};
}

std::span<const Cell> Layout::of_record(std::size_t record) const {
  const std::size_t first = record == 0 ? 0 : ends_[record - 1];
  return std::span(cells_).subspan(first, ends_[record] - first);
}

std::size_t Layout::samples_of(std::size_t record) const {
  const auto cells = of_record(record);
  return cells.empty() ? 0 : std::size_t{cells.back().at} + cells.back().count;
}

void Layout::sort() {
  if (ends_.size() < 2) return;
  std::uint32_t last = 0;
  for (const Cell& cell : cells_) last = std::max(last, cell.point);
  if (last >= kDense * cells_.size()) {
    std::ranges::sort(cells_, {}, [](const Cell& cell) { return std::uint64_t{cell.point} << 32 | cell.record; });
    return;
  }
  std::vector<std::uint32_t> places(std::size_t{last} + 2);  // where the next cell of each point goes
  for (const Cell& cell : cells_) ++places[cell.point + 1];
  std::partial_sum(places.begin(), places.end(), places.begin());
  std::vector<Cell> sorted(cells_.size());
  for (const Cell& cell : cells_) sorted[places[cell.point]++] = cell;
  cells_.swap(sorted);
}

}  // namespace anlan::wire
