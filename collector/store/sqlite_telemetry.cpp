#include "collector/store/sqlite_telemetry.hpp"

#include "collector/store/telemetry_reader.hpp"
#include "collector/store/telemetry_schema.hpp"
#include "collector/store/telemetry_writer.hpp"

namespace anlan::collector {
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

class SqliteTelemetry final : public TelemetryStore {
 public:
  SqliteTelemetry(SQLite::Database writing, SQLite::Database reading)
      : writer_(std::move(writing), newest_), reader_(std::move(reading), newest_) {}

  Result<void> write(const TelemetryBatch& batch) override {
    auto written = guarded("storing telemetry", [&] { return writer_.write(batch); });
    if (written) writer_.compact_where_due();
    return written;
  }
  Result<std::size_t> replace_raw(const std::vector<DecodedRecord>& decoded) override {
    auto replaced = guarded("decoding raw records", [&] { return writer_.replace_raw(decoded); });
    if (replaced) writer_.compact_where_due();
    return replaced;
  }
  Result<void> compact() override {
    return guarded("compacting telemetry", [&]() -> Result<void> {
      writer_.compact();
      return {};
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
  Result<std::vector<std::optional<NewestValue>>> newest(const std::vector<std::string>& points) override {
    return guarded("reading newest values",
                   [&]() -> Result<std::vector<std::optional<NewestValue>>> { return reader_.newest(points); });
  }
  Result<std::vector<TelemetryAccount>> accounts(const std::string& edge) override {
    return guarded("reading accounts",
                   [&]() -> Result<std::vector<TelemetryAccount>> { return reader_.accounts(edge); });
  }

 private:
  NewestValues newest_;
  TelemetryWriter writer_;
  TelemetryReader reader_;
};

}  // namespace

Result<std::unique_ptr<TelemetryStore>> open_sqlite_telemetry(const std::string& file) {
  auto writing = open_sqlite(file, telemetry_schema());
  if (!writing) return fail(std::move(writing.error()));
  auto reading = open_sqlite_read_only(file);
  if (!reading) return fail(std::move(reading.error()));
  return guarded("opening " + file, [&]() -> Result<std::unique_ptr<TelemetryStore>> {
    return std::make_unique<SqliteTelemetry>(std::move(*writing), std::move(*reading));
  });
}

}  // namespace anlan::collector
