// The writing half of the SQLite telemetry store: one connection, one transaction per call.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/store/compaction.hpp"
#include "collector/store/newest_values.hpp"
#include "collector/store/segment.hpp"
#include "collector/store/telemetry_books.hpp"
#include "collector/store/telemetry_raw.hpp"
#include "collector/store/telemetry_store.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {

/// Methods throw SQLite::Exception, then nothing has changed; otherwise as in TelemetryStore.
class TelemetryWriter {
 public:
  /// Reads epochs and newest values into `newest`, what waits in segments into `backlog`. Holds `writing` while it
  /// writes. All must outlive it.
  TelemetryWriter(SQLite::Database db, NewestValues& newest, SegmentBacklog& backlog, std::mutex& writing);

  Result<void> write(const TelemetryBatch& batch);
  Result<std::size_t> replace_raw(const std::vector<DecodedRecord>& decoded);

  std::optional<StoreRef> identity() { return read_identity(db_); }
  void set_identity(const StoreRef& identity);
  RangesByPlace load_ranges(const std::string& edge) { return read_ranges(db_, edge); }
  RawRecords& raw() { return raw_; }

 private:
  struct EpochRow {
    std::uint32_t id = 0;
    std::uint64_t ordinal = 0;
  };
  struct Group {
    std::int64_t id = 0;
    std::vector<std::int64_t> points;  // rows of the table point, in the order of the definition
  };
  struct Added {
    const Group* group = nullptr;
    RecordHead head;
    const std::vector<Sample>* samples = nullptr;  // of who called
  };
  /// Of the transaction under way.
  struct Pending {
    SegmentWriter segment;
    TimeRange range;
    std::uint64_t samples = 0;
    std::map<std::uint32_t, std::uint64_t> counts;           // samples by epoch
    std::unordered_map<std::int64_t, std::uint64_t> groups;  // samples by group
    std::vector<Added> added;
    std::map<std::uint32_t, EpochInfo> epochs;  // known to `newest_` once it is durable
  };

  template <class Work>
  auto transact(Work work) -> decltype(work());
  void load_epochs();
  void load_newest();
  void load_newest_of_segments(std::unordered_map<std::int64_t, Group>& groups);
  std::unordered_map<std::int64_t, Group> load_groups();
  void forget_cached();

  Result<void> add(const DecodedRecord& record);
  void offer_newest(const Group& group, const RecordHead& head, const std::vector<Sample>& samples);
  void save(const ReceivedRanges& ranges);
  void append_segment();
  void save_counts();
  void finish();
  void count_groups();
  EpochRow& epoch_row(const std::string& edge, const Epoch& epoch, std::uint64_t ordinal);
  const Group& group_of(const DefinitionHash& hash, const Definition& definition);
  std::int64_t point_id(const std::string& path);

  SQLite::Database db_;
  NewestValues& newest_;
  SegmentBacklog& backlog_;
  std::mutex& writing_;
  std::map<std::pair<std::string, Epoch>, EpochRow> epochs_;
  std::unordered_map<DefinitionHash, Group> groups_;  // of definitions used since the start
  Pending pending_;
  std::unordered_map<std::int64_t, std::uint64_t> waiting_;  // samples by group, since something was filed

  RawRecords raw_;
  SQLite::Statement find_group_, add_group_, add_member_, find_point_, add_point_, put_epoch_, count_samples_,
      put_ranges_, add_segment_;
};

}  // namespace anlan::collector
