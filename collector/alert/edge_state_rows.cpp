// AlertRows' half that keeps episode.hpp's value: entries per (alert, epoch), listings per edge, contacts.
#include <boost/json.hpp>

#include "collector/alert/alert_rows.hpp"
#include "collector/alert/transition_json.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

namespace json = boost::json;

namespace {

json::array ids(const std::set<AlertId>& alerts) {
  json::array out;
  for (const auto& id : alerts) out.push_back(json::string(id.hex()));
  return out;
}

std::set<AlertId> ids(const json::value& value) {
  std::set<AlertId> out;
  for (const auto& item : value.as_array()) out.insert(SqlReader::as_id<AlertId>(item.as_string()));
  return out;
}

/// {"listed": {epoch: [hello number, [alerts]]}, "at": ms, "ends": {epoch: end}, "alerts": […]}
std::string listings_text(const EdgeAlerts& alerts) {
  json::object listed, ends;
  for (const auto& [epoch, listing] : alerts.listed)
    listed[epoch.hex()] = json::array{listing.number, ids(listing.alerts)};
  for (const auto& [epoch, end] : alerts.last.ends) ends[epoch.hex()] = end;
  return json::serialize(json::object{
      {"listed", listed}, {"at", to_ms(alerts.last.at)}, {"ends", ends}, {"alerts", ids(alerts.last.alerts)}});
}

void read_listings(const std::string& text, EdgeAlerts& alerts) {
  try {
    const auto value = json::parse(text);
    const auto& object = value.as_object();
    for (const auto& [epoch, listing] : object.at("listed").as_object())
      alerts.listed[SqlReader::as_id<Epoch>(epoch)] = {listing.as_array().at(0).to_number<std::uint64_t>(),
                                                       ids(listing.as_array().at(1))};
    for (const auto& [epoch, end] : object.at("ends").as_object())
      alerts.last.ends[SqlReader::as_id<Epoch>(epoch)] = end.to_number<std::uint64_t>();
    alerts.last.at = wall_from_ms(object.at("at").to_number<std::int64_t>());
    alerts.last.alerts = ids(object.at("alerts"));
  } catch (const DatabaseError&) {
    throw;
  } catch (const std::exception& e) {
    throw DatabaseError(Errc::storage_corrupt, std::string("stored alert listings do not parse: ") + e.what());
  }
}

bool same(const Entry& a, const Entry& b) { return a.version == b.version && a.state == b.state; }

const Entry* entry_of(const EdgeAlerts& alerts, const AlertId& id, const Epoch& epoch) {
  const auto episode = alerts.episodes.find(id);
  if (episode == alerts.episodes.end()) return nullptr;
  const auto entry = episode->second.entries.find(epoch);
  return entry == episode->second.entries.end() ? nullptr : &entry->second;
}

}  // namespace

void AlertRows::load_episode(const AlertId& id, EdgeAlerts& alerts) const {
  if (alerts.episodes.contains(id)) return;
  const auto rows = database_.query("SELECT peak, rung FROM alert WHERE id = :p1", {sql(id.hex())});
  if (rows.empty()) return;
  auto& episode = alerts.episodes[id];
  episode.peak = static_cast<Level>(rows.front().integer(0));
  episode.rung = static_cast<std::uint8_t>(rows.front().integer(1));
  for (const auto& row : database_.query("SELECT epoch, version, state, transition FROM alert_entry WHERE alert = :p1",
                                         {sql(id.hex())})) {
    SqlReader in(row);
    const auto epoch = in.id<Epoch>();
    Entry entry;
    entry.version = static_cast<std::uint32_t>(in.integer());
    entry.state = static_cast<EntryState>(in.integer());
    auto transition = parse_transition(in.text());
    if (!transition) throw DatabaseError(transition.error().code, transition.error().message);
    entry.newest = std::move(*transition);
    episode.entries.emplace(epoch, std::move(entry));
  }
}

EdgeAlerts AlertRows::load_one(const AlertId& id) const {
  EdgeAlerts alerts;
  load_episode(id, alerts);
  return alerts;
}

EdgeAlerts AlertRows::load(const std::string& edge, const std::vector<AlertId>& named, Scope scope) const {
  EdgeAlerts alerts;
  for (const auto& row :
       database_.query("SELECT hellos, unclear, listings FROM edge_alert_state WHERE edge = :p1", {sql(edge)})) {
    SqlReader in(row);
    alerts.hellos = static_cast<std::uint64_t>(in.integer());
    alerts.unclear = in.flag();
    read_listings(in.text(), alerts);
  }
  for (const auto& id : named) load_episode(id, alerts);
  if (scope == Scope::open)
    for (const auto& row :
         database_.query("SELECT id FROM alert WHERE edge = :p1 AND is_open = 1 AND technical = 0", {sql(edge)}))
      load_episode(SqlReader(row).id<AlertId>(), alerts);
  return alerts;
}

void AlertRows::save_entries(const EdgeAlerts& before, const EdgeAlerts& after) {
  for (const auto& [id, episode] : after.episodes)
    for (const auto& [epoch, entry] : episode.entries) {
      const auto* old = entry_of(before, id, epoch);
      if (old && same(*old, entry)) continue;
      insert_row(database_, "alert_entry",
                 {{"alert", sql(id.hex())},
                  {"epoch", sql(epoch.hex())},
                  {"version", sql(entry.version)},
                  {"state", sql(static_cast<int>(entry.state))},
                  {"transition", sql(transition_text(entry.newest))}},
                 "ON CONFLICT (alert, epoch) DO UPDATE SET version = excluded.version, state = excluded.state, "
                 "transition = excluded.transition");
    }
}

void AlertRows::save_state(const EdgeRef& edge, const EdgeAlerts& alerts) {
  insert_row(database_, "edge_alert_state",
             {{"edge", sql(edge.edge)},
              {"site", sql(edge.site)},
              {"hellos", sql(alerts.hellos)},
              {"unclear", sql(alerts.unclear)},
              {"listings", sql(listings_text(alerts))}},
             "ON CONFLICT (edge) DO UPDATE SET site = excluded.site, hellos = excluded.hellos, "
             "unclear = excluded.unclear, listings = excluded.listings");
}

void AlertRows::save_contact(const EdgeRef& edge, WallTime heard) {
  insert_row(database_, "edge_contact", {{"edge", sql(edge.edge)}, {"site", sql(edge.site)}, {"heard_at", sql(heard)}},
             "ON CONFLICT (edge) DO UPDATE SET site = excluded.site, heard_at = excluded.heard_at");
}

std::vector<EdgeRef> AlertRows::contacts() const {
  std::vector<EdgeRef> out;
  for (const auto& row : database_.query("SELECT edge, site FROM edge_contact ORDER BY edge"))
    out.push_back({row.text(0), row.text(1)});
  return out;
}

std::vector<EdgeRef> AlertRows::silent() const {
  std::vector<EdgeRef> out;
  for (const auto& row :
       database_.query("SELECT DISTINCT edge, site FROM alert WHERE rule = 'edge-silent' AND technical = 1 "
                       "AND is_open = 1 AND state <> 'cleared-unacked'"))
    out.push_back({row.text(0), row.text(1)});
  return out;
}

}  // namespace anlan::collector
