// anlanctl: the collector's API from a shell. Declares what may be written on the command line; commands.hpp does it.
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "collector/cli/commands.hpp"
#include "common/io/http_target.hpp"

namespace {

using namespace anlan::collector::cli;

/// Everything that options write to.
struct Words {
  std::string url = "http://127.0.0.1:8080";
  bool json = false, no_colour = false;
  std::size_t limit = 1000;
  std::string id, action, note, reason, if_version, output, since, format = "csv";
  By by;
  std::string site, device, edge, point, text, state, level, source, asset, overdue, until, title, description,
      category, location;
  TelemetryWish wish;
  std::vector<std::string> set;
  bool open = false;
};

/// Runs what was chosen.
using Command = std::function<int(Shell&)>;

void add_by(CLI::App* app, Words& w) {
  app->add_option("--by", w.by.name, "who acts")->required();
  app->add_option("--role", w.by.role, "in which role")
      ->required()
      ->check(CLI::IsMember({"SA", "CR", "DA", "EP", "EM"}));
}

void add_version(CLI::App* app, Words& w) {
  app->add_option("--if-version", w.if_version, "only if it is still at this version (as `show` prints it)")
      ->check(CLI::NonNegativeNumber);
}

CLI::App* verb(CLI::App* group, Command& chosen, const std::string& name, const std::string& help, Command command) {
  CLI::App* app = group->add_subcommand(name, help);
  app->callback([&chosen, command = std::move(command)] { chosen = command; });
  return app;
}

CLI::App* group(CLI::App& app, const std::string& name, const std::string& help) {
  CLI::App* made = app.add_subcommand(name, help);
  made->require_subcommand(1);
  return made;
}

void declare_lists(CLI::App& app, Words& w, Command& chosen) {
  verb(&app, chosen, "status", "how things stand, on one screen", [](Shell& s) { return status(s); });
  verb(group(app, "sites", "sites that are watched"), chosen, "list", "all sites",
       [](Shell& s) { return list_sites(s); });
  auto* edges = verb(group(app, "edges", "edge daemons"), chosen, "list", "all edges",
                     [&w](Shell& s) { return list_edges(s, w.site); });
  edges->add_option("--site", w.site, "of one site");
  auto* points =
      verb(group(app, "points", "points and their newest values"), chosen, "list", "all points", [&w](Shell& s) {
        return list_points(
            s, {{"site", w.site}, {"device", w.device}, {"edge", w.edge}, {"text", w.text}, {"state", w.state}});
      });
  points->add_option("--site", w.site, "of one site");
  points->add_option("--device", w.device, "of one device");
  points->add_option("--edge", w.edge, "of one edge");
  points->add_option("--text", w.text, "part of path or name");
  points->add_option("--state", w.state, "whether the newest value can be trusted")
      ->check(CLI::IsMember({"fresh", "stale"}));
  auto* accounts = verb(&app, chosen, "accounts", "what is stored, missing and lost, by edge and epoch",
                        [&w](Shell& s) { return show_accounts(s, w.edge); });
  accounts->add_option("--edge", w.edge, "of one edge");
  auto* losses = verb(&app, chosen, "losses", "what edges say that they could not keep, newest first", [&w](Shell& s) {
    return list_losses(s, {{"site", w.site}, {"edge", w.edge}, {"point", w.point}});
  });
  losses->add_option("--site", w.site, "of one site");
  losses->add_option("--edge", w.edge, "of one edge");
  losses->add_option("--point", w.point, "of one point: site/device/point");
  auto* maintenance =
      verb(&app, chosen, "maintenance", "devices out of service by a technician's word, newest first",
           [&w](Shell& s) { return list_maintenance(s, {{"site", w.site}, {"open", w.open ? "true" : ""}}); });
  maintenance->add_option("--site", w.site, "of one site");
  maintenance->add_flag("--open", w.open, "only what is not over");
  verb(&app, chosen, "notifications", "what waits to be delivered", [](Shell& s) { return show_notifications(s); });
  auto* events = verb(&app, chosen, "events", "changes as they happen, until interrupted",
                      [&w](Shell& s) { return follow_events(s, w.since); });
  events->add_option("--since", w.since, "from after this event (its number)")->check(CLI::NonNegativeNumber);
}

void declare_alerts(CLI::App& app, Words& w, Command& chosen) {
  CLI::App* alerts = group(app, "alerts", "alerts: list, show, ack, reset");
  auto* list = verb(alerts, chosen, "list", "alerts, newest first", [&w](Shell& s) {
    return list_alerts(s, {{"state", w.state},
                           {"level", w.level},
                           {"site", w.site},
                           {"edge", w.edge},
                           {"source", w.source},
                           {"since", w.since},
                           {"until", w.until}});
  });
  list->add_option(
      "--state", w.state,
      "one or several, by commas: active-unacked,active-acked,latched,cleared-unacked,over,out-of-service");
  list->add_option("--level", w.level, "this level and above")
      ->check(CLI::IsMember({"blue", "yellow", "orange", "red"}));
  list->add_option("--site", w.site, "of one site");
  list->add_option("--edge", w.edge, "of one edge");
  list->add_option("--source", w.source, "beginning of the source: site/device");
  list->add_option("--since", w.since, "raised at or after (RFC 3339 or epoch milliseconds)");
  list->add_option("--until", w.until, "raised before");
  auto* show =
      verb(alerts, chosen, "show", "one alert with its history", [&w](Shell& s) { return show_alert(s, w.id); });
  show->add_option("id", w.id, "its id")->required();
  auto* ack = verb(alerts, chosen, "ack", "say that it was seen",
                   [&w](Shell& s) { return acknowledge_alert(s, w.id, w.by, w.note, w.if_version); });
  ack->add_option("id", w.id, "its id")->required();
  ack->add_option("--note", w.note, "what was found or done");
  add_by(ack, w);
  add_version(ack, w);
  auto* reset = verb(alerts, chosen, "reset", "order its edge to reset a latched red",
                     [&w](Shell& s) { return reset_alert(s, w.id, w.by, w.reason, w.if_version); });
  reset->add_option("id", w.id, "its id")->required();
  reset->add_option("--reason", w.reason, "why it is known to be safe")->required();
  add_by(reset, w);
  add_version(reset, w);
}

Query fields_of(const std::vector<std::string>& set) {
  Query fields;
  for (const std::string& one : set) fields.emplace_back(one.substr(0, one.find('=')), one.substr(one.find('=') + 1));
  return fields;
}

void declare_hazards(CLI::App& app, Words& w, Command& chosen) {
  CLI::App* hazards = group(app, "hazards", "hazards: list, show, report, act");
  auto* list = verb(hazards, chosen, "list", "hazards, newest first", [&w](Shell& s) {
    return list_hazards(
        s, {{"state", w.state}, {"site", w.site}, {"asset", w.asset}, {"overdue", w.overdue}, {"text", w.text}});
  });
  list->add_option("--state", w.state,
                   "one or several, by commas: reported,graded,dispatched,rectifying,awaiting,closed …");
  list->add_option("--site", w.site, "of one site");
  list->add_option("--asset", w.asset, "what is in danger");
  list->add_option("--overdue", w.overdue, "true or false")->check(CLI::IsMember({"true", "false"}));
  list->add_option("--text", w.text, "part of title, description, location, asset or id");
  auto* show = verb(hazards, chosen, "show", "one hazard with its history and what can be done",
                    [&w](Shell& s) { return show_hazard(s, w.id); });
  show->add_option("id", w.id, "its id")->required();
  auto* report = verb(hazards, chosen, "report", "report one", [&w](Shell& s) {
    return report_hazard(s, w.by,
                         {{"site", w.site},
                          {"asset", w.asset},
                          {"title", w.title},
                          {"description", w.description},
                          {"category", w.category},
                          {"location", w.location}});
  });
  add_by(report, w);
  report->add_option("--site", w.site, "where")->required();
  report->add_option("--description", w.description, "what was found")->required();
  report->add_option("--location", w.location, "where on the site (this or --category)");
  report->add_option("--category", w.category, "of what kind");
  report->add_option("--asset", w.asset, "what is in danger");
  report->add_option("--title", w.title, "in a few words");
  auto* act =
      verb(hazards, chosen, "act",
           "one step of its closed loop: grade, reject, merge, redispatch, start, progress, self-check, accept, fail, "
           "reopen",
           [&w](Shell& s) { return act_on_hazard(s, w.id, w.action, w.by, w.reason, fields_of(w.set), w.if_version); });
  act->add_option("id", w.id, "its id")->required();
  act->add_option("action", w.action, "the step; `show` tells which can be done")->required();
  act->add_option("--reason", w.reason, "why");
  act->add_option("--set", w.set, "what the step takes, for example --set grade=general")
      ->check([](const std::string& text) {
        return text.find('=') == text.npos || text.front() == '=' ? "write it as name=value: " + text : std::string();
      });
  add_by(act, w);
  add_version(act, w);
}

void declare_telemetry(CLI::App& app, Words& w, Command& chosen) {
  CLI::App* telemetry = group(app, "telemetry", "stored samples: get, export");
  auto* get = verb(telemetry, chosen, "get", "the samples of one point, as a table",
                   [&w](Shell& s) { return get_telemetry(s, w.wish); });
  get->add_option("--point", w.wish.point, "site/device/point")->required();
  auto* out = verb(telemetry, chosen, "export", "the samples of many points: time,point,value,quality",
                   [&w](Shell& s) { return export_telemetry(s, w.wish); });
  out->add_option("--point", w.wish.point, "which, with * and ? as in a shell: 'tj-bh-017/*/temperature'")->required();
  out->add_option("--format", w.format, "csv")->check(CLI::IsMember({"csv"}));
  out->add_option("--output", w.output, "a file instead of the standard output");
  for (CLI::App* one : {get, out}) {
    one->add_option("--from", w.wish.from, "not before (RFC 3339 or epoch milliseconds)");
    one->add_option("--to", w.wish.to, "before");
  }
}

int run(const Words& w, const Command& chosen) {
  std::ofstream file;
  if (!w.output.empty()) {
    file.open(w.output, std::ios::binary | std::ios::trunc);
    if (!file) {
      std::cerr << "anlanctl: cannot write " << w.output << '\n';
      return 1;
    }
  }
  Client client(w.url);
  const bool colour = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr && !w.no_colour;
  Shell shell{client, w.output.empty() ? std::cout : file, std::cerr, w.json, colour && w.output.empty(), w.limit};
  const int code = chosen(shell);
  shell.out.flush();
  return shell.out ? code : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Words words;
  Command chosen;
  CLI::App app("anlanctl: looks at and acts on what an Anlan collector knows", "anlanctl");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", ANLAN_VERSION);
  app.add_option("--url", words.url, "where the collector's API is")->envname("ANLAN_URL")->capture_default_str();
  app.add_flag("--json", words.json, "answers as JSON, for programs");
  app.add_flag("--no-colour", words.no_colour, "no colours (as with NO_COLOR set)");
  app.add_option("--limit", words.limit, "at most so many items of a list")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  declare_lists(app, words, chosen);
  declare_alerts(app, words, chosen);
  declare_hazards(app, words, chosen);
  declare_telemetry(app, words, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (const auto url = anlan::split_url(words.url); !url) {
    std::cerr << "anlanctl: --url (or ANLAN_URL): " << url.error().message << '\n';
    return 2;
  }
  return run(words, chosen);
}
