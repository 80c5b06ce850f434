#include <functional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/cli/commands.hpp"
#include "collector/cli/display.hpp"
#include "collector/cli/fields.hpp"
#include "collector/cli/table.hpp"
#include "common/io/http_target.hpp"

namespace anlan::collector::cli {
namespace {

namespace json = boost::json;

using Row = std::function<std::vector<std::string>(const json::value&)>;

/// A list as a table (or as JSON), and a word where it is longer or empty.
int print_list(Shell& shell, const Result<Client::List>& list, std::vector<std::string> header, const Row& row) {
  if (!list) return failed(shell, list.error());
  if (shell.json) {
    json::object body;
    body["items"] = list->items;
    body["more"] = list->more;
    shell.out << json::serialize(body) << '\n';
    return 0;
  }
  Table table(std::move(header));
  for (const json::value& item : list->items) table.add(row(item));
  if (table.size() == 0)
    shell.out << "nothing found\n";
  else
    shell.out << table.text();
  if (list->more) shell.err << "there are more than " << shell.limit << "; ask for more with --limit\n";
  return 0;
}

int print_list(Shell& shell, const std::string& path, const Query& query, std::vector<std::string> header,
               const Row& row) {
  return print_list(shell, shell.client.list(path, query, shell.limit), std::move(header), row);
}

std::string time(const json::value& item, std::string_view path) { return local_time(field(item, path)); }

std::string level(const Shell& shell, const json::value& item, std::string_view path) {
  const std::string name = field(item, path);
  return painted(level_text(name), name, shell.colour);
}

/// Records without a receipt, when the edge spoke of them last: what is not said is not none.
std::string waiting_text(const json::value& edge) {
  const json::value* waiting = member(edge, "waiting");
  if (waiting == nullptr || !waiting->is_object()) return "unknown";
  double records = 0;
  for (const char* path : {"urgent.records", "live.records", "backlog.records"})
    if (const json::value* count = member(*waiting, path); count != nullptr && count->is_number())
      records += count->to_number<double>();
  return text_of(json::value(records));
}

std::string value_text(const json::value& point) {
  const json::value* newest = member(point, "newest");
  if (newest == nullptr || newest->is_null()) return "";
  const std::string value = measured(point, "newest.value", "unit");
  return value.empty() ? "no value" : value;
}

}  // namespace

int failed(Shell& shell, const Error& error) {
  shell.err << "anlanctl: " << printable(error.message) << '\n';
  return 1;
}

int list_sites(Shell& shell) {
  return print_list(shell, "/api/v1/sites", {}, {"SITE", "EDGES", "POINTS", "LAST HEARD"}, [](const json::value& site) {
    return std::vector{field(site, "id"), field(site, "edges"), field(site, "points"), time(site, "last_heard")};
  });
}

int list_edges(Shell& shell, const std::string& site) {
  return print_list(shell, "/api/v1/edges", {{"site", site}},
                    {"EDGE", "SITE", "ONLINE", "LAST HEARD", "CLOCK", "POINTS", "WAITING", "OLDEST", "VERSION"},
                    [](const json::value& edge) {
                      return std::vector{
                          field(edge, "id"),        field(edge, "site"),          field(edge, "online"),
                          time(edge, "last_heard"), field(edge, "clock"),         field(edge, "points"),
                          waiting_text(edge),       time(edge, "waiting.oldest"), field(edge, "version")};
                    });
}

int list_points(Shell& shell, const Query& filter) {
  return print_list(shell, "/api/v1/points", filter, {"POINT", "NAME", "VALUE", "QUALITY", "TIME", "STALE"},
                    [](const json::value& point) {
                      return std::vector{field(point, "path"),       field(point, "name"),
                                         value_text(point),          field(point, "newest.quality"),
                                         time(point, "newest.time"), field(point, "stale_because")};
                    });
}

int show_accounts(Shell& shell, const std::string& edge) {
  return print_list(shell, "/api/v1/accounts", {{"edge", edge}},
                    {"EDGE", "EPOCH", "EVENTS STORED", "MISSING", "LOST", "RECORDS STORED", "MISSING", "LOST",
                     "SAMPLES", "UNDECODED"},
                    [](const json::value& a) {
                      return std::vector{field(a, "edge"),
                                         field(a, "epoch"),
                                         field(a, "event.stored"),
                                         field(a, "event.missing"),
                                         field(a, "event.lost"),
                                         field(a, "telemetry.stored"),
                                         field(a, "telemetry.missing"),
                                         field(a, "telemetry.lost"),
                                         field(a, "samples"),
                                         field(a, "undecoded_samples")};
                    });
}

int show_notifications(Shell& shell) {
  return print_list(shell, shell.client.whole_list("/api/v1/notifications"), {"CHANNEL", "WAITING", "OLDEST"},
                    [](const json::value& channel) {
                      return std::vector{field(channel, "channel"), field(channel, "waiting"), time(channel, "oldest")};
                    });
}

int list_losses(Shell& shell, const Query& filter) {
  return print_list(shell, "/api/v1/losses", filter,
                    {"EDGE", "POINT", "FROM", "TO", "SAMPLES", "RECORDS", "REASON", "HEARD"},
                    [](const json::value& loss) {
                      const std::string point = field(loss, "point"), count = field(loss, "count");
                      return std::vector{field(loss, "edge"),
                                         point.empty() ? "not known" : point,
                                         time(loss, "from"),
                                         time(loss, "to"),
                                         count.empty() ? "not known" : count,
                                         field(loss, "records"),
                                         field(loss, "reason"),
                                         time(loss, "heard_at")};
                    });
}

int list_maintenance(Shell& shell, const Query& filter) {
  return print_list(shell, "/api/v1/maintenance", filter,
                    {"DEVICE", "BY", "SINCE", "UNTIL", "ENDED", "ENDED BY", "REASON"}, [](const json::value& window) {
                      return std::vector{field(window, "device"), field(window, "by"),   time(window, "since"),
                                         time(window, "until"),   time(window, "ended"), field(window, "ended_by"),
                                         field(window, "reason")};
                    });
}

int list_alerts(Shell& shell, const Query& filter) {
  return print_list(shell, "/api/v1/alerts", filter,
                    {"LEVEL", "STATE", "RAISED", "SOURCE", "RULE", "NAME", "ACKNOWLEDGED BY", "ID"},
                    [&shell](const json::value& alert) {
                      return std::vector{level(shell, alert, "level"),
                                         field(alert, "state") + (field(alert, "uncertain") == "yes" ? "?" : ""),
                                         time(alert, "raised_at"),
                                         field(alert, "source"),
                                         field(alert, "rule"),
                                         field(alert, "name"),
                                         field(alert, "acknowledged.by"),
                                         field(alert, "id")};
                    });
}

int list_hazards(Shell& shell, const Query& filter) {
  return print_list(shell, "/api/v1/hazards", filter,
                    {"STATE", "GRADE", "LEVEL", "SITE", "TITLE", "RESPONSIBLE", "DEADLINE", "OVERDUE", "ID"},
                    [&shell](const json::value& hazard) {
                      return std::vector{
                          field(hazard, "state"),   field(hazard, "grade"),   level(shell, hazard, "level"),
                          field(hazard, "site"),    field(hazard, "title"),   field(hazard, "responsible"),
                          time(hazard, "deadline"), field(hazard, "overdue"), field(hazard, "id")};
                    });
}

int status(Shell& shell) {
  const auto health = shell.client.get_json("/healthz");
  if (!health) return failed(shell, health.error());
  const auto edges = shell.client.list("/api/v1/edges", {}, 100'000);
  if (!edges) return failed(shell, edges.error());
  const auto alerts = shell.client.list("/api/v1/alerts", {{"state", "active-unacked,active-acked,latched"}}, 100'000);
  if (!alerts) return failed(shell, alerts.error());
  const auto hazards = shell.client.list(
      "/api/v1/hazards",
      {{"state", "reported,graded,dispatched,rectifying,self-checked,awaiting,reopened,disputed,third-party"}},
      100'000);
  if (!hazards) return failed(shell, hazards.error());
  const auto count = [](const json::array& items, std::string_view path, std::string_view wanted) {
    return std::ranges::count_if(items, [&](const json::value& item) { return field(item, path) == wanted; });
  };
  const auto online = count(edges->items, "online", "yes");
  if (shell.json) {
    json::object body{{"collector", *health},
                      {"edges", edges->items.size()},
                      {"edges_online", online},
                      {"hazards_open", hazards->items.size()}};
    json::object& levels = body["alerts_active"].emplace_object();
    for (const char* name : {"red", "orange", "yellow", "blue"}) levels[name] = count(alerts->items, "level", name);
    body["hazards_overdue"] = count(hazards->items, "overdue", "yes");
    shell.out << json::serialize(body) << '\n';
    return 0;
  }
  shell.out << "collector  " << shell.client.url() << ", version " << field(*health, "version") << ", "
            << time(*health, "time") << '\n'
            << "edges      " << edges->items.size() << ", " << online << " online\n"
            << "alerts     " << alerts->items.size() << " active\n";
  for (const char* name : {"red", "orange", "yellow", "blue"})
    if (const auto n = count(alerts->items, "level", name); n > 0)
      shell.out << "           " << painted(level_text(name), name, shell.colour) << ": " << n << '\n';
  shell.out << "hazards    " << hazards->items.size() << " open, " << count(hazards->items, "overdue", "yes")
            << " overdue\n";
  return 0;
}

}  // namespace anlan::collector::cli
