// The interface behind which telemetry is kept: every sample as it came, the newest value of each point, the records
// that cannot be decoded yet, and which telemetry records have been received. Data and received ranges are one commit
// (PROTOCOL.md rule 7). Implementations pass tests/contract/telemetry.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/model/definition.hpp"
#include "common/model/protocol.hpp"
#include "common/model/range_set.hpp"
#include "common/model/record.hpp"
#include "common/model/sample.hpp"

namespace anlan::collector {

/// A samples record whose definition is known. Times and values are kept as they are: the same time twice, times out of
/// order and far in the future are all legal.
struct DecodedRecord {
  std::string edge;
  RecordId id;
  std::uint64_t ordinal = 0;  // of the epoch (rule 13); 0 where not known yet: the highest ever given for it counts
  DefinitionHash hash;        // of `definition`
  std::shared_ptr<const Definition> definition;
  std::vector<Sample> samples;  // `point` is an index into the definition's points
  std::string columns = {};     // `samples` as the edge sent them (common/wire/columns.hpp); empty: to be made of them
};

/// A record as it came: its definition is not known yet, or this program cannot decode it (rule 3).
struct RawRecord {
  std::string edge;
  Record record;
  std::optional<DefinitionHash> wanted;  // what is lacking; nullopt: quarantined until after an upgrade
  bool operator==(const RawRecord&) const = default;
};

/// The new value of one place's received ranges.
struct ReceivedRanges {
  std::string edge;
  Place place;
  RangeSet data;
};

/// What one commit holds. The caller has sorted out duplicates: a record is given once.
struct TelemetryBatch {
  std::vector<DecodedRecord> decoded;
  std::vector<RawRecord> raw;
  std::vector<ReceivedRanges> ranges;
};

struct TelemetryQuery {
  std::string point;         // site/device/point
  WallTime from{}, to{};     // [from, to)
  std::size_t limit = 1000;  // samples in a page, 1 to kMaxTelemetryPage
  std::string cursor;        // TelemetryPage::next of the page before; empty: from the start
};

inline constexpr std::size_t kMaxTelemetryPage = 100'000;

struct TelemetrySample {
  WallTime time{};
  double value = kNoValue;
  Quality quality = Quality::good;
  std::uint64_t ordinal = 0, sequence = 0;  // of the epoch, of the record in it
};

/// Samples that were stored and are damaged now.
struct TelemetryLoss {
  WallTime from{}, to{};               // their times lie in [from, to]
  std::optional<std::uint64_t> count;  // nullopt: not known how many, perhaps none of this point
  bool operator==(const TelemetryLoss&) const = default;
};

struct TelemetryPage {
  std::vector<TelemetrySample> samples;  // by (time, ordinal, sequence, place in the record)
  std::vector<TelemetryLoss> losses;     // each named once in all the pages of a query, on the page where it begins
  std::string next;                      // cursor; empty: this was the last page
};

/// What a chart of a certain width shows.
struct TrendQuery {
  std::string point;        // site/device/point
  WallTime from{}, to{};    // [from, to); stretches that overlap it are whole
  std::size_t width = 500;  // at most so many stretches (one more where `from` cuts one), 1 to kMostTrendWidth
};

inline constexpr std::size_t kMostTrendWidth = 10'000;

/// One stretch of time in which there are samples.
struct TrendPoint {
  WallTime from{};
  std::uint64_t count = 0;                // samples in the mean
  double min = kNoValue, max = kNoValue;  // kNoValue: none of them has a value
  double mean = kNoValue;                 // unweighted; kNoValue: as above, or only extremes are left (rule 9)
  Quality worst = Quality::good;          // of them all: what may be trusted least
};

struct Trend {
  Millis step{};                      // how long each stretch is; they begin at whole multiples since 1970 (UTC)
  std::vector<TrendPoint> points;     // by time; a stretch without samples is a gap and is not there
  std::vector<TelemetryLoss> losses;  // by time: samples that are damaged, and so are not in it
};

/// How long single samples and their rollups are kept; nullopt: for ever.
struct TelemetryRetention {
  std::optional<Millis> samples, minutes, hours, days;
};

/// By (epoch ordinal, sequence, place in the record) within one edge, never by wall time (rule 13). A point that moved
/// to another edge has the value that arrived last.
struct NewestValue {
  std::string edge;
  TelemetrySample sample;
};

/// How much of one epoch is stored, for the accounts.
struct TelemetryAccount {
  std::string edge;
  Epoch epoch;
  std::uint64_t ordinal = 0;
  std::uint64_t samples = 0;      // decoded and stored, damaged and expired ones included
  std::uint64_t raw_records = 0;  // waiting
  std::uint64_t raw_samples = 0;  // that these say they hold
  RangeSet received = {};         // telemetry records
  bool operator==(const TelemetryAccount&) const = default;
};

/// Blocking. Three groups of methods: those of each on one thread at a time; the threads may be different and work at
/// once. A reading method sees whole writes, and all that had returned when it began. Errors of all: storage_failed,
/// storage_corrupt, storage_full.
class TelemetryStore {
 public:
  virtual ~TelemetryStore() = default;

