#include "collector/store/telemetry_inspection.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "collector/store/newest_values.hpp"
#include "collector/store/segment.hpp"
#include "collector/store/telemetry_raw.hpp"
#include "collector/store/telemetry_reader.hpp"
#include "collector/store/telemetry_rows.hpp"
#include "collector/store/telemetry_schema.hpp"
#include "common/io/sqlite.hpp"
#include "common/wire/checksum.hpp"

namespace anlan::collector {
namespace {

constexpr std::size_t kRawPage = 500;

struct EpochRow {
  std::string edge;
  std::optional<Epoch> epoch;
  std::uint64_t said = 0, found = 0;  // samples
  RangeSet received;
};

struct PointRow {
  std::string path;
  std::int64_t longest_ms = 0;
};

std::string span(std::int64_t from, std::int64_t to) {
  return to_rfc3339(wall_from_ms(from)) + " to " + to_rfc3339(wall_from_ms(to));
}

}  // namespace

struct TelemetryInspection::Look {
  SQLite::Database db;
  std::string file;
  std::map<std::uint32_t, EpochRow> epochs;
  std::map<std::int64_t, PointRow> points;

  Look(SQLite::Database opened, std::string name) : db(std::move(opened)), file(std::move(name)) {}

  template <class F>
  auto guarded(std::string_view doing, F f) -> Result<decltype(f())> {
    try {
      return f();
    } catch (const SQLite::Exception& e) {
      return fail(to_error(e, std::string(doing) + " " + file));
    }
  }

  void load_names() {
    epochs.clear();
    points.clear();
    SQLite::Statement rows(db, "SELECT id, edge, epoch, samples FROM epoch");
    while (rows.executeStep())
      epochs[static_cast<std::uint32_t>(unsigned_at(rows, 0))] = {
          rows.getColumn(1).getString(), Epoch::from_hex(rows.getColumn(2).getString()), unsigned_at(rows, 3), 0, {}};
    SQLite::Statement named(db, "SELECT id, path, longest_ms FROM point");
    while (named.executeStep())
      points[named.getColumn(0).getInt64()] = {named.getColumn(1).getString(), named.getColumn(2).getInt64()};
  }

  /// Every block of samples with its point; `bad` hears of a row that does not read.
  using TakeBlock = std::function<void(std::int64_t point, const std::vector<StoredSample>& samples)>;
  Result<void> read_row(bool is_segment, SQLite::Statement& row, const TakeBlock& take) const;
};

/// id, point (segments: NULL), start_ms, end_ms, samples, data. Nothing is taken of a row that does not read as a
/// whole.
Result<void> TelemetryInspection::Look::read_row(bool is_segment, SQLite::Statement& row, const TakeBlock& take) const {
  std::vector<std::pair<std::int64_t, std::vector<StoredSample>>> blocks;
  std::optional<Error> bad;
  const auto add = [&](std::int64_t point, std::string_view block) {
    auto samples = decode_block(block);
    if (samples)
      blocks.emplace_back(point, std::move(*samples));
    else
      bad = samples.error();
  };
  if (is_segment) {
    if (const auto read = read_segment(blob_at(row, 5), add); !read) return read;
  } else {
    const std::int64_t point = row.getColumn(1).getInt64();
    const auto block = open_block(blob_at(row, 5), point);
    if (!block) return fail(block.error());
    add(point, *block);
  }
  if (bad) return fail(std::move(*bad));
  for (const auto& [point, samples] : blocks) take(point, samples);
  return {};
}

namespace {

/// One look at everything. Its parts go on after one that SQLite cannot read.
class Verification {
 public:
  Verification(SQLite::Database& db, std::map<std::uint32_t, EpochRow>& epochs,
               std::map<std::int64_t, PointRow>& points, StoreFaults& faults, const LookProgress& progress)
      : db_(db), epochs_(epochs), points_(points), faults_(faults), progress_(progress) {}

