// Turns segments (cheap to write) into chunks of one group each (small, quick to read) and makes their rollups, beside
// a writer and readers that go on. docs/formats/collector-db.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "collector/store/chunk_table.hpp"
#include "collector/store/newest_table.hpp"
#include "collector/store/newest_values.hpp"
#include "collector/store/segment.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// What stands in segments. Any thread.
struct SegmentBacklog {
  std::atomic<std::uint64_t> segments = 0, samples = 0;
  std::atomic<std::uint64_t> busiest = 0;  // samples of the group that has the most, since something was filed
  std::atomic<bool> filed = false;         // the writer counts the groups anew
};

class Compaction {
 public:
  /// `db`: a connection for those who tidy up. All must outlive it; `writing` is held by whoever writes to the file.
  Compaction(SQLite::Database& db, const NewestValues& newest, SegmentBacklog& backlog, std::mutex& writing);

  /// What stands in segments when it begins, the oldest four million samples of it: decides what becomes of it on one
  /// snapshot, then changes the file in one short transaction. What is found damaged becomes a row of the table loss:
  /// it is never silently forgotten. One call at a time. Throws SQLite::Exception; then nothing has changed.
  void run();

 private:
  struct Loss {
    std::int64_t group = 0;  // 0: not known
    TimeRange range;
    std::uint64_t samples = 0;
  };
  struct Waiting {  // of one group
    SegmentEntry entry;
    std::string data;
    TimeRange range;  // of its segment
  };
  struct Plan {
    std::int64_t last_segment = 0;
    std::uint64_t segments = 0, samples = 0;
    ChunkChanges chunks;
    std::vector<Loss> losses;
    std::vector<NewestRow> newest;  // of the groups that have new samples
  };

  Plan plan();
  static void lose(const Error& error, Plan& plan, const Loss& loss);
  std::map<std::int64_t, std::vector<Waiting>> load_segments(Plan& plan);
  void file_group(std::int64_t group, const std::vector<Waiting>& waiting, Plan& plan);
  void take_newest(std::int64_t group, Plan& plan);
  void apply(const Plan& plan);
  void add_losses(const std::vector<Loss>& losses);

  SQLite::Database& db_;
  const NewestValues& newest_;
  SegmentBacklog& backlog_;
  std::mutex& writing_;
  ChunkTable chunks_;
  SQLite::Statement members_;
};

}  // namespace anlan::collector
