#include "collector/app/records_check.hpp"

#include <map>
#include <tuple>

#include <boost/json.hpp>

#include "collector/app/stores.hpp"
#include "collector/audit/log_export.hpp"
#include "collector/audit/log_verifier.hpp"
#include "collector/store/changes.hpp"
#include "common/base/hex.hpp"
#include "common/io/signature.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"

namespace anlan::collector {
namespace {

constexpr std::int64_t kPage = 1000;

/// Rows that are written once, numbered from 1, and never taken away.
constexpr const char* kNumbered[] = {"alert",           "alert_event", "hazard",      "hazard_event", "hazard_alert",
                                     "hazard_evidence", "loss",        "maintenance", "notification"};

struct JsonColumn {
  const char *table, *key, *column;
};
constexpr JsonColumn kJson[] = {{"alert_entry", "alert", "transition"},
                                {"edge_alert_state", "edge", "listings"},
                                {"hazard_event", "number", "fields"},
                                {"notification", "number", "payload"}};

bool decodes(const Record& record) {
  switch (record.kind) {
    case Kind::alert:
      return decode_alert(record.payload).has_value();
    case Kind::gap:
      return decode_gap(record.payload).has_value();
    case Kind::definition:
      return decode_definition(record.payload).has_value();
    case Kind::start:
      return decode_start(record.payload).has_value();
    case Kind::clock_step:
    case Kind::edge_event:
      return decode_edge_event(record.payload).has_value();
    default:
      return false;
  }
}

class RecordsCheck {
 public:
  RecordsCheck(Database& database, StoreFaults& faults, const LookProgress& progress)
      : db_(database), faults_(faults), progress_(progress) {}

  RecordsLooked run() {
    part("schema", [&] { schema(); });
    part("pages", [&] {
      for (const SqlRow& row : db_.query("PRAGMA integrity_check"))
        if (row.text(0) != "ok") faults_.add("records.db pages", row.text(0));
    });
    part("foreign keys", [&] {
      for (const SqlRow& row : db_.query("SELECT \"table\", parent FROM pragma_foreign_key_check"))
        faults_.add("records.db table " + row.text(0), "has a row whose " + row.text(1) + " is not there");
    });
    part("counting rows",
         [&] { all_ = count("SELECT count(*) FROM event_record") + count("SELECT count(*) FROM change"); });
    part("table event_record", [&] { events(); });
    part("table place", [&] { places(); });
    part("table definition", [&] { definitions(); });
    part("table change", [&] { changes(); });
    part("table audit_entry", [&] { log(); });
    for (const char* table : kNumbered) part(std::string("table ") + table, [&] { numbered(table); });
    for (const JsonColumn& column : kJson) part(std::string("table ") + column.table, [&] { json(column); });
    progress_(all_, all_);
    return looked_;
  }

 private:
  template <class F>
  void part(const std::string& name, F look) {
    try {
      look();
    } catch (const DatabaseError& e) {
      faults_.add("records.db " + name, std::string("cannot be read: ") + e.what());
    }
  }

  std::uint64_t count(const std::string& sql) { return static_cast<std::uint64_t>(db_.query(sql).at(0).integer(0)); }

  void schema() {
    for (const StageSchema& stage : record_schemas()) {
      const auto rows = db_.query("SELECT version FROM schema_version WHERE stage = :p1", {stage.stage});
      const std::int64_t has = rows.empty() ? 0 : rows[0].integer(0);
      if (has != static_cast<std::int64_t>(stage.steps.size()))
        faults_.add("records.db schema of " + stage.stage,
                    "has version " + std::to_string(has) + ", this program looks at " +
                        std::to_string(stage.steps.size()) +
                        ": the collector brings an older one up to it when it starts");
    }
  }

  void events() {
    SqlValue edge = "", epoch = "", sequence = std::int64_t{-1};
    while (true) {
      const auto page = db_.query(
          "SELECT edge, epoch, sequence, kind, wall, mono, clock, samples, payload, checksum, quarantined FROM "
          "event_record WHERE (edge, epoch, sequence) > (:p1, :p2, :p3) ORDER BY edge, epoch, sequence LIMIT :p4",
          {edge, epoch, sequence, kPage});
      for (const SqlRow& row : page) event(row);
      progress_(looked_.rows, all_);
      if (page.size() < static_cast<std::size_t>(kPage)) return;
      edge = page.back().text(0);
      epoch = page.back().text(1);
      sequence = page.back().integer(2);
    }
  }

  void event(const SqlRow& row) {
    ++looked_.rows;
    const std::string where = "records.db event record " + row.text(0) + " " + row.text(1) + " " + row.text(2);
    const auto epoch = Epoch::from_hex(row.text(1));
    auto payload = from_hex(row.text(8));
    if (!epoch || !payload)
      return faults_.add(where, epoch ? "its payload is no hexadecimal text" : "its epoch is no id");
    const Record record{{{*epoch, Stream::event}, static_cast<std::uint64_t>(row.integer(2))},
                        static_cast<Kind>(row.integer(3)),
                        wall_from_ms(row.integer(4)),
                        mono_from_ms(row.integer(5)),
                        static_cast<ClockState>(row.integer(6)),
                        static_cast<std::uint32_t>(row.integer(7)),
                        std::move(*payload),
                        static_cast<std::uint64_t>(row.integer(9))};
    there_[{row.text(0), row.text(1)}].add(record.id.sequence);
    if (checksum(row.text(0), record) != record.checksum) faults_.add(where, "does not fit its checksum");
    const bool quarantined = row.integer(10) != 0;
    if (quarantined) ++looked_.quarantined;
    if (!quarantined && !decodes(record)) faults_.add(where, "does not decode, and is not marked as quarantined");
  }