  template <class ReadRow>
  TelemetryInspection::Looked run(ReadRow read_row) {
    part("pages", [&] { pages(); });
    part("counting rows", [&] {
      for (const char* table : kTables)
        all_ += static_cast<std::uint64_t>(db_.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt64());
    });
    part("table received", [&] { ranges(); });
    for (const char* table : kTables) part(std::string("table ") + table, [&] { blocks(table, read_row); });
    part("table raw", [&] { raw(); });
    part("table newest", [&] { newest(); });
    part("table loss", [&] { losses(); });
    counts();
    progress_(all_, all_);
    return looked_;
  }

 private:
  static constexpr const char* kTables[] = {"chunk", "open_chunk", "segment"};

  template <class F>
  void part(const std::string& name, F look) {
    try {
      look();
    } catch (const SQLite::Exception& e) {
      unreadable_ = true;
      faults_.add("telemetry.db " + name, std::string("cannot be read: ") + e.what());
    }
  }

  void pages() {
    SQLite::Statement check(db_, "PRAGMA integrity_check");
    while (check.executeStep())
      if (const std::string said = check.getColumn(0).getString(); said != "ok")
        faults_.add("telemetry.db pages", said);
  }

  void ranges() {
    SQLite::Statement rows(db_, "SELECT edge, epoch, stream, ranges FROM received");
    while (rows.executeStep()) {
      ++looked_.rows;
      const std::string edge = rows.getColumn(0).getString(), epoch = rows.getColumn(1).getString();
      auto ranges = RangeSet::parse(rows.getColumn(3).getString());
      if (!ranges) {
        faults_.add("telemetry.db received ranges of " + edge + " " + epoch, ranges.error().message);
        continue;
      }
      if (unsigned_at(rows, 2) != static_cast<std::uint64_t>(Stream::telemetry)) continue;
      for (auto& [id, row] : epochs_)
        if (row.edge == edge && row.epoch && row.epoch->hex() == epoch) row.received = std::move(*ranges);
    }
  }

  template <class ReadRow>
  void blocks(const std::string& table, ReadRow read_row) {
    const bool segment = table == "segment";
    SQLite::Statement rows(db_, std::string("SELECT id, ") + (segment ? "NULL" : "point") +
                                    ", start_ms, end_ms, samples, data FROM " + table + " ORDER BY id");
    while (rows.executeStep()) {
      ++looked_.rows;
      if (++done_ % 1000 == 0) progress_(done_, all_);
      const std::int64_t start = rows.getColumn(2).getInt64(), end = rows.getColumn(3).getInt64();
      const auto where = [&] {
        std::string text = "telemetry.db " + table + " " + std::to_string(rows.getColumn(0).getInt64()) + " (";
        if (!segment) text += name_of(rows.getColumn(1).getInt64()) + ", ";
        return text + span(start, end) + ")";
      };
      std::uint64_t samples = 0;
      const auto read = read_row(segment, rows, [&](std::int64_t point, const std::vector<StoredSample>& block) {
        samples += block.size();
        if (!points_.contains(point))
          faults_.add(where(), "names point " + std::to_string(point) + ", which is not known");
        look_at(block, start, end, where);
      });
      if (!read) {
        damaged_ += unsigned_at(rows, 4);
        faults_.add(where(),
                    "its " + std::to_string(unsigned_at(rows, 4)) + " samples cannot be read: " + read.error().message);
        continue;
      }
      looked_.samples += samples;
      if (samples != unsigned_at(rows, 4))
        faults_.add(where(),
                    "says " + std::to_string(unsigned_at(rows, 4)) + " samples and holds " + std::to_string(samples));
      if (!segment) fits_its_point(rows.getColumn(1).getInt64(), start, end, table == "chunk", where);
    }
  }

