#include "collector/store/telemetry_inspection.hpp"

#include <map>
#include <set>
#include <tuple>

#include "collector/store/newest_values.hpp"
#include "collector/store/telemetry_look.hpp"
#include "collector/store/telemetry_raw.hpp"
#include "collector/store/telemetry_reader.hpp"
#include "collector/store/telemetry_rows.hpp"
#include "collector/store/telemetry_schema.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector {
namespace {

constexpr std::size_t kRawPage = 500;

/// What is damaged is left out.
void read_everything(const TelemetryLook& look, const TelemetryLook::Take& take) {
  SQLite::Statement chunks(look.db, "SELECT point_group, data FROM chunk WHERE step_ms = 0");
  while (chunks.executeStep()) (void)look.read_chunk(chunks.getColumn(0).getInt64(), blob_at(chunks, 1), take);
  SQLite::Statement segments(look.db, "SELECT heads, data FROM segment");
  std::uint64_t damaged = 0;
  while (segments.executeStep()) (void)look.read_segment(blob_at(segments, 0), blob_at(segments, 1), take, damaged);
}

}  // namespace

struct TelemetryInspection::Look {
  SQLite::Database db;
  std::string file;

  Look(SQLite::Database opened, std::string name) : db(std::move(opened)), file(std::move(name)) {}

  template <class F>
  auto guarded(std::string_view doing, F f) -> Result<decltype(f())> {
    try {
      return f();
    } catch (const SQLite::Exception& e) {
      return fail(to_error(e, std::string(doing) + " " + file));
    }
  }
};

TelemetryInspection::TelemetryInspection(std::unique_ptr<Look> look) : look_(std::move(look)) {}
TelemetryInspection::~TelemetryInspection() = default;

Result<std::unique_ptr<TelemetryInspection>> TelemetryInspection::open(const std::string& file) {
  auto db = open_sqlite_read_only(file);
  if (!db) return fail(std::move(db.error()));
  auto look = std::make_unique<Look>(std::move(*db), file);
  const auto version = look->guarded("opening", [&] { return look->db.execAndGet("PRAGMA user_version").getInt(); });
  if (!version) return fail(version.error());
  if (static_cast<std::size_t>(*version) != telemetry_schema().size())
    return fail(Errc::unsupported, file + " has schema version " + std::to_string(*version) +
                                       ", this program looks at " + std::to_string(telemetry_schema().size()) +
                                       ": the collector brings an older one up to it when it starts");
  const auto moving = look->guarded("opening", [&] { return look->db.tableExists("old_segment"); });
  if (!moving) return fail(moving.error());
  if (*moving)
    return fail(Errc::unsupported, file + " is being moved to schema version " + std::to_string(*version) +
                                       ": start the collector, it goes on where it was interrupted");
  return std::unique_ptr<TelemetryInspection>(new TelemetryInspection(std::move(look)));
}

Result<std::optional<StoreRef>> TelemetryInspection::identity() {
  return look_->guarded("reading", [&]() -> std::optional<StoreRef> {
    SQLite::Statement rows(look_->db, "SELECT store, generation FROM identity");
    if (!rows.executeStep()) return std::nullopt;
    return StoreRef{id_at<StoreId>(rows, 0), id_at<Generation>(rows, 1)};
  });
}

Result<std::vector<TelemetryAccount>> TelemetryInspection::accounts() {
  auto db = open_sqlite_read_only(look_->file);
  if (!db) return fail(std::move(db.error()));
  return look_->guarded("reading", [&] {
    const NewestValues none;
    return TelemetryReader(std::move(*db), none).accounts("");
  });
}

Result<TelemetryInspection::Looked> TelemetryInspection::verify(StoreFaults& faults, const LookProgress& progress) {
  return look_->guarded("reading", [&] {
    SQLite::Transaction snapshot(look_->db);
    TelemetryLook names(look_->db);
    try {
      names.load_names();
    } catch (const SQLite::Exception& e) {
      faults.add("telemetry.db tables of names", std::string("cannot be read: ") + e.what());
    }
    return verify_telemetry(names, faults, progress);
  });
}

Result<std::vector<TelemetryInspection::Found>> TelemetryInspection::samples(const Wanted& wanted) {
  return look_->guarded("reading", [&] {
    SQLite::Transaction snapshot(look_->db);
    TelemetryLook names(look_->db);
    names.load_names();
    std::set<std::uint32_t> epochs;
    for (const auto& [id, row] : names.epochs)
      if ((wanted.edge.empty() || row.edge == wanted.edge) && (!wanted.epoch || row.epoch == wanted.epoch))
        epochs.insert(id);
    // Those with the least keys so far: the file is by point, the answer by record.
    using Key = std::tuple<std::string, std::uint32_t, std::uint64_t, std::int64_t, std::int64_t, std::uint32_t>;
    std::map<Key, std::pair<std::int64_t, StoredSample>> least;
    const auto take = [&](std::int64_t point, const std::vector<StoredSample>& block) {
      for (const StoredSample& sample : block) {
        if (!epochs.contains(sample.epoch) || !wanted.sequences.contains(sample.sequence)) continue;
        const Key key{
            names.epochs.at(sample.epoch).edge, sample.epoch, sample.sequence, point, sample.time, sample.index};
        if (least.size() >= wanted.most && !(key < std::prev(least.end())->first)) continue;
        least.emplace(key, std::pair(point, sample));
        if (least.size() > wanted.most) least.erase(std::prev(least.end()));
      }
    };
    if (wanted.most > 0) read_everything(names, take);
    std::vector<Found> found;
    for (const auto& [key, value] : least) {
      const TelemetryLook::EpochRow& epoch = names.epochs.at(value.second.epoch);
      found.push_back({epoch.edge, names.points[value.first], epoch.epoch.value_or(Epoch{}), value.second});
    }
    return found;
  });
}

Result<std::vector<RawRecord>> TelemetryInspection::raw(const Wanted& wanted) {
  return look_->guarded("reading", [&] {
    SQLite::Transaction snapshot(look_->db);
    RawRecords records(look_->db);
    TelemetryLook names(look_->db);
    names.load_names();
    std::set<std::string> edges;
    for (const auto& [id, row] : names.epochs)
      if (wanted.edge.empty() || row.edge == wanted.edge) edges.insert(row.edge);
    std::vector<RawRecord> found;
    for (const std::string& edge : edges) {
      std::optional<RecordId> after;
      while (found.size() < wanted.most) {
        const auto page = records.list(edge, std::nullopt, after, kRawPage);
        if (page.empty()) break;
        after = page.back().record.id;
        for (const RawRecord& raw : page)
          if ((!wanted.epoch || raw.record.id.place.epoch == *wanted.epoch) &&
              wanted.sequences.contains(raw.record.id.sequence) && found.size() < wanted.most)
            found.push_back(raw);
      }
    }
    return found;
  });
}

}  // namespace anlan::collector
