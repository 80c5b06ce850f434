#include "collector/store/sqlite_telemetry.hpp"

#include <atomic>
#include <chrono>

#include "collector/store/compaction.hpp"
#include "collector/store/expiry.hpp"
#include "collector/store/old_blocks.hpp"
#include "collector/store/telemetry_reader.hpp"
#include "collector/store/telemetry_schema.hpp"
#include "collector/store/telemetry_writer.hpp"
#include "common/base/log.hpp"

namespace anlan::collector {
namespace {

// A query looks into the heads of every segment, and decodes what is there of its point's group; filing costs by group
// and point, so where there are many it waits for more.
constexpr std::uint64_t kManySegments = 512, kManySamples = 4'000'000, kManyOfOneGroup = 250'000;
constexpr std::int64_t kRest = 30;        // seconds
constexpr std::uint64_t kFarTooMany = 4;  // times that: then who writes waits

/// Exceptions of the library end here.
template <class F>
auto guarded(std::string_view doing, F call) -> decltype(call()) {
  try {
    return call();
  } catch (const SQLite::Exception& e) {
    return fail(to_error(e, doing));
  }
}

class SqliteTelemetry final : public TelemetryStore {
 public:
  SqliteTelemetry(SQLite::Database writing, SQLite::Database tidying, SQLite::Database reading)
      : writer_(std::move(writing), newest_, backlog_, file_),
        tidy_db_(std::move(tidying)),
        compaction_(tidy_db_, newest_, backlog_, file_),
        reader_(std::move(reading), newest_) {}

  Result<void> write(const TelemetryBatch& batch) override {
    auto written = guarded("storing telemetry", [&] { return writer_.write(batch); });
    if (written) keep_up();
    return written;
  }
  Result<std::size_t> replace_raw(const std::vector<DecodedRecord>& decoded) override {
    auto replaced = guarded("decoding raw records", [&] { return writer_.replace_raw(decoded); });
    if (replaced) keep_up();
    return replaced;
  }
  bool untidy() const override { return waits(1) && !rests(); }
  Result<void> compact() override {
    return guarded("compacting telemetry", [&]() -> Result<void> {
      const std::scoped_lock lock(tidying_);
      run_compaction();
      return {};
    });
  }
  Result<bool> expire(const TelemetryRetention& retention, WallTime now) override {
    return guarded("forgetting old telemetry", [&]() -> Result<bool> {
      const std::scoped_lock lock(tidying_);
      return collector::expire(tidy_db_, file_, retention, now);
    });
  }
  Result<std::optional<StoreRef>> identity() override {
    return guarded("reading the telemetry store's identity",
                   [&]() -> Result<std::optional<StoreRef>> { return writer_.identity(); });
  }
  Result<void> set_identity(const StoreRef& identity) override {
    return guarded("writing the telemetry store's identity", [&]() -> Result<void> {
      writer_.set_identity(identity);
      return {};
    });
  }
  Result<RangesByPlace> load_ranges(const std::string& edge) override {
    return guarded("loading received ranges", [&]() -> Result<RangesByPlace> { return writer_.load_ranges(edge); });
  }
  Result<std::vector<RawRecord>> raw(const std::string& edge, const std::optional<DefinitionHash>& wanted,
                                     const std::optional<RecordId>& after, std::size_t limit) override {
    return guarded("reading raw records",
                   [&]() -> Result<std::vector<RawRecord>> { return writer_.raw().list(edge, wanted, after, limit); });
  }
  Result<std::vector<DefinitionHash>> wanted(const std::string& edge) override {
    return guarded("reading raw records",
                   [&]() -> Result<std::vector<DefinitionHash>> { return writer_.raw().wanted(edge); });
  }
  Result<TelemetryPage> query(const TelemetryQuery& query) override {
    return guarded("reading telemetry of " + query.point, [&] { return reader_.query(query); });
  }
  Result<Trend> trend(const TrendQuery& query) override {
    return guarded("reading telemetry of " + query.point, [&] { return reader_.trend(query); });
  }
  Result<std::vector<std::optional<NewestValue>>> newest(const std::vector<std::string>& points) override {
    return guarded("reading newest values",
                   [&]() -> Result<std::vector<std::optional<NewestValue>>> { return reader_.newest(points); });
  }
  Result<std::vector<TelemetryAccount>> accounts(const std::string& edge) override {
    return guarded("reading accounts",
                   [&]() -> Result<std::vector<TelemetryAccount>> { return reader_.accounts(edge); });
  }

 private:
  bool waits(std::uint64_t times) const {
    return backlog_.segments >= times * kManySegments || backlog_.samples >= times * kManySamples ||
           backlog_.busiest >= times * kManyOfOneGroup;
  }

  /// Back-pressure: what nobody tidied stays bounded. Nothing is lost where it fails; it is tried after the next write.
  void keep_up() {
    if (!waits(kFarTooMany) || rests()) return;
    const std::scoped_lock lock(tidying_);
    if (!waits(kFarTooMany) || rests()) return;  // somebody did meanwhile
    try {
      run_compaction();
    } catch (const SQLite::Exception& e) {
      log::error("store", "compaction of telemetry failed; nothing is lost, it is tried again", {{"reason", e.what()}});
    }
  }

  /// With `tidying_`. After a failure nobody tries for a while, or every write would pay for it.
  void run_compaction() {
    try {
      compaction_.run();
    } catch (...) {
      rests_until_ = now() + kRest;
      throw;
    }
  }
  static std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  bool rests() const { return now() < rests_until_; }

  NewestValues newest_;
  SegmentBacklog backlog_;
  std::atomic<std::int64_t> rests_until_ = 0;  // steady clock, seconds
  std::mutex file_;                            // held by who writes
  std::mutex tidying_;                         // taken before file_
  TelemetryWriter writer_;
  SQLite::Database tidy_db_;
  Compaction compaction_;
  TelemetryReader reader_;
};

}  // namespace

Result<std::unique_ptr<TelemetryStore>> open_sqlite_telemetry(const std::string& file) {
  auto writing = open_sqlite(file, telemetry_schema());
  if (!writing) return fail(std::move(writing.error()));
  auto moved = guarded("moving old telemetry in " + file, [&]() -> Result<void> {
    move_old_blocks(*writing);
    return {};
  });
  if (!moved) return fail(std::move(moved.error()));
  auto tidying = open_sqlite(file, telemetry_schema());
  if (!tidying) return fail(std::move(tidying.error()));
  auto reading = open_sqlite_read_only(file);
  if (!reading) return fail(std::move(reading.error()));
  return guarded("opening " + file, [&]() -> Result<std::unique_ptr<TelemetryStore>> {
    return std::make_unique<SqliteTelemetry>(std::move(*writing), std::move(*tidying), std::move(*reading));
  });
}

}  // namespace anlan::collector
