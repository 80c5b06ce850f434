// telemetry.db as a whole, looked at beside a collector that goes on: accounts, every row held against what it
// promises, the samples of some records. Each function sees one snapshot; meanwhile the write-ahead log grows.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/store/store_faults.hpp"
#include "collector/store/stored_sample.hpp"
#include "collector/store/telemetry_store.hpp"

namespace anlan::collector {

class TelemetryInspection {
 public:
  /// Errors: those of open_sqlite_read_only, unsupported (of another version: the collector migrates at its start).
  static Result<std::unique_ptr<TelemetryInspection>> open(const std::string& file);
  ~TelemetryInspection();

  Result<std::optional<StoreRef>> identity();
  Result<std::vector<TelemetryAccount>> accounts();

  struct Looked {
    std::uint64_t rows = 0, samples = 0;
    std::uint64_t known_losses = 0;  // stretches found damaged before, told by every query since: no faults
  };
  /// Reads every row: checksums, blocks, counts, times, the names they use, raw records, ranges; that what was counted
  /// when it was stored is there; that no sample is of a record that was not received. Pages that SQLite cannot read
  /// are faults. Errors: storage_failed.
  Result<Looked> verify(StoreFaults& faults, const LookProgress& progress);

  struct Wanted {
    std::string edge;            // empty: every one
    std::optional<Epoch> epoch;  // nullopt: every one
    RangeSet sequences{0, RangeSet::kEnd};
    std::size_t most = 100;
  };
  struct Found {
    std::string edge, point;
    Epoch epoch;
    StoredSample sample;  // `epoch` in it is meaningless here
  };
  /// By (edge, epoch's row, sequence, point, time), at most `most`. Looks through the whole file; what is
  /// damaged is left out.
  Result<std::vector<Found>> samples(const Wanted& wanted);
  /// Records that are kept raw, by identity.
  Result<std::vector<RawRecord>> raw(const Wanted& wanted);

 private:
  struct Look;
  explicit TelemetryInspection(std::unique_ptr<Look> look);
  std::unique_ptr<Look> look_;
};

struct TelemetryLook;
/// What verify() does on a snapshot. Throws SQLite::Exception where not even that can be begun.
TelemetryInspection::Looked verify_telemetry(TelemetryLook& look, StoreFaults& faults, const LookProgress& progress);

}  // namespace anlan::collector
