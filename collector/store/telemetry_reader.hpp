// The reading half of the SQLite telemetry store: its own connection, one snapshot per call.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "collector/store/newest_values.hpp"
#include "collector/store/page_selection.hpp"
#include "collector/store/telemetry_store.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// Methods throw SQLite::Exception; otherwise as in TelemetryStore.
class TelemetryReader {
 public:
  TelemetryReader(SQLite::Database db, const NewestValues& newest);

  Result<TelemetryPage> query(const TelemetryQuery& query);
  std::vector<std::optional<NewestValue>> newest(const std::vector<std::string>& points);
  std::vector<TelemetryAccount> accounts(const std::string& edge);

 private:
  struct Point {
    std::int64_t id = 0, longest_ms = 0;
  };
  std::optional<Point> find_point(const std::string& path);
  std::uint64_t ordinal_of(std::uint32_t epoch, std::unordered_map<std::uint32_t, std::uint64_t>& known);
  void add_losses(PageSelection& page, std::int64_t point);
  void add_segments(PageSelection& page, std::int64_t point);
  void add_open_chunks(PageSelection& page, std::int64_t point);
  void add_chunks(PageSelection& page, const Point& point);
  static void add_chunk(PageSelection& page, std::int64_t point, SQLite::Statement& row);

  SQLite::Database db_;
  const NewestValues& newest_;
  SQLite::Statement point_, ordinal_, losses_, segments_, open_chunks_, chunks_;
};

}  // namespace anlan::collector
