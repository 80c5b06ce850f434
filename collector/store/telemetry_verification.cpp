// Every row of telemetry.db held against what it promises.
#include <algorithm>

#include "collector/store/newest_table.hpp"
#include "collector/store/rollup.hpp"
#include "collector/store/telemetry_inspection.hpp"
#include "collector/store/telemetry_look.hpp"
#include "collector/store/telemetry_rows.hpp"
#include "collector/store/time_runs.hpp"
#include "common/wire/checksum.hpp"

namespace anlan::collector {
namespace {

std::string span(std::int64_t from, std::int64_t to) {
  return to_rfc3339(wall_from_ms(from)) + " to " + to_rfc3339(wall_from_ms(to));
}

/// One look at everything. Its parts go on after one that SQLite cannot read.
class Verification {
 public:
  Verification(TelemetryLook& look, StoreFaults& faults, const LookProgress& progress)
      : look_(look), db_(look.db), epochs_(look.epochs), points_(look.points), faults_(faults), progress_(progress) {}

  TelemetryInspection::Looked run() {
    part("pages", [&] { pages(); });
    part("counting rows", [&] {
      for (const char* table : kTables)
        all_ += static_cast<std::uint64_t>(db_.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt64());
    });
    part("table received", [&] { ranges(); });
    part("table chunk", [&] { chunks(); });
    part("table segment", [&] { segments(); });
    part("table raw", [&] { raw(); });
    part("table newest", [&] { newest(); });
    part("table loss", [&] { losses(); });
    counts();
    progress_(all_, all_);
    return looked_;
  }

 private:
  static constexpr const char* kTables[] = {"chunk", "segment"};

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

  void step_on() {
    ++looked_.rows;
    if (++done_ % 1000 == 0) progress_(done_, all_);
  }

  void chunks() {
    SQLite::Statement rows(
        db_,
        "SELECT c.id, c.point_group, c.step_ms, c.open, c.start_ms, c.end_ms, c.items, c.data, l.ms "
        "FROM chunk c LEFT JOIN longest l ON l.point_group = c.point_group AND l.step_ms = c.step_ms "
        "ORDER BY c.id");
    while (rows.executeStep()) {
      step_on();
      const std::int64_t group = rows.getColumn(1).getInt64(), step = rows.getColumn(2).getInt64();
      const TimeRange range{rows.getColumn(4).getInt64(), rows.getColumn(5).getInt64()};
      const std::uint64_t items = unsigned_at(rows, 6);
      const auto where = [&] {
        return "telemetry.db chunk " + std::to_string(rows.getColumn(0).getInt64()) + " (" + points_of(group) + ", " +
               (step > 0 ? "stretches of " + std::to_string(step / 1000) + " s, " : "") + span(range.start, range.end) +
               ")";
      };
      if (!look_.groups.contains(group))
        faults_.add(where(), "names point group " + std::to_string(group) + ", which is not known");
      if (range.end < range.start) faults_.add(where(), "ends before it begins");
      const bool open = rows.getColumn(3).getInt() == 1;
      const auto length = static_cast<std::uint64_t>(range.end) - static_cast<std::uint64_t>(range.start);
      if (!open && range.end >= range.start && (rows.isColumnNull(8) || length > unsigned_at(rows, 8)))
        faults_.add(where(), "is longer than its group says: queries would pass it by");
      const std::uint64_t held = step > 0 ? rollup(group, step, blob_at(rows, 7), items, where)
                                          : samples(group, range, blob_at(rows, 7), items, where);
      if (held != items)
        faults_.add(where(), "says " + std::to_string(items) + " items and holds " + std::to_string(held));
    }
  }

  /// How many it holds; where it does not read, as many as it says.
  template <class Where>
  std::uint64_t samples(std::int64_t group, const TimeRange& range, std::string_view data, std::uint64_t said,
                        Where where) {
    std::uint64_t held = 0;
    const auto read = look_.read_chunk(group, data, taking(range, held, where));
    if (read) return held;
    damaged_ += said;
    faults_.add(where(), "its " + std::to_string(said) + " samples cannot be read: " + read.error().message);
    return said;
  }

  template <class Where>
  std::uint64_t rollup(std::int64_t group, std::int64_t step, std::string_view data, std::uint64_t said, Where where) {
    const auto set = decode_rollup(data, group, step);
    if (!set) {
      faults_.add(where(), "cannot be read: " + set.error().message);
      return said;
    }
    std::uint64_t held = 0;
    for (const RollupColumn& column : *set) held += column.buckets.size();
    return held;
  }

  void segments() {
    SQLite::Statement rows(db_, "SELECT id, start_ms, end_ms, samples, heads, data FROM segment ORDER BY id");
    while (rows.executeStep()) {
      step_on();
      const TimeRange range{rows.getColumn(1).getInt64(), rows.getColumn(2).getInt64()};
      const std::uint64_t said = unsigned_at(rows, 3);
      const auto where = [&] {
        return "telemetry.db segment " + std::to_string(rows.getColumn(0).getInt64()) + " (" +
               span(range.start, range.end) + ")";
      };
      std::uint64_t held = 0, damaged = 0;
      const auto read = look_.read_segment(blob_at(rows, 4), blob_at(rows, 5), taking(range, held, where), damaged);
      if (!read) {
        if (held + damaged == 0) damaged = said;  // not even its heads
        damaged_ += damaged;
        faults_.add(where(), std::to_string(damaged) + " of its " + std::to_string(said) +
                                 " samples cannot be read: " + read.error().message);
      }
      if (held + damaged != said)
        faults_.add(where(), "says " + std::to_string(said) + " samples and holds " + std::to_string(held + damaged));
    }
  }

  template <class Where>
  TelemetryLook::Take taking(const TimeRange& range, std::uint64_t& held, Where where) {
    return [this, range, &held, where](std::int64_t point, const std::vector<StoredSample>& block) {
      held += block.size();
      looked_.samples += block.size();
      if (!points_.contains(point)) faults_.add(where(), "holds samples of a point that is not known");
      look_at(block, range.start, range.end, where);
    };
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
    load_newest(db_, [&](std::int64_t group, const Result<std::vector<PlacedValue>>& values) {
      ++looked_.rows;
      const std::string where = "telemetry.db newest values of group " + std::to_string(group);
      if (!values) return faults_.add(where, values.error().message);
      for (const auto& [place, sample] : *values)
        if (!look_.point_at(group, place) || !epochs_.contains(sample.epoch))
          return faults_.add(where, "name a point or an epoch that is not known");
    });
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
    return known == points_.end() ? "point " + std::to_string(point) : known->second;
  }

  /// A group by its first point: people know no groups.
  std::string points_of(std::int64_t group) const {
    const auto known = look_.groups.find(group);
    if (known == look_.groups.end() || known->second.empty()) return "no points";
    const std::string first = name_of(known->second.begin()->second);
    return known->second.size() == 1 ? first : first + " and " + std::to_string(known->second.size() - 1) + " more";
  }

  TelemetryLook& look_;
  SQLite::Database& db_;
  std::map<std::uint32_t, TelemetryLook::EpochRow>& epochs_;
  std::map<std::int64_t, std::string>& points_;
  StoreFaults& faults_;
  const LookProgress& progress_;
  TelemetryInspection::Looked looked_;
  std::uint64_t done_ = 0, all_ = 0, damaged_ = 0;
  bool unreadable_ = false, some_unknown_ = false;
};

}  // namespace

TelemetryInspection::Looked verify_telemetry(TelemetryLook& look, StoreFaults& faults, const LookProgress& progress) {
  return Verification(look, faults, progress).run();
}

}  // namespace anlan::collector
