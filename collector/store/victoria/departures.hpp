// What of the journal goes to the engine next, and what becomes of it. One writing connection of its own, one thread at
// a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/store/victoria/journal_meter.hpp"
#include "collector/store/victoria/lanes.hpp"
#include "collector/store/victoria/series.hpp"
#include "common/base/result.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector::victoria {

/// Some batches of the journal, in the order of their commits.
struct DepartingGroup {
  struct Run {
    LaneName name;
    std::int64_t point = 0;
    std::size_t begin = 0, end = 0;  // in `samples`, which stand by time within it
  };
  std::int64_t last_batch = 0;
  std::uint64_t bytes = 0, count = 0;                             // of all its batches
  std::vector<HeldSample> samples;                                // that the engine can take
  std::vector<Run> runs;                                          // cover `samples`
  std::vector<PlacedSample> unfit;                                // that it cannot
  std::map<std::pair<std::int64_t, std::uint32_t>, Lanes> lanes;  // as they are once this group is in the engine
};

/// The last flush that was verified: the engine holds a sample of it, or it was lost or restored since.
struct Mark {
  std::uint64_t number = 0;  // 0: nothing was ever flushed
  std::int64_t time = 0;
};

/// Methods throw SQLite::Exception; then nothing has changed.
class Departures {
 public:
  /// Draws the journal's label where it has none yet, and reads how much is held into `meter`.
  Departures(SQLite::Database db, JournalMeter& meter);

  const std::string& label() const { return label_; }
  const Mark& mark() const { return mark_; }

  /// The oldest batches, at least one, with about `most` samples; nullopt where nothing waits. The same group again, or
  /// one that begins like it, until it is released. Errors: storage_corrupt.
  Result<std::optional<DepartingGroup>> next(std::uint64_t most);

  /// The group is in the engine for good, but for `kept` (indices of its samples), which stay aside here with what is
  /// unfit; `mark` was flushed with it.
  void release(const DepartingGroup& group, const std::vector<std::size_t>& kept, const Mark& mark);

  /// The engine that was there is lost, with all that was released to it: what was received is from now on only what
  /// still waits here. Everything else is asked of the edges again, in the new generation that this begins.
  void forget_engine();

 private:
  PointPath path_of(std::int64_t point);
  std::pair<std::string, Epoch> epoch_of(std::uint32_t epoch);
  Lanes lanes_of(std::int64_t point, std::uint32_t epoch);
  void sort_out(const std::vector<std::pair<PlacedSample, std::int64_t>>& arrived, DepartingGroup& group);
  void keep_aside(std::vector<PlacedSample> samples);
  void note_moved(const DepartingGroup& group, const std::vector<std::size_t>& kept);
  void read_meter();

  SQLite::Database db_;
  JournalMeter& meter_;
  std::string label_;
  Mark mark_;
  SQLite::Statement path_, epoch_, lanes_;
};

}  // namespace anlan::collector::victoria
