#include "collector/store/shelf.hpp"

#include <utility>

namespace anlan::collector {

/// Those that the present compaction made and did not take again are written with the rest.
Shelf::~Shelf() {
  for (ChunkRow& row : open_)
    if (row.id == 0) changes_.added.push_back(std::move(row));
}

Shelf::Near Shelf::count_near(const TimeRange& range, std::uint64_t pause_ms) const {
  Near found;
  for (const ChunkRow& row : open_)
    if (near(row.range, range, pause_ms)) {
      found.items += row.items;
      ++found.chunks;
    }
  return found;
}

void Shelf::take_near(const TimeRange& range, std::uint64_t pause_ms, const std::function<bool(const ChunkRow&)>& use) {
  std::vector<ChunkRow> stay;
  for (ChunkRow& row : open_) {
    const bool wanted = near(row.range, range, pause_ms);
    if (wanted && row.id != 0) row.data = load_(row.id);
    if (wanted && use(row)) {
      if (row.id != 0) changes_.removed.push_back(row.id);
      continue;
    }
    if (row.id != 0) row.data.clear();
    stay.push_back(std::move(row));
  }
  open_ = std::move(stay);
}

void Shelf::add(ChunkRow row) {
  if (row.open)
    open_.push_back(std::move(row));
  else
    changes_.added.push_back(std::move(row));
}

}  // namespace anlan::collector
