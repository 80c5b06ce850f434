#include "tests/crash/centre_books.hpp"

#include <algorithm>
#include <stdexcept>

#include "collector/app/stores.hpp"

namespace anlan::test {

using collector::Origin;
using collector::Stores;

namespace {

struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void require(bool holds, const std::string& otherwise) {
  if (!holds) throw Fault(otherwise);
}

template <class T>
T value_of(Result<T> result) {
  if (!result) throw Fault(result.error().message);
  return std::move(*result);
}

void check_integrity(const std::string& file) {
  const auto database = value_of(Database::open("sqlite://" + file));
  const auto rows = database->query("PRAGMA integrity_check");
  require(rows.at(0).text(0) == "ok", file + ": " + rows.at(0).text(0));
}

RangeSet at_or_empty(const RangesByPlace& ranges, const Place& place) {
  const auto found = ranges.find(place);
  return found == ranges.end() ? RangeSet{} : found->second;
}

std::string name_of(const Origin& origin, const Place& place) {
  return origin.edge + " " + place.epoch.hex().substr(31) + " " + std::string(to_string(place.stream));
}

/// Of one edge, by place.
RangesByPlace stored_events(Database& records, const Origin& origin) {
  RangesByPlace stored;
  for (const SqlRow& row : records.query("SELECT epoch, sequence FROM event_record WHERE edge = :p1", {origin.edge}))
    stored[{*Epoch::from_hex(row.text(0)), Stream::event}].add(static_cast<std::uint64_t>(row.integer(1)));
  return stored;
}

/// Samples of one edge as they can be read, each with its record; checked against what was sent.
RangesByPlace stored_samples(Stores& stores, const Origin& origin, const EdgeScript& script) {
  std::map<std::uint64_t, Epoch> epochs;  // by ordinal
  for (const auto& account : value_of(stores.telemetry->accounts(origin.edge))) epochs[account.ordinal] = account.epoch;
  std::map<RecordId, std::size_t> found;
  for (std::size_t point = 0; point < 3; ++point) {
    const auto page = stores.telemetry->query(
        {script.point(point), WallTime::min(), WallTime::max(), collector::kMaxTelemetryPage, ""});
    if (!page && page.error().code == Errc::not_found) continue;
    require(page.has_value(), page ? "" : page.error().message);
    require(page->losses.empty(), "a loss in the telemetry of " + script.point(point));
    for (const auto& sample : page->samples) {
      const RecordId id{{epochs.at(sample.ordinal), Stream::telemetry}, sample.sequence};
      require(sample.value == EdgeScript::value_of(sample.sequence, found[id]++), "a sample that was not sent");
    }
  }
  RangesByPlace stored;
  for (const auto& [id, count] : found) {
    require(count == script.records().at(id).samples, "not every sample of a record once");
    stored[id.place].add(id.sequence);
  }
  for (const auto& raw : value_of(stores.telemetry->raw(origin.edge, std::nullopt, std::nullopt, 1000))) {
    require(raw.record == script.records().at(raw.record.id), "a raw record that was not sent so");
    require(!found.contains(raw.record.id), "a record both raw and decoded");
    stored[raw.record.id.place].add(raw.record.id.sequence);
  }
  return stored;
}

void check_edge(Stores& stores, const Origin& origin, const EdgeScript& script, const Acknowledged& said) {
  RangesByPlace received = collector::load_ledger(stores.records->database(), origin.edge).data;
  for (auto& [place, ranges] : value_of(stores.telemetry->load_ranges(origin.edge))) received[place] = ranges;
  RangesByPlace stored = stored_events(stores.records->database(), origin);
  stored.merge(stored_samples(stores, origin, script));
  for (const auto* of : {&received, &stored})
    for (const auto& [place, ranges] : *of)
      require(at_or_empty(received, place) == at_or_empty(stored, place),
              name_of(origin, place) + ": received " + at_or_empty(received, place).str() + ", stored " +
                  at_or_empty(stored, place).str());
  if (const auto acknowledged = said.records.find(origin); acknowledged != said.records.end())
    for (const auto& [place, ranges] : acknowledged->second) {
      RangeSet missing = ranges;
      missing.remove(at_or_empty(stored, place));
      require(missing.empty(), name_of(origin, place) + ": acknowledged and gone: " + missing.str());
    }
}

/// Alerts, hazards and outbox follow from the stored transitions, in the same commit.
void check_alerts(Database& db, const Origin& origin, const EdgeScript& script) {
  std::map<AlertId, AlertTransition> newest;
  std::map<AlertId, Level> peaks;
  for (const auto& [place, ranges] : stored_events(db, origin))
    for (const auto& range : ranges.ranges())
      for (std::uint64_t sequence = range.first; sequence < range.last; ++sequence) {
        const Record& record = script.records().at({place, sequence});
        if (record.kind != Kind::alert) continue;
        const auto t = value_of(decode_alert(record.payload));
        if (newest[t.alert].version < t.version) newest[t.alert] = t;
        peaks[t.alert] = std::max(peaks[t.alert], t.level);
      }
  for (const auto& [id, t] : newest) {
    const auto has = [&](const char* sql) { return db.query(sql, {id.hex()}).at(0).integer(0); };
    const std::string which = "alert " + std::to_string(id.low) + ": ";
    require(has("SELECT max(version) FROM alert_entry WHERE alert = :p1") >= t.version, which + "a change is missing");
    const bool loud = peaks[id] >= Level::orange;
    require(has("SELECT count(*) FROM hazard_alert WHERE alert = :p1") == (loud ? 1 : 0),
            which + "no hazard of its own");
    require(loud == (has("SELECT count(*) FROM notification WHERE alert = :p1") > 0), which + "outbox");
  }
}

void check_acts(Database& db, const Acknowledged& said) {
  const std::map<std::string, std::string> proof{
      {"acknowledged", "SELECT 1 FROM alert WHERE ack_name IS NOT NULL"},
      {"reported", "SELECT 1 FROM hazard WHERE location = 'stairs'"},
      {"delivered", "SELECT 1 FROM notification WHERE state = 'delivered'"},
  };
  for (const std::string& act : said.acts)
    require(db.query(proof.at(act)).size() == 1, act + " once, and it is not there once");
}

}  // namespace

std::string fault_of_books(const std::string& directory, const Acknowledged& said,
                           const std::map<Origin, const EdgeScript*>& scripts) {
  try {
    auto stores = value_of(collector::open_stores(directory));
    check_integrity(directory + "/" + collector::kRecordsFile);
    check_integrity(directory + "/" + collector::kTelemetryFile);
    const StoreRef is = stores.identity.ref;
    require(value_of(stores.telemetry->identity()) == is, "the two databases name two stores");
    if (said.store) {
      require(is.id == said.store->id, "another store");
      require(said.new_generation || is.generation == said.store->generation, "another generation, for no reason");
    }
    for (const auto& [origin, script] : scripts) {
      check_edge(stores, origin, *script, said);
      check_alerts(stores.records->database(), origin, *script);
    }
    check_acts(stores.records->database(), said);
    return "";
  } catch (const std::exception& e) {
    return e.what();
  }
}

std::vector<std::string> facts_of(const std::string& directory) {
  auto stores = value_of(collector::open_stores(directory));
  std::vector<std::string> facts;
  const auto tell = [&](const std::string& what, const std::string& columns, const std::string& from) {
    for (const SqlRow& row :
         stores.records->database().query("SELECT DISTINCT " + columns + " FROM " + from + " ORDER BY " + columns)) {
      std::string fact = what;
      for (std::size_t i = 0; i <= static_cast<std::size_t>(std::ranges::count(columns, ',')); ++i)
        fact += " " + (row.null(i) ? "-" : row.text(i));
      facts.push_back(std::move(fact));
    }
  };
  tell("event", "edge, epoch, sequence, kind, quarantined, payload", "event_record");
  tell("received", "edge, epoch, stream, data, voided, lost, reach", "place");
  tell("definition", "hash", "definition");
  tell("point", "path, edge, present", "point");
  tell("loss", "edge, point, from_ms, to_ms, count, reason", "loss");
  tell("alert", "id, level, peak, rung, step, version, ack_name", "alert");
  tell("change of alert", "alert, what, level, version, epoch, actor",
       "alert_event WHERE what IN ('raised', 'upgraded', 'cleared', 'acknowledged')");
  tell("hazard", "asset, rule, location, state, level", "hazard");
  tell("notification", "alert, level, channel, state", "notification");
  for (const std::string edge : {"edge-a", "edge-b"}) {
    for (const auto& [place, ranges] : value_of(stores.telemetry->load_ranges(edge)))
      facts.push_back("telemetry of " + edge + " " + place.epoch.hex() + " " + ranges.str());
    for (const auto& account : value_of(stores.telemetry->accounts(edge)))
      facts.push_back("account of " + edge + " " + account.epoch.hex() + " " + std::to_string(account.ordinal) + " " +
                      std::to_string(account.samples) + " " + std::to_string(account.raw_samples));
  }
  for (const std::string point : {"site-1/d/p0", "site-1/d/p1", "site-1/d/p2", "site-2/d/p0", "site-2/d/p1"})
    for (const auto& newest : value_of(stores.telemetry->newest({point})))
      facts.push_back("newest of " + point + " " + (newest ? std::to_string(newest->sample.value) : "none"));
  return facts;
}

}  // namespace anlan::test
