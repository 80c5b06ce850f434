// The writing half of the SQLite telemetry store: one connection, one transaction per call.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/store/newest_values.hpp"
#include "collector/store/segment.hpp"
#include "collector/store/telemetry_raw.hpp"
#include "collector/store/telemetry_store.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// Methods throw SQLite::Exception, then nothing has changed; otherwise as in TelemetryStore.
class TelemetryWriter {
 public:
  /// Reads epochs and newest values into `newest`.
  TelemetryWriter(SQLite::Database db, NewestValues& newest);

  Result<void> write(const TelemetryBatch& batch);
  Result<std::size_t> replace_raw(const std::vector<DecodedRecord>& decoded);
  void compact();
  /// Where segments have become many or large; its failure is logged and tried again after as much has come again.
  void compact_where_due();

  std::optional<StoreRef> identity();
  void set_identity(const StoreRef& identity);
  RangesByPlace load_ranges(const std::string& edge);
  RawRecords& raw() { return raw_; }

 private:
  struct EpochRow {
    std::uint32_t id = 0;
    std::uint64_t ordinal = 0;
  };
  using PointIds = std::vector<std::int64_t>;

  template <class Work>
  auto transact(Work work) -> decltype(work());
  void load_epochs();
  void load_newest();
  void forget_cached();

  Result<void> add(const DecodedRecord& record);
  void save(const ReceivedRanges& ranges);
  void append_segment();
  void take_in_newest();
  EpochRow& epoch_row(const std::string& edge, const Epoch& epoch, std::uint64_t ordinal);
  const PointIds& points_of(const DefinitionHash& hash, const Definition& definition);
  std::int64_t point_id(const std::string& path);

  SQLite::Database db_;
  NewestValues& newest_;
  std::map<std::pair<std::string, Epoch>, EpochRow> epochs_;
  std::unordered_map<DefinitionHash, PointIds> definitions_;  // of definitions used since the start
  std::vector<PointSample> pending_;                          // of the transaction under way
  std::map<std::uint32_t, EpochInfo> pending_epochs_;         // known to `newest_` once it is durable
  std::uint64_t segments_ = 0, segment_samples_ = 0;          // since the last attempt to compact

  RawRecords raw_;
  SQLite::Statement find_point_, add_point_, put_epoch_, count_samples_, put_ranges_, add_segment_;
};

}  // namespace anlan::collector
