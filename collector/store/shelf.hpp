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

  /// `rows`: the open ones in the file, without their data, which `load` gets.
  Shelf(std::vector<ChunkRow> rows, Load load, ChunkChanges& changes)
      : open_(std::move(rows)), load_(std::move(load)), changes_(changes) {}
  ~Shelf();
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  /// How much stands near `range`, in how many chunks.
  struct Near {
    std::size_t items = 0, chunks = 0;
  };
  Near count_near(const TimeRange& range, std::uint64_t pause_ms) const;

  /// Offers each that stands near. What `use` says true of is gone; what it cannot read stays and goes on being told
  /// of.
  void take_near(const TimeRange& range, std::uint64_t pause_ms, const std::function<bool(const ChunkRow&)>& use);

  void add(ChunkRow row);

 private:
  std::vector<ChunkRow> open_;
  Load load_;
  ChunkChanges& changes_;
};

}  // namespace anlan::collector