  template <class Where>
  void look_at(const std::vector<StoredSample>& block, std::int64_t start, std::int64_t end, Where where) {
    std::uint64_t outside = 0, unknown = 0, never_received = 0;
    for (const StoredSample& sample : block) {
      if (sample.time < start || sample.time > end) ++outside;
      const auto epoch = epochs_.find(sample.epoch);
      if (epoch == epochs_.end()) {
        ++unknown;
        continue;
      }
      ++epoch->second.found;
      if (!epoch->second.received.contains(sample.sequence)) ++never_received;
    }
    const auto say = [&](std::uint64_t count, const char* what) {
      if (count > 0) faults_.add(where(), std::to_string(count) + " of its samples " + what);
    };
    say(outside, "lie outside its times");
    say(unknown, "are of an epoch that is not known");
    say(never_received, "are of records that the received ranges do not name");
  }

  template <class Where>
  void fits_its_point(std::int64_t point, std::int64_t start, std::int64_t end, bool chunk, Where where) {
    const auto known = points_.find(point);
    if (end < start) faults_.add(where(), "ends before it begins");
    if (known == points_.end())
      faults_.add(where(), "names point " + std::to_string(point) + ", which is not known");
    else if (chunk && end >= start &&
             static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(start) >
                 static_cast<std::uint64_t>(known->second.longest_ms))
      faults_.add(where(), "is longer than its point says: queries would pass it by");
  }

  void raw() {
    SQLite::Statement rows(db_,
                           "SELECT edge, epoch, stream, sequence, kind, wall_ms, mono_ms, clock, samples, payload, "
                           "checksum, wanted FROM raw");
    while (rows.executeStep()) {
      ++looked_.rows;
      const std::string edge = rows.getColumn(0).getString(), epoch = rows.getColumn(1).getString();
      const std::string where =
          "telemetry.db raw record " + edge + " " + epoch + " " + std::to_string(unsigned_at(rows, 3));
      const auto id = Epoch::from_hex(epoch);
      if (!id || (!rows.isColumnNull(11) && !DefinitionHash::from_hex(rows.getColumn(11).getString()))) {
        faults_.add(where, "names what is no id");
        continue;
      }
      Record record{{{*id, static_cast<Stream>(unsigned_at(rows, 2))}, unsigned_at(rows, 3)},
                    static_cast<Kind>(unsigned_at(rows, 4)),
                    wall_from_ms(rows.getColumn(5).getInt64()),
                    mono_from_ms(rows.getColumn(6).getInt64()),
                    static_cast<ClockState>(unsigned_at(rows, 7)),
                    static_cast<std::uint32_t>(unsigned_at(rows, 8)),
                    std::string(blob_at(rows, 9)),
                    unsigned_at(rows, 10)};
      if (checksum(edge, record) != record.checksum) faults_.add(where, "does not fit its checksum");
      const auto epoch_row = std::ranges::find_if(
          epochs_, [&](const auto& entry) { return entry.second.edge == edge && entry.second.epoch == *id; });
      if (epoch_row == epochs_.end() || !epoch_row->second.received.contains(record.id.sequence))
        faults_.add(where, "is none that the received ranges name");
    }
  }

  void newest() {
    SQLite::Statement rows(db_, "SELECT point, epoch, quality FROM newest");
    while (rows.executeStep()) {
      ++looked_.rows;
      const bool known = points_.contains(rows.getColumn(0).getInt64()) &&
                         epochs_.contains(static_cast<std::uint32_t>(unsigned_at(rows, 1)));
      if (!known || !quality_from(unsigned_at(rows, 2)))
        faults_.add("telemetry.db newest value of " + name_of(rows.getColumn(0).getInt64()),
                    "names a point, epoch or quality that is not known");
    }
  }

  void losses() {
    SQLite::Statement rows(db_, "SELECT samples FROM loss");
    while (rows.executeStep()) {
      ++looked_.rows;
      ++looked_.known_losses;
      if (rows.isColumnNull(0))
        some_unknown_ = true;
      else
        damaged_ += unsigned_at(rows, 0);
    }
  }

