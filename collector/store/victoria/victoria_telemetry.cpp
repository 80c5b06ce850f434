#include "collector/store/victoria/victoria_telemetry.hpp"

#include <algorithm>
#include <map>

#include "collector/store/victoria/engine_samples.hpp"
#include "collector/store/victoria/journal_reader.hpp"
#include "collector/store/victoria/journal_schema.hpp"
#include "collector/store/victoria/journal_writer.hpp"
#include "collector/store/victoria/mover.hpp"
#include "collector/store/victoria/page.hpp"
#include "collector/store/victoria/trend.hpp"

namespace anlan::collector {

using namespace victoria;

namespace {

/// Exceptions of the library end here.
template <class F>
auto guarded(std::string_view doing, F call) -> decltype(call()) {
  try {
    return call();
  } catch (const SQLite::Exception& e) {
    return fail(to_error(e, doing));
  }
}

class Store final : public VictoriaTelemetry {
 public:
  Store(VictoriaOptions options, SQLite::Database writing, SQLite::Database reading, SQLite::Database moving)
      : engine_(options.engine),
        read_engine_(impatient(std::move(options.engine))),
        writer_(std::move(writing), meter_, options.journal_bytes),
        reader_(std::move(reading)),
        mover_(std::move(moving), engine_, meter_, options.every) {}

  Result<void> write(const TelemetryBatch& batch) override {
    auto written = guarded("storing telemetry", [&] { return writer_.write(batch, to_ms(clock_.wall())); });
    mover_.wake();
    return written;
  }
  Result<std::size_t> replace_raw(const std::vector<DecodedRecord>& decoded) override {
    auto replaced = guarded("decoding raw records", [&] { return writer_.replace_raw(decoded, to_ms(clock_.wall())); });
    mover_.wake();
    return replaced;
  }
  bool untidy() const override { return false; }  // the mover wakes by itself
  Result<void> compact() override { return {}; }
  Result<void> move_all() override { return mover_.move_all(); }
  /// The engine forgets by its own -retentionPeriod.
  Result<bool> expire(const TelemetryRetention&, WallTime) override { return false; }
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
    return guarded("reading telemetry of " + query.point, [&] { return read(query); });
  }
  Result<Trend> trend(const TrendQuery& query) override { return trend_of_samples(*this, query); }
  Result<std::vector<std::optional<NewestValue>>> newest(const std::vector<std::string>& points) override {
    return guarded("reading newest values",
                   [&]() -> Result<std::vector<std::optional<NewestValue>>> { return reader_.newest(points); });
  }
  Result<std::vector<TelemetryAccount>> accounts(const std::string& edge) override {
    return guarded("reading accounts",
                   [&]() -> Result<std::vector<TelemetryAccount>> { return reader_.accounts(edge); });
  }
  VictoriaStatus status() const override {
    return {meter_.waiting_samples, meter_.waiting_bytes, meter_.aside_samples, meter_.aside_bytes, mover_.trouble()};
  }

 private:
  /// The engine first: what it has of a batch that is being moved, the journal has whole, for nothing leaves the
  /// journal meanwhile.
  Result<TelemetryPage> read(const TelemetryQuery& query) {
    std::map<std::uint32_t, std::uint64_t> ordinals;
    auto page = Page::start(query, [&](std::uint32_t epoch) {
      const auto [at, first] = ordinals.try_emplace(epoch, 0);
      if (first) at->second = reader_.ordinal_of(epoch);
      return at->second;
    });
    if (!page) return fail(std::move(page.error()));
    const auto held = mover_.hold();
    const auto point = reader_.find_point(query.point);
    if (!point) return fail(Errc::not_found, "point " + query.point + ": no telemetry of it was ever stored");
    if (query.from >= query.to) return std::move(*page).finish();
    if (point->moved) {
      const auto path = PointPath::parse(query.point);
      if (!path) return fail(path.error());
      if (auto added = add_moved(*path, *point->moved, query.limit, *page); !added)
        return fail(std::move(added.error()));
    }
    auto added = reader_.samples(point->id, page->earliest(), page->end(),
                                 [&](const HeldSample& sample) { page->add(sample, Page::Source::journal); });
    if (!added) return fail(std::move(added.error()));
    return std::move(*page).finish();
  }

  /// Who asks for the newest values waits behind this: an engine that hangs is not asked again and again.
  Result<void> add_moved(const PointPath& point, const JournalReader::Point::Held& held, std::size_t limit,
                         Page& page) {
    if (clock_.mono() < dead_until_)
      return fail(Errc::unavailable, "the telemetry engine did not answer just now; history has to wait for it");
    if (auto known = mover_.check_engine(read_engine_); !known) return rested(std::move(known.error()));
    const auto epoch_row = [this](const std::string& edge, const Epoch& epoch) { return reader_.epoch(edge, epoch); };
    auto added = add_from_engine(read_engine_, mover_.label(), point, held, epoch_row, limit, page);
    if (!added) return rested(std::move(added.error()));
    return {};
  }

  std::unexpected<Error> rested(Error error) {
    if (error.code == Errc::timeout) dead_until_ = clock_.mono() + kRest;
    return fail(std::move(error));
  }

  static EngineOptions impatient(EngineOptions options) {
    options.timeout = std::min(options.timeout, kPatience);
    return options;
  }

  static constexpr Millis kPatience{5'000}, kRest{15'000};

  SystemClock clock_;
  Engine engine_, read_engine_;
  MonoTime dead_until_{};  // of the reading thread
  JournalMeter meter_;
  JournalWriter writer_;
  JournalReader reader_;
  Mover mover_;
};

}  // namespace

Result<std::unique_ptr<VictoriaTelemetry>> open_victoria_telemetry(VictoriaOptions options) {
  auto writing = open_sqlite(options.file, journal_schema());
  if (!writing) return fail(std::move(writing.error()));
  auto moving = open_sqlite(options.file, journal_schema());
  if (!moving) return fail(std::move(moving.error()));
  auto reading = open_sqlite_read_only(options.file);
  if (!reading) return fail(std::move(reading.error()));
  return guarded("opening " + options.file, [&]() -> Result<std::unique_ptr<VictoriaTelemetry>> {
    return std::make_unique<Store>(std::move(options), std::move(*writing), std::move(*reading), std::move(*moving));
  });
}

Result<void> forget_victoria_engine(const std::string& file) {
  auto db = open_sqlite(file, journal_schema());
  if (!db) return fail(std::move(db.error()));
  return guarded("giving up the telemetry engine of " + file, [&]() -> Result<void> {
    JournalMeter meter;
    Departures(std::move(*db), meter).forget_engine();
    return {};
  });
}

}  // namespace anlan::collector
