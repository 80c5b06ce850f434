// telemetry.db read as a whole, row by row: the names in it, and the samples of each row.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "collector/store/stored_sample.hpp"
#include "common/base/result.hpp"
#include "common/io/sqlite.hpp"
#include "common/model/protocol.hpp"
#include "common/model/range_set.hpp"

namespace anlan::collector {

/// Throws SQLite::Exception.
struct TelemetryLook {
  struct EpochRow {
    std::string edge;
    std::optional<Epoch> epoch;
    std::uint64_t said = 0, found = 0;  // samples, without those that have expired
    RangeSet received;
  };

  explicit TelemetryLook(SQLite::Database& opened) : db(opened) {}

  void load_names();

  /// Samples of a point; 0: of none that is known.
  using Take = std::function<void(std::int64_t point, const std::vector<StoredSample>& samples)>;
  /// A row of the table chunk of step 0: (point_group, data). Errors: storage_corrupt, unsupported; then nothing was
  /// taken.
  Result<void> read_chunk(std::int64_t group, std::string_view data, const Take& take) const;
  /// A row of the table segment. Errors: as above, of the first that does not read; the rest is taken. `damaged` grows
  /// by the samples that are not.
  Result<void> read_segment(std::string_view heads, std::string_view data, const Take& take,
                            std::uint64_t& damaged) const;

  std::int64_t point_at(std::int64_t group, std::uint32_t place) const;

  SQLite::Database& db;
  std::map<std::uint32_t, EpochRow> epochs;
  std::map<std::int64_t, std::string> points;                            // paths
  std::map<std::int64_t, std::map<std::uint32_t, std::int64_t>> groups;  // their points, by place
};

}  // namespace anlan::collector