  // ---- writing --------------------------------------------------------------------------------------------------

  /// The store and generation that these ranges were received under; nullopt in a store that was never told. Where the
  /// collector's records say otherwise, this store was lost or restored alone: that begins a new generation (rule 7).
  virtual Result<std::optional<StoreRef>> identity() = 0;
  virtual Result<void> set_identity(const StoreRef& identity) = 0;

  /// One transaction, durable when it returns; on an error nothing has changed. Errors: invalid_argument (a sample
  /// names a point that its definition has not).
  virtual Result<void> write(const TelemetryBatch& batch) = 0;

  /// Puts decoded records in the place of the raw ones of the same identity, in one transaction. One that is not (or no
  /// longer) held raw is left out. Returns how many were replaced. Received ranges stay as they are.
  virtual Result<std::size_t> replace_raw(const std::vector<DecodedRecord>& decoded) = 0;

  /// Received telemetry ranges of one edge.
  virtual Result<RangesByPlace> load_ranges(const std::string& edge) = 0;

  /// Raw records of an edge after `after` (nullopt: from the start), by identity, at most `limit`; only those that lack
  /// `wanted` where it is given.
  virtual Result<std::vector<RawRecord>> raw(const std::string& edge, const std::optional<DefinitionHash>& wanted,
                                             const std::optional<RecordId>& after, std::size_t limit) = 0;

  /// The definitions that raw records of an edge lack.
  virtual Result<std::vector<DefinitionHash>> wanted(const std::string& edge) = 0;

  // ---- tidying --------------------------------------------------------------------------------------------------

  /// True where compact() is worth its while soon. Any thread.
  virtual bool untidy() const = 0;

  /// Files are smaller and quicker to read afterwards. May take a second. Nothing depends on it: where it is not called
  /// in time, a write does it.
  virtual Result<void> compact() = 0;

  /// Forgets what is older than `retention` at `now`, as far as it stands together: a piece of bounded size in one
  /// transaction. True: there is more.
  virtual Result<bool> expire(const TelemetryRetention& retention, WallTime now) = 0;

  // ---- reading --------------------------------------------------------------------------------------------------

  /// Memory is bounded by `limit`. Errors: not_found (no decoded record ever named this point), invalid_argument
  /// (limit, cursor).
  virtual Result<TelemetryPage> query(const TelemetryQuery& query) = 0;

  /// As finely as its width allows, as far back as what is so fine is kept. Errors: not_found (as above),
  /// invalid_argument (width).
  virtual Result<Trend> trend(const TrendQuery& query) = 0;

  /// In the order of `points`; nullopt where there is none.
  virtual Result<std::vector<std::optional<NewestValue>>> newest(const std::vector<std::string>& points) = 0;

  /// By edge, ordinal and epoch; of one edge where `edge` is not empty.
  virtual Result<std::vector<TelemetryAccount>> accounts(const std::string& edge) = 0;
};

}  // namespace anlan::collector