  void places() {
    for (const SqlRow& row : db_.query("SELECT edge, epoch, stream, data, voided, lost, reach FROM place")) {
      ++looked_.rows;
      const bool event = row.integer(2) == static_cast<int>(Stream::event);
      const std::string where =
          "records.db account of " + row.text(0) + " " + row.text(1) + (event ? " event" : " telemetry");
      for (const std::size_t column : {3u, 4u, 5u})
        if (const auto ranges = RangeSet::parse(row.text(column)); !ranges) faults_.add(where, ranges.error().message);
      const auto data = RangeSet::parse(row.text(3));
      if (!event || !data) continue;
      RangeSet missing = *data, more = there_[{row.text(0), row.text(1)}];
      missing.remove(more);
      more.remove(*data);
      if (!missing.empty()) faults_.add(where, "names received records that are not there: " + missing.str());
      if (!more.empty()) faults_.add(where, "does not name records that are there: " + more.str());
      if (!data->empty() && data->ranges().back().last > static_cast<std::uint64_t>(row.integer(6)))
        faults_.add(where, "says that it reaches to " + row.text(6) + " and has received " + data->str());
      there_.erase({row.text(0), row.text(1)});
    }
    for (const auto& [of, ranges] : there_)
      if (!ranges.empty())
        faults_.add("records.db event records of " + of.first + " " + of.second, "are in no account: " + ranges.str());
  }

  void definitions() {
    for (const SqlRow& hash : db_.query("SELECT hash FROM definition ORDER BY hash")) {
      ++looked_.rows;
      const auto row = db_.query("SELECT payload FROM definition WHERE hash = :p1", {hash.text(0)});
      const auto payload = row.empty() ? std::nullopt : from_hex(row[0].text(0));
      if (!payload || hash128(*payload).hex() != hash.text(0) || !decode_definition(*payload))
        faults_.add("records.db definition " + hash.text(0), "is not what its hash names");
    }
    for (const SqlRow& row : db_.query("SELECT path, definition FROM point WHERE definition NOT IN (SELECT hash FROM "
                                       "definition) ORDER BY path"))
      faults_.add("records.db point " + row.text(0), "is of definition " + row.text(1) + ", which is not there");
  }

  void changes() {
    std::int64_t before = changes::pruned(db_);
    while (true) {
      const auto page = changes::after(db_, before, changes::kMaxPage);
      for (const Change& change : page) {
        ++looked_.rows;
        if (change.seq != before + 1)
          faults_.add("records.db change " + std::to_string(change.seq),
                      "does not follow " + std::to_string(before) + ": changes between are not there");
        before = change.seq;
        look_at_json("records.db change " + std::to_string(change.seq), change.body);
      }
      progress_(looked_.rows, all_);
      if (page.size() < static_cast<std::size_t>(changes::kMaxPage)) break;
    }
    if (count("SELECT count(*) FROM change WHERE seq <= (SELECT seq FROM change_pruned)") > 0)
      faults_.add("records.db table change", "holds changes that it says were forgotten");
  }

  /// The log by the judgement that an exported one gets. What is newer than the newest signed head waits for the next.
  void log() {
    const auto good = [](const SignedTreeHead& head) {
      const auto key = VerifyingKey::from_hex(head.head.key);
      return key && key->verify(head.signed_text(), head.signature);
    };
    LogVerifier verifier(good, {}, {});
    const auto exported = export_log(db_, [&](const std::string& line) {
      verifier.take(line);
      return true;
    });
    if (!exported) {
      if (exported.error().code != Errc::not_found) faults_.add("records.db log", exported.error().message);
      return;
    }
    const AuditReport report = verifier.finish();
    looked_.rows += report.entries;
    if (report.fault) faults_.add("records.db log", report.fault->what);
  }

  void numbered(const std::string& table) {
    const std::uint64_t rows = count("SELECT count(*) FROM " + table);
    const std::uint64_t last = count("SELECT coalesce(max(number), 0) FROM " + table);
    looked_.rows += rows;
    if (rows != last)
      faults_.add("records.db table " + table, "has " + std::to_string(rows) + " rows and is numbered up to " +
                                                   std::to_string(last) + ": some are not there");
  }

  void json(const JsonColumn& at) {
    const std::string table = at.table;
    for (std::int64_t offset = 0;; offset += kPage) {
      const auto page = db_.query("SELECT " + std::string(at.key) + ", " + at.column + " FROM " + table + " ORDER BY " +
                                      at.key + " LIMIT :p1 OFFSET :p2",
                                  {kPage, offset});
      for (const SqlRow& row : page)
        if (!row.text(1).empty()) look_at_json("records.db " + table + " " + row.text(0), row.text(1));
      if (page.size() < static_cast<std::size_t>(kPage)) return;
    }
  }

  void look_at_json(const std::string& where, const std::string& text) {
    boost::system::error_code error;
    boost::json::parse(text, error);
    if (error) faults_.add(where, "is no JSON: " + error.message());
  }

  Database& db_;
  StoreFaults& faults_;
  const LookProgress& progress_;
  RecordsLooked looked_;
  std::uint64_t all_ = 0;
  std::map<std::pair<std::string, std::string>, RangeSet> there_;  // event records by edge and epoch
};

}  // namespace

RecordsLooked check_records(Database& database, StoreFaults& faults, const LookProgress& progress) {
  return RecordsCheck(database, faults, progress).run();
}

}  // namespace anlan::collector
