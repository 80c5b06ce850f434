// The open chunks of one group and step while compaction files something new beside them: what stands in the file, and
// what the present compaction adds to it and takes from it. Nothing is written here.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "collector/store/time_runs.hpp"

namespace anlan::collector {

/// A row of the table chunk.
struct ChunkRow {
  std::int64_t id = 0;     // 0: not written yet
  std::int64_t group = 0;  // row of the table point_group
  std::int64_t step = 0;   // milliseconds of a rollup; 0: samples
  bool open = true;        // more may be filed with it
  TimeRange range;
  std::size_t items = 0;  // samples, or stretches of a rollup
  std::size_t most = 0;   // of the point that has the most
  std::string data;       // of a row in the file: empty until taken
};

/// What one compaction changes among the chunks.
struct ChunkChanges {
  std::vector<ChunkRow> added;
  std::vector<std::int64_t> removed;
};

class Shelf {
 public:
  using Load = std::function<std::string(std::int64_t id)>;
  /// True where the row was used up; what cannot be read stays and goes on being told of.
  using Use = std::function<bool(const ChunkRow&)>;

  /// `rows`: the open ones in the file, without their data, which `load` gets (empty where it cannot be read).
  Shelf(std::vector<ChunkRow> rows, Load load, ChunkChanges& changes);
  ~Shelf();
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  struct Near {
    std::vector<std::size_t> places;  // until the next change
    std::size_t items = 0, most = 0;  // together
  };
  /// Those that lie no further than `pause_ms` from `range`, or from one that does.
  Near near(TimeRange range, std::uint64_t pause_ms) const;
  Near all() const;
  std::size_t size() const { return open_.size(); }

  /// Offers all of them.
  void take(const Near& wanted, const Use& use);
  /// Offers the smallest, as long as the next one is no larger than `items` and all before it together: so each one
  /// that is taken becomes part of one at least twice its size, and what is not taken stays few.
  void take_small(const Near& wanted, std::size_t items, const Use& use);

  void add(ChunkRow row);

 private:
  std::vector<ChunkRow> open_;  // by time
  Load load_;
  ChunkChanges& changes_;
};

}  // namespace anlan::collector
