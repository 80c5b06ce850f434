// The reading half of the SQLite telemetry store: its own connection, one snapshot per call.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/store/newest_values.hpp"
#include "collector/store/page_selection.hpp"
#include "collector/store/rollup.hpp"
#include "collector/store/telemetry_store.hpp"
#include "collector/store/time_runs.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// Methods throw SQLite::Exception; otherwise as in TelemetryStore.
class TelemetryReader {
 public:
  TelemetryReader(SQLite::Database db, const NewestValues& newest);

  Result<TelemetryPage> query(const TelemetryQuery& query);
  Result<Trend> trend(const TrendQuery& query);
  std::vector<std::optional<NewestValue>> newest(const std::vector<std::string>& points);
  std::vector<TelemetryAccount> accounts(const std::string& edge);

 private:
  /// Where a point's samples stand: its place in a group.
  struct Member {
    std::int64_t group = 0;
    std::uint32_t place = 0;
  };
  struct Point {
    std::int64_t id = 0;
    std::vector<Member> members;
  };
  /// What a read comes upon.
  struct Take {
    std::function<void(const std::vector<StoredSample>&)> samples;
    std::function<void(const TimeRange&, std::optional<std::uint64_t> count)> loss;
    std::function<bool(std::int64_t start)> done;  // nothing that begins there or later is needed
  };

  std::optional<Point> find_point(const std::string& path);
  std::uint64_t ordinal_of(std::uint32_t epoch, std::unordered_map<std::uint32_t, std::uint64_t>& known);
  std::int64_t expired_before(std::int64_t step);

  /// Of [from, to): the losses that were found before, then segments, open chunks, closed ones by time.
  void read_losses(const Point& point, const TimeRange& wanted, const Take& take);
  void read_segments(const Point& point, const TimeRange& wanted, const Take& take);
  void read_chunks(const Member& member, std::int64_t step, bool open, const TimeRange& wanted, const Take& take,
                   const std::function<void(std::string_view data, const TimeRange& range)>& use);
  void read_samples(const Member& member, bool open, const TimeRange& wanted, const Take& take);
  void add_rollups(const Member& member, std::int64_t step, std::int64_t stretch, const TimeRange& wanted,
                   const Take& take, Buckets& into);

  SQLite::Database db_;
  const NewestValues& newest_;
  SQLite::Statement point_, members_, ordinal_, expired_, losses_, segments_, segment_data_, longest_, chunks_;
};

}  // namespace anlan::collector
