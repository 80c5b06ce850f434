// The writing half of the journal: samples, received ranges, raw records and newest values of one commit in one
// transaction. One connection, one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/store/telemetry_books.hpp"
#include "collector/store/telemetry_raw.hpp"
#include "collector/store/telemetry_store.hpp"
#include "collector/store/victoria/held_sample.hpp"
#include "collector/store/victoria/journal_meter.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector::victoria {

/// Methods throw SQLite::Exception, then nothing has changed; otherwise as in TelemetryStore.
class JournalWriter {
 public:
  /// `most_bytes`: with more waiting or aside, nothing is taken in (storage_full), so that no receipt leaves.
  JournalWriter(SQLite::Database db, JournalMeter& meter, std::uint64_t most_bytes);

  /// `now` is kept with the batch: how far ahead a time may lie is judged by it.
  Result<void> write(const TelemetryBatch& batch, std::int64_t now);
  Result<std::size_t> replace_raw(const std::vector<DecodedRecord>& decoded, std::int64_t now);

  std::optional<StoreRef> identity() { return read_identity(db_); }
  void set_identity(const StoreRef& identity) { save_identity(db_, identity); }
  RangesByPlace load_ranges(const std::string& edge) { return read_ranges(db_, edge); }
  RawRecords& raw() { return raw_; }

 private:
  struct EpochRow {
    std::uint32_t id = 0;
    std::string edge;
    std::uint64_t ordinal = 0;
  };
  struct Newest {
    std::uint32_t epoch = 0;
    std::uint64_t sequence = 0;
    std::uint32_t index = 0;
  };

  template <class Work>
  auto transact(std::int64_t now, Work work) -> decltype(work());
  Result<void> room() const;
  void forget_cached();
  Result<void> add(const DecodedRecord& record);
  void save(const ReceivedRanges& ranges);
  void append_batch(std::int64_t now);
  void save_newest();
  bool takes_over(const Newest& held, const HeldSample& next);
  std::optional<Newest> newest_of(std::int64_t point);
  const EpochRow& epoch_row(const std::string& edge, const Epoch& epoch, std::uint64_t ordinal);
  const EpochRow& epoch_row(std::uint32_t id);
  const std::vector<std::int64_t>& points_of(const DefinitionHash& hash, const Definition& definition);
  std::int64_t point_id(const std::string& path);

  SQLite::Database db_;
  JournalMeter& meter_;
  std::uint64_t most_bytes_;
  std::map<std::uint32_t, EpochRow> epochs_;
  std::unordered_map<DefinitionHash, std::vector<std::int64_t>> definitions_;
  std::unordered_map<std::int64_t, Newest> newest_;
  std::vector<PlacedSample> pending_;  // of the transaction under way
  std::uint64_t pending_bytes_ = 0;

  RawRecords raw_;
  SQLite::Statement find_point_, add_point_, put_epoch_, find_epoch_, count_samples_, put_ranges_, add_batch_,
      find_newest_, put_newest_;
};

}  // namespace anlan::collector::victoria