  /// Stored is counted when it is written, so a row that is not there any more shows. Where some is damaged nobody can
  /// tell of which epoch it was: then all of them together must agree.
  void counts() {
    if (unreadable_ || some_unknown_) return;
    std::uint64_t said = 0, found = 0;
    for (const auto& [id, row] : epochs_) {
      said += row.said;
      found += row.found;
      if (damaged_ == 0 && row.said != row.found)
        faults_.add("telemetry.db epoch " + (row.epoch ? row.epoch->hex() : "?") + " of " + row.edge,
                    std::to_string(row.said) + " samples were stored and " + std::to_string(row.found) + " are there");
    }
    if (damaged_ > 0 && said != found + damaged_)
      faults_.add("telemetry.db", std::to_string(said) + " samples were stored, " + std::to_string(found) +
                                      " are there and " + std::to_string(damaged_) + " are known to be damaged");
  }

  std::string name_of(std::int64_t point) const {
    const auto known = points_.find(point);
    return known == points_.end() ? "point " + std::to_string(point) : known->second.path;
  }

  SQLite::Database& db_;
  std::map<std::uint32_t, EpochRow>& epochs_;
  std::map<std::int64_t, PointRow>& points_;
  StoreFaults& faults_;
  const LookProgress& progress_;
  TelemetryInspection::Looked looked_;
  std::uint64_t done_ = 0, all_ = 0, damaged_ = 0;
  bool unreadable_ = false, some_unknown_ = false;
};

}  // namespace

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
    try {
      look_->load_names();
    } catch (const SQLite::Exception& e) {
      faults.add("telemetry.db tables epoch and point", std::string("cannot be read: ") + e.what());
    }
    Verification verification(look_->db, look_->epochs, look_->points, faults, progress);
    return verification.run([&](bool segment, SQLite::Statement& row, const Look::TakeBlock& take) {
      return look_->read_row(segment, row, take);
    });
  });
}

Result<std::vector<TelemetryInspection::Found>> TelemetryInspection::samples(const Wanted& wanted) {
  return look_->guarded("reading", [&] {
    SQLite::Transaction snapshot(look_->db);
    look_->load_names();
    std::set<std::uint32_t> epochs;
    for (const auto& [id, row] : look_->epochs)
      if ((wanted.edge.empty() || row.edge == wanted.edge) && (!wanted.epoch || row.epoch == wanted.epoch))
        epochs.insert(id);
    // Those with the least keys so far: the file is by point, the answer by record.
    using Key = std::tuple<std::string, std::uint32_t, std::uint64_t, std::uint32_t>;
    std::map<Key, std::pair<std::int64_t, StoredSample>> least;
    const auto take = [&](std::int64_t point, const std::vector<StoredSample>& block) {
      for (const StoredSample& sample : block) {
        if (!epochs.contains(sample.epoch) || !wanted.sequences.contains(sample.sequence)) continue;
        const Key key{look_->epochs.at(sample.epoch).edge, sample.epoch, sample.sequence, sample.index};
        if (least.size() >= wanted.most && !(key < std::prev(least.end())->first)) continue;
        least.emplace(key, std::pair(point, sample));
        if (least.size() > wanted.most) least.erase(std::prev(least.end()));
      }
    };
    if (wanted.most > 0)
      for (const char* table : {"chunk", "open_chunk", "segment"}) {
        const bool segment = std::string_view(table) == "segment";
        SQLite::Statement rows(look_->db, std::string("SELECT id, ") + (segment ? "NULL" : "point") +
                                              ", start_ms, end_ms, samples, data FROM " + table);
        while (rows.executeStep()) (void)look_->read_row(segment, rows, take);
      }
    std::vector<Found> found;
    for (const auto& [key, value] : least) {
      const EpochRow& epoch = look_->epochs.at(value.second.epoch);
      found.push_back({epoch.edge, look_->points[value.first].path, epoch.epoch.value_or(Epoch{}), value.second});
    }
    return found;
  });
}

Result<std::vector<RawRecord>> TelemetryInspection::raw(const Wanted& wanted) {
  return look_->guarded("reading", [&] {
    SQLite::Transaction snapshot(look_->db);
    RawRecords records(look_->db);
    look_->load_names();
    std::set<std::string> edges;
    for (const auto& [id, row] : look_->epochs)
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
