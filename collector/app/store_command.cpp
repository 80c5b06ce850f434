#include "collector/app/store_command.hpp"

#include <cmath>
#include <iomanip>
#include <map>
#include <ostream>

#include <boost/json.hpp>

#include "collector/app/records_check.hpp"
#include "collector/app/stores.hpp"
#include "collector/ingest/registry.hpp"
#include "collector/store/telemetry_inspection.hpp"
#include "common/base/hex.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/describe.hpp"

namespace anlan::collector {

namespace json = boost::json;

namespace {

constexpr std::size_t kFaultsShown = 20;

struct Opened {
  std::unique_ptr<TelemetryInspection> telemetry;
  std::unique_ptr<Database> records;
};

Result<Opened> open(const std::string& data_dir) {
  const std::string records_file = data_dir + "/" + kRecordsFile, telemetry_file = data_dir + "/" + kTelemetryFile;
  for (const std::string& file : {records_file, telemetry_file})
    if (auto own = owned_by_this_user(file); !own) return fail(std::move(own.error()));
  auto telemetry = TelemetryInspection::open(telemetry_file);
  if (!telemetry) return fail(std::move(telemetry.error()));
  auto records = Database::open("sqlite://" + records_file + "?readonly");
  if (!records) return fail(std::move(records.error()));
  return Opened{std::move(*telemetry), std::move(*records)};
}

/// One stream of one epoch.
struct PlaceAccount {
  AccountRow row;
  std::uint64_t ordinal = 0, raw = 0, samples = 0;
};

using PlaceKey = std::tuple<std::string, std::uint64_t, Epoch, Stream>;  // edge, ordinal, …

Result<std::map<PlaceKey, PlaceAccount>> accounts(Opened& opened, std::optional<StoreRef>& identity) {
  // Telemetry first: what the records say of it afterwards can only reach further.
  const auto telemetry = opened.telemetry->accounts();
  if (!telemetry) return fail(telemetry.error());
  std::map<PlaceKey, PlaceAccount> places;
  auto read = opened.records->transaction([&]() -> Result<void> {
    Database& db = *opened.records;
    identity = load_store_identity(db, [] { return StoreRef{}; }).ref;
    std::map<std::pair<std::string, std::string>, std::uint64_t> ordinals, quarantined;
    for (const SqlRow& row : db.query("SELECT edge, epoch, ordinal FROM epoch"))
      ordinals[{row.text(0), row.text(1)}] = static_cast<std::uint64_t>(row.integer(2));
    for (const SqlRow& row :
         db.query("SELECT edge, epoch, count(*) FROM event_record WHERE quarantined = 1 GROUP BY edge, epoch"))
      quarantined[{row.text(0), row.text(1)}] = static_cast<std::uint64_t>(row.integer(2));
    const auto place_of = [&](const std::string& edge, const Place& place, std::uint64_t told) -> PlaceAccount& {
      const auto known = ordinals.find({edge, place.epoch.hex()});
      const std::uint64_t ordinal = known == ordinals.end() ? told : known->second;
      PlaceAccount& account = places[{edge, ordinal, place.epoch, place.stream}];
      account.ordinal = ordinal;
      account.row.edge = edge;
      account.row.place = place;
      return account;
    };
    std::map<std::pair<std::string, Epoch>, std::uint64_t> told;
    for (const TelemetryAccount& one : *telemetry) told[{one.edge, one.epoch}] = one.ordinal;
    for (const EdgeRow& edge : list_edges(db, "", "", std::numeric_limits<int>::max()))
      for (const AccountRow& row : list_accounts(db, edge.id)) {
        PlaceAccount& account = place_of(edge.id, row.place, told[{edge.id, row.place.epoch}]);
        account.row = row;
        if (row.place.stream == Stream::event) account.raw = quarantined[{edge.id, row.place.epoch.hex()}];
      }
    for (const TelemetryAccount& one : *telemetry) {
      PlaceAccount& account = place_of(one.edge, {one.epoch, Stream::telemetry}, one.ordinal);
      account.row.data = one.received;
      if (!one.received.empty()) account.row.reach = std::max(account.row.reach, one.received.ranges().back().last);
      account.raw = one.raw_records;
      account.samples = one.samples;
    }
    return {};
  });
  if (!read) return fail(std::move(read.error()));
  return places;
}

json::object to_json(const PlaceAccount& account) {
  const AccountSum sum = sum_of(account.row);
  return {{"edge", account.row.edge},
          {"epoch", account.row.place.epoch.hex()},
          {"ordinal", account.ordinal},
          {"stream", to_string(account.row.place.stream)},
          {"reach", account.row.reach},
          {"received", account.row.data.str()},
          {"voided", account.row.voided.str()},
          {"gaps", sum.missing.str()},
          {"stored", sum.stored},
          {"void", sum.voided},
          {"lost", sum.lost},
          {"missing", sum.missing.count()},
          {"raw", account.raw},
          {"samples", account.samples}};
}

std::string shortened(const std::string& ranges) {
  constexpr std::size_t kMost = 100;
  if (ranges.size() <= kMost) return ranges;
  return ranges.substr(0, ranges.rfind(',', kMost)) + ", … (--json has all)";
}

void print(const std::map<PlaceKey, PlaceAccount>& places, std::ostream& out) {
  const auto numbers = {"reach", "stored", "void", "lost", "missing", "raw", "samples"};
  out << std::left << std::setw(20) << "edge" << std::setw(34) << "epoch" << std::setw(10) << "stream" << std::right;
  for (const char* name : numbers) out << std::setw(11) << name;
  out << "\n";
  for (const auto& [key, account] : places) {
    const AccountSum sum = sum_of(account.row);
    out << std::left << std::setw(20) << account.row.edge << std::setw(34) << account.row.place.epoch.hex()
        << std::setw(10) << to_string(account.row.place.stream) << std::right;
    for (const std::uint64_t number :
         {account.row.reach, sum.stored, sum.voided, sum.lost, sum.missing.count(), account.raw, account.samples})
      out << std::setw(11) << number;
    out << "\n";
    if (!sum.missing.empty()) out << "  missing: " << shortened(sum.missing.str()) << "\n";
  }
}

json::value number(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return nullptr;
  return value > 0 ? "inf" : "-inf";
}

json::object identity_of(const std::string& edge, const RecordId& id) {
  return {{"edge", edge},
          {"epoch", id.place.epoch.hex()},
          {"stream", to_string(id.place.stream)},
          {"sequence", id.sequence}};
}

json::object to_json(const std::string& edge, const Record& record, bool kept_raw) {
  json::object line = identity_of(edge, record.id);
  line["kind"] = to_string(record.kind);
  line["time"] = to_rfc3339(record.wall);
  line["raw"] = kept_raw;
  if (checksum(edge, record) != record.checksum) line["damaged"] = true;
  line["text"] = describe(record);
  return line;
}

Result<void> dump_events(Database& db, const TelemetryInspection::Wanted& wanted, std::ostream& out) {
  return db.transaction([&]() -> Result<void> {
    std::size_t left = wanted.most;
    for (const auto& range : wanted.sequences.ranges()) {
      const auto last = std::min<std::uint64_t>(range.last, std::numeric_limits<std::int64_t>::max());
      for (const SqlRow& row : db.query(
               "SELECT edge, epoch, sequence, kind, wall, mono, clock, samples, payload, checksum, quarantined FROM "
               "event_record WHERE (:p1 = '' OR edge = :p1) AND (:p2 = '' OR epoch = :p2) AND sequence >= :p3 AND "
               "sequence < :p4 ORDER BY edge, epoch, sequence LIMIT :p5",
               {wanted.edge, wanted.epoch ? wanted.epoch->hex() : "", static_cast<std::int64_t>(range.first),
                static_cast<std::int64_t>(last), static_cast<std::int64_t>(left)})) {
        const Record record{{{Epoch::from_hex(row.text(1)).value_or(Epoch{}), Stream::event},
                             static_cast<std::uint64_t>(row.integer(2))},
                            static_cast<Kind>(row.integer(3)),
                            wall_from_ms(row.integer(4)),
                            mono_from_ms(row.integer(5)),
                            static_cast<ClockState>(row.integer(6)),
                            static_cast<std::uint32_t>(row.integer(7)),
                            from_hex(row.text(8)).value_or(""),
                            static_cast<std::uint64_t>(row.integer(9))};
        out << to_json(row.text(0), record, row.integer(10) != 0) << "\n";
        --left;
      }
    }
    return {};
  });
}

Result<void> dump_telemetry(TelemetryInspection& telemetry, const TelemetryInspection::Wanted& wanted,
                            std::ostream& out) {
  const auto samples = telemetry.samples(wanted);
  if (!samples) return fail(samples.error());
  for (const auto& found : *samples) {
    json::object line = identity_of(found.edge, {{found.epoch, Stream::telemetry}, found.sample.sequence});
    line["item"] = found.sample.index;
    line["point"] = found.point;
    line["time"] = to_rfc3339(wall_from_ms(found.sample.time));
    line["value"] = number(found.sample.value);
    line["quality"] = to_string(found.sample.quality);
    out << line << "\n";
  }
  const auto raw = telemetry.raw(wanted);
  if (!raw) return fail(raw.error());
  for (const RawRecord& record : *raw) {
    json::object line = to_json(record.edge, record.record, true);
    if (record.wanted) line["wants_definition"] = record.wanted->hex();
    out << line << "\n";
  }
  return {};
}

Result<TelemetryInspection::Wanted> understood(const DumpWish& wish) {
  TelemetryInspection::Wanted wanted;
  wanted.edge = wish.edge;
  wanted.most = wish.most;
  if (!wish.epoch.empty()) {
    wanted.epoch = Epoch::from_hex(wish.epoch);
    if (!wanted.epoch)
      return fail(Errc::invalid_argument, "--epoch " + wish.epoch + ": an epoch is 32 hexadecimal digits");
  }
  if (!wish.sequences.empty()) {
    auto ranges = RangeSet::parse(wish.sequences);
    if (!ranges) return fail(Errc::invalid_argument, "--sequences " + wish.sequences + ": " + ranges.error().message);
    wanted.sequences = std::move(*ranges);
  }
  return wanted;
}

/// A line for each tenth.
LookProgress told(std::ostream& out, const char* name) {
  return [&out, name, said = -1](std::uint64_t done, std::uint64_t all) mutable {
    const int tenth = all == 0 ? 10 : static_cast<int>(done * 10 / all);
    if (tenth <= said) return;
    said = tenth;
    out << name << ": " << tenth * 10 << " % of " << all << " rows" << std::endl;
  };
}

void check_identity(const std::optional<StoreRef>& telemetry, const StoreRef& records, StoreFaults& faults) {
  if (telemetry == records) return;
  faults.add("records.db and telemetry.db",
             "do not belong together: one was lost or put back alone; the collector begins a new generation when it "
             "starts, and the edges send again what they hold");
}

}  // namespace

Result<void> show_store(const std::string& data_dir, bool as_json, std::ostream& out) {
  auto opened = open(data_dir);
  if (!opened) return fail(std::move(opened.error()));
  std::optional<StoreRef> store;
  const auto places = accounts(*opened, store);
  if (!places) return fail(places.error());
  if (as_json) {
    json::array all;
    for (const auto& [key, account] : *places) all.push_back(to_json(account));
    out << json::object{{"store", store->id.hex()}, {"generation", store->generation.hex()}, {"places", std::move(all)}}
        << "\n";
    return {};
  }
  out << "store " << store->id.hex() << ", generation " << store->generation.hex() << "\n\n";
  print(*places, out);
  return {};
}

Result<void> dump_store(const std::string& data_dir, const DumpWish& wish, std::ostream& out) {
  const auto wanted = understood(wish);
  if (!wanted) return fail(wanted.error());
  auto opened = open(data_dir);
  if (!opened) return fail(std::move(opened.error()));
  if (wish.stream != Stream::telemetry)
    if (auto done = dump_events(*opened->records, *wanted, out); !done) return done;
  if (wish.stream != Stream::event) return dump_telemetry(*opened->telemetry, *wanted, out);
  return {};
}

Result<void> verify_store(const std::string& data_dir, std::ostream& out, std::ostream& progress) {
  auto opened = open(data_dir);
  if (!opened) return fail(std::move(opened.error()));
  StoreFaults faults(kFaultsShown);
  progress << "telemetry.db: its pages" << std::endl;
  const auto identity = opened->telemetry->identity();
  const auto telemetry = opened->telemetry->verify(faults, told(progress, "telemetry.db"));
  if (!telemetry) return fail(telemetry.error());
  progress << "records.db: its pages" << std::endl;
  std::optional<RecordsLooked> records;
  auto looked = opened->records->transaction([&]() -> Result<void> {
    records = check_records(*opened->records, faults, told(progress, "records.db"));
    if (identity)
      check_identity(*identity, load_store_identity(*opened->records, [] { return StoreRef{}; }).ref, faults);
    return {};
  });
  if (!looked && !records) return fail(std::move(looked.error()));
  if (!looked && faults.count() == 0) faults.add("records.db", looked.error().message);  // even to end the look failed
  for (const StoreFault& fault : faults.first()) out << fault.where << ": " << fault.what << "\n";
  if (faults.count() > faults.first().size()) out << "and " << faults.count() - faults.first().size() << " more\n";
  out << telemetry->rows + records->rows << " rows read, " << telemetry->samples << " samples decoded, "
      << records->quarantined << " event records that this version cannot decode, " << telemetry->known_losses
      << " stretches known to be damaged from before, " << faults.count()
      << (faults.count() == 1 ? " fault\n" : " faults\n");
  if (faults.count() == 0) return {};
  return fail(Errc::storage_corrupt,
              data_dir +
                  " is not whole: look at the disk (smartctl, the kernel's log), make a backup of what there is, and "
                  "restore the newest one that verifies; the edges send again what they still hold");
}

}  // namespace anlan::collector
