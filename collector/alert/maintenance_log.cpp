#include "collector/alert/maintenance_log.hpp"

#include <charconv>

#include <boost/json.hpp>

#include "collector/audit/audit_log.hpp"
#include "collector/store/changes.hpp"
#include "common/base/log.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

namespace json = boost::json;

namespace {

constexpr const char* kColumns =
    "number, id, edge, site, device, person, reason, since_ms, until_ms, ended_ms, ended_by";

struct Numbered {
  std::int64_t number = 0;
  MaintenanceRow row;
};

Numbered read(const SqlRow& sql_row) {
  SqlReader in(sql_row);
  Numbered out;
  auto& row = out.row;
  out.number = in.integer();
  row.window.id = in.id<MaintenanceId>();
  row.origin.edge = in.text();
  row.origin.site = in.text();
  row.device = in.text();
  row.window.by = in.text();
  row.window.reason = in.text();
  row.window.since = in.time();
  row.window.until = in.time();
  row.window.ended = in.maybe_time();
  row.ended_by = in.maybe_text().value_or("");
  return out;
}

std::vector<Numbered> select(Database& database, const SqlWhere& where, const std::string& rest = {}) {
  std::vector<Numbered> out;
  for (const auto& row :
       database.query("SELECT " + std::string(kColumns) + " FROM maintenance" + where.text() + rest, where.values()))
    out.push_back(read(row));
  return out;
}

SqlWhere by_id(const MaintenanceId& id) {
  SqlWhere where;
  where.add("id = ?", {sql(id.hex())});
  return where;
}

/// Empty where it is none: a page's cursor is the number of its last row.
std::optional<std::int64_t> number_of(const std::string& cursor) {
  std::int64_t number = 0;
  const auto* end = cursor.data() + cursor.size();
  const auto parsed = std::from_chars(cursor.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end || number < 1) return std::nullopt;
  return number;
}

}  // namespace

json::object to_json(const MaintenanceRow& row, WallTime now) {
  const MaintenanceWindow& window = row.window;
  return {{"id", window.id.hex()},
          {"edge", row.origin.edge},
          {"site", row.origin.site},
          {"device", row.device},
          {"by", window.by},
          {"reason", window.reason},
          {"since", to_rfc3339(window.since)},
          {"until", to_rfc3339(window.until)},
          {"ended", window.ended ? json::value(to_rfc3339(*window.ended)) : json::value(nullptr)},
          {"ended_by", row.ended_by.empty() ? json::value(nullptr) : json::value(row.ended_by)},
          {"open", row.open(now)}};
}

bool note_maintenance(Database& database, const EdgeRef& edge, const EdgeEvent& event, WallTime now) {
  if (!event.maintenance) return true;
  const MaintenanceWindow& window = *event.maintenance;
  if (!event.subject.starts_with(edge.site + "/")) {
    log::warning("alert", "a maintenance of another site's device is ignored",
                 {{"edge", edge.edge}, {"device", event.subject}});
    return false;
  }
  const auto known = select(database, by_id(window.id));
  if (!known.empty() && (known.front().row.window.ended || !window.ended)) return true;  // nothing new
  if (known.empty())
    insert_row(database, "maintenance",
               {{"number", next_number(database, "maintenance")},
                {"id", sql(window.id.hex())},
                {"edge", sql(edge.edge)},
                {"site", sql(edge.site)},
                {"device", sql(event.subject)},
                {"person", sql(window.by)},
                {"reason", sql(window.reason)},
                {"since_ms", sql(window.since)},
                {"until_ms", sql(window.until)}});
  if (window.ended)
    update_row(database, "maintenance", {"id", sql(window.id.hex())},
               {{"ended_ms", sql(*window.ended)}, {"ended_by", sql(event.actor)}});
  Deed deed{now,
            {window.by, Role::EP},
            window.ended ? "maintenance.ended" : "maintenance.begun",
            "maintenance/" + window.id.hex(),
            window.reason,
            {{"edge", edge.edge},
             {"device", event.subject},
             {"since", to_rfc3339(window.since)},
             {"until", to_rfc3339(window.until)}}};
  if (window.ended) {
    deed.actor = event.actor.empty() ? system_actor() : Actor{event.actor, Role::EP};
    deed.data["ended"] = to_rfc3339(*window.ended);
    deed.data["by"] = window.by;
  }
  audit::append(database, deed);
  changes::append(database, now, "maintenance", window.id.hex(),
                  json::serialize(to_json(select(database, by_id(window.id)).at(0).row, now)));
  return true;
}

Result<Page<MaintenanceRow>> list_maintenance(Database& database, const MaintenanceFilter& filter, WallTime now) {
  if (filter.limit < 1 || filter.limit > kMaxPage)
    return fail(Errc::invalid_argument,
                "limit " + std::to_string(filter.limit) + " is not in 1 to " + std::to_string(kMaxPage));
  SqlWhere where;
  if (!filter.site.empty()) where.add("site = ?", {sql(filter.site)});
  where.add(filter.only);
  if (!filter.edge.empty()) where.add("edge = ?", {sql(filter.edge)});
  if (!filter.device.empty()) where.add("device = ?", {sql(filter.device)});
  if (filter.open)
    where.add(*filter.open ? "ended_ms IS NULL AND until_ms > ?" : "(ended_ms IS NOT NULL OR until_ms <= ?)",
              {sql(now)});
  if (!filter.cursor.empty()) {
    const auto below = number_of(filter.cursor);
    if (!below)
      return fail(Errc::invalid_argument, "cursor \"" + filter.cursor + "\" is not one that a page gave as `next`");
    where.add("number < ?", {sql(*below)});
  }
  auto found = select(database, where, " ORDER BY number DESC LIMIT " + std::to_string(filter.limit + 1));
  Page<MaintenanceRow> page;
  if (found.size() > static_cast<std::size_t>(filter.limit)) {
    found.pop_back();
    page.next = std::to_string(found.back().number);
  }
  for (auto& each : found) page.items.push_back(std::move(each.row));
  return page;
}

}  // namespace anlan::collector
