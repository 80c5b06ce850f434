// anlanctl: the collector's API from a shell. Declares what may be written on the command line; commands.hpp does it.
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "collector/cli/commands.hpp"
#include "collector/cli/people_commands.hpp"
#include "collector/cli/token_file.hpp"
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
  std::string name, staff_number, role, duty, district, grid, company, off;
  bool open = false;
};

/// Runs what was chosen.
using Command = std::function<int(Shell&)>;

void add_by(CLI::App* app, Words& w) {
  auto* by = app->add_option("--by", w.by.name, "who acts, where the collector is open; otherwise who has logged in");
  auto* role = app->add_option("--role", w.by.role, "in which role");
  by->needs(role);
  role->needs(by);
  role->check(CLI::IsMember({"SA", "CR", "DA", "EP", "EM"}));
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

void add_place(CLI::App* app, Words& w) {
  app->add_option("--district", w.district, "district");
  app->add_option("--grid", w.grid, "grid");
  app->add_option("--company", w.company, "company");
}

Query place_of(const Words& w) { return {{"district", w.district}, {"grid", w.grid}, {"company", w.company}}; }

Query person_of(const Words& w) {
  Query members = place_of(w);
  members.insert(members.end(),
                 {{"name", w.name}, {"staff_number", w.staff_number}, {"role", w.role}, {"duty", w.duty}});
  return members;
}

void add_person(CLI::App* app, Words& w) {
  app->add_option("--staff-number", w.staff_number, "staff number");
  app->add_option("--role", w.role, "SA, CR, DA, EP or EM")->check(CLI::IsMember({"SA", "CR", "DA", "EP", "EM"}));
  app->add_option("--duty", w.duty, "grid-officer (with DA) or rectifier (with EP)")
      ->check(CLI::IsMember({"none", "grid-officer", "rectifier"}));
  add_place(app, w);
}

void declare_account(CLI::App& app, Words& w, Command& chosen) {
  verb(&app, chosen, "login", "log in; the password is read from standard input",
       [&w](Shell& s) { return log_in(s, w.name); })
      ->add_option("--name", w.name, "your name")
      ->required();
  verb(&app, chosen, "join", "choose a password with an invitation; both are read from standard input",
       [&w](Shell& s) { return join(s, w.name); })
      ->add_option("--name", w.name, "your name")
      ->required();
  verb(&app, chosen, "logout", "end the session", [](Shell& s) { return log_out(s); });
  verb(&app, chosen, "whoami", "who you are and what you may do", [](Shell& s) { return who_am_i(s); });
  verb(&app, chosen, "password", "choose another password", [](Shell& s) { return change_password(s); });
  verb(&app, chosen, "second-factor", "set up one-time codes", [](Shell& s) { return second_factor(s); });
  verb(&app, chosen, "roles", "who may do what", [](Shell& s) { return list_roles(s); });
}

void declare_people(CLI::App& app, Words& w, Command& chosen) {
  CLI::App* users = group(app, "users", "accounts: list, create, change, invite");
  verb(users, chosen, "list", "all accounts", [&w](Shell& s) {
    return list_users(s, w.text);
  })->add_option("--text", w.text, "part of name or staff number");
  auto* create = verb(users, chosen, "create", "make an account; prints an invitation",
                      [&w](Shell& s) { return create_user(s, person_of(w)); });
  create->add_option("--name", w.name, "as it will stand in the history")->required();
  auto* change = verb(users, chosen, "change", "other rights or place, off or on again", [&w](Shell& s) {
    return change_user(s, w.id, person_of(w), w.off.empty() ? std::nullopt : std::optional(w.off == "yes"));
  });
  change->add_option("id", w.id, "its id")->required();
  change->add_option("--off", w.off, "yes or no")->check(CLI::IsMember({"yes", "no"}));
  for (CLI::App* one : {create, change}) add_person(one, w);
  verb(users, chosen, "invite", "a new invitation: password, codes and sessions are gone",
       [&w](Shell& s) { return invite_user(s, w.id); })
      ->add_option("id", w.id, "its id")
      ->required();
  CLI::App* clients = group(app, "clients", "programs of other systems: list, create, off, on");
  verb(clients, chosen, "list", "all programs", [](Shell& s) { return list_clients(s); });
  auto* made = verb(clients, chosen, "create", "make one; prints its secret. Without a place it reaches everything",
                    [&w](Shell& s) { return create_client(s, w.name, w.set, place_of(w)); });
  made->add_option("--name", w.name, "as it will stand in the history")->required();
  made->add_option("--may", w.set, "an action of `anlanctl roles`, column CL; several are possible")->required();
  add_place(made, w);
  for (const bool off : {true, false})
    verb(clients, chosen, off ? "off" : "on", off ? "its tokens end" : "let it in again",
         [&w, off](Shell& s) { return switch_client(s, w.id, off); })
        ->add_option("id", w.id, "its id")
        ->required();
  CLI::App* places = group(app, "places", "which site belongs where: list, put");
  verb(places, chosen, "list", "all places", [](Shell& s) { return list_places(s); });
  auto* put = verb(places, chosen, "put", "say where a site belongs",
                   [&w](Shell& s) { return place_site(s, w.site, place_of(w)); });
  put->add_option("site", w.site, "the site")->required();
  add_place(put, w);
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
  auto token = read_token();
  if (!token) {
    std::cerr << "anlanctl: " << token.error().message << '\n';
    return 1;
  }
  Client client(w.url, std::move(*token));
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
  declare_account(app, words, chosen);
  declare_people(app, words, chosen);
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
