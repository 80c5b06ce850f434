// How records of one group become chunks: full ones are closed and stay, the rest is an open chunk of few. Closing
// makes the rollups. Pure: what stands in the file comes from shelves, what changes is collected there.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "collector/store/column_set.hpp"
#include "collector/store/rollup.hpp"
#include "collector/store/shelf.hpp"
#include "collector/store/time_runs.hpp"

namespace anlan::collector {

/// A chunk of this group is closed at so many samples (or stretches) of one point, 1,000 to 1,900: closing is costly,
/// and groups that are written together must not all close together.
constexpr std::size_t full_at(std::int64_t group) { return 1000 + 100 * (static_cast<std::uint64_t>(group) % 10); }

/// Whatever its points: what a query reads to find one of them.
inline constexpr std::size_t kFullAnyway = 1 << 17;

/// So many open chunks may stand near each other, and twice as many of a group and step in all.
inline constexpr std::size_t kMostOpen = 32;

class Filing {
 public:
  /// All must outlive it. `samples`: the shelf of step 0; `rollups`: those of kRollupSteps.
  Filing(std::int64_t group, Shelf& samples, std::array<Shelf*, kRollupSteps.size()> rollups)
      : group_(group), samples_(samples), rollups_(rollups) {}

  void file(std::vector<StoredRecord> records);

  /// Closes what an open chunk holds, whether it is full or not. False where it cannot be read.
  bool close(const ChunkRow& row);

 private:
  void file_run(TimeRun run);
  void gather();
  void keep(std::vector<StoredRecord> records);
  void lay(const ColumnSet& set);
  void close(const ColumnSet& set);
  void file_rollup(std::size_t level, RollupSet set);
  void flush_rollups();

  std::int64_t group_;
  Shelf& samples_;
  std::array<Shelf*, kRollupSteps.size()> rollups_;
  std::array<RollupSet, kRollupSteps.size()> pending_;  // of the chunks closed in the present run
  std::size_t pending_buckets_ = 0;
};

/// What the samples of a chunk are in minutes.
RollupSet minutes_of(const ColumnSet& set);

}  // namespace anlan::collector
