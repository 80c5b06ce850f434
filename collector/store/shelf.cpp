#include "collector/store/shelf.hpp"

#include <algorithm>
#include <utility>

namespace anlan::collector {
namespace {

std::int64_t start_of(const ChunkRow& row) { return row.range.start; }

}  // namespace

Shelf::Shelf(std::vector<ChunkRow> rows, Load load, ChunkChanges& changes)
    : open_(std::move(rows)), load_(std::move(load)), changes_(changes) {
  std::ranges::sort(open_, {}, start_of);
}

/// Those that the present compaction made and did not take again are written with the rest.
Shelf::~Shelf() {
  for (ChunkRow& row : open_)
    if (row.id == 0) changes_.added.push_back(std::move(row));
}

Shelf::Near Shelf::near(TimeRange range, std::uint64_t pause_ms) const {
  std::vector<bool> found(open_.size());
  for (bool grown = true; grown;) {
    grown = false;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (found[i] || !collector::near(open_[i].range, range, pause_ms)) continue;
      found[i] = grown = true;
      range = {std::min(range.start, open_[i].range.start), std::max(range.end, open_[i].range.end)};
    }
  }
  Near near;
  for (std::size_t i = 0; i < open_.size(); ++i) {
    if (!found[i]) continue;
    near.places.push_back(i);
    near.items += open_[i].items;
    near.most += open_[i].most;
  }
  return near;
}

Shelf::Near Shelf::all() const {
  Near all;
  for (std::size_t i = 0; i < open_.size(); ++i) {
    all.places.push_back(i);
    all.items += open_[i].items;
    all.most += open_[i].most;
  }
  return all;
}

void Shelf::take_small(const Near& wanted, std::size_t items, const Use& use) {
  Near small = wanted;
  std::ranges::sort(small.places, {}, [&](std::size_t place) { return open_[place].items; });
  std::size_t taken = 0;
  while (taken < small.places.size() && open_[small.places[taken]].items <= items)
    items += open_[small.places[taken++]].items;
  small.places.resize(taken);
  take(small, use);
}

void Shelf::take(const Near& wanted, const Use& use) {
  std::vector<bool> gone(open_.size());
  for (const std::size_t place : wanted.places) {
    ChunkRow& row = open_[place];
    if (row.id != 0) row.data = load_(row.id);
    gone[place] = use(row);
    if (gone[place] && row.id != 0) changes_.removed.push_back(row.id);
    if (row.id != 0) row.data.clear();
  }
  std::vector<ChunkRow> stay;
  for (std::size_t i = 0; i < open_.size(); ++i)
    if (!gone[i]) stay.push_back(std::move(open_[i]));
  open_ = std::move(stay);
}

void Shelf::add(ChunkRow row) {
  if (row.open)
    open_.insert(std::ranges::upper_bound(open_, row.range.start, {}, start_of), std::move(row));
  else
    changes_.added.push_back(std::move(row));
}

}  // namespace anlan::collector
