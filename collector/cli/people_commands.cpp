#include "collector/cli/people_commands.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/cli/display.hpp"
#include "collector/cli/fields.hpp"
#include "collector/cli/table.hpp"
#include "common/io/http_target.hpp"

namespace anlan::collector::cli {
namespace {

namespace json = boost::json;

json::object object_of(const Query& members) {
  json::object body;
  for (const auto& [name, value] : members)
    if (!value.empty()) body[name] = value;
  return body;
}

std::string person_target(const std::string& id) { return "/api/v1/people/" + percent_encode(id); }

/// What stands there now, and its ETag.
Result<std::string> etag(Shell& shell, const std::string& target) {
  const auto answer = shell.client.get(target);
  if (!answer) return fail(answer.error());
  return std::string(answer->headers.get("ETag"));
}

/// The answer as JSON, or in one line; a secret that is shown once.
int told(Shell& shell, const Result<json::value>& answer, const std::string& what, const std::string& secret = "") {
  if (!answer) return failed(shell, answer.error());
  if (shell.json) {
    shell.out << json::serialize(*answer) << '\n';
    return 0;
  }
  shell.out << what << " " << field(*answer, "name") << field(*answer, "site") << "  " << field(*answer, "id") << '\n';
  if (!secret.empty()) shell.out << secret << ", shown this once: " << field(*answer, secret) << '\n';
  return 0;
}

int print_table(Shell& shell, const Result<Client::List>& list, std::vector<std::string> header,
                const std::vector<std::string>& members) {
  if (!list) return failed(shell, list.error());
  if (shell.json) {
    json::object body;
    body["items"] = list->items;
    body["more"] = list->more;
    shell.out << json::serialize(body) << '\n';
    return 0;
  }
  Table table(std::move(header));
  for (const json::value& item : list->items) {
    std::vector<std::string> row;
    for (const std::string& member : members) row.push_back(field(item, member));
    table.add(std::move(row));
  }
  shell.out << (table.size() == 0 ? "nothing found\n" : table.text());
  return 0;
}

}  // namespace

int list_roles(Shell& shell) {
  const auto table = shell.client.get_json("/api/v1/permissions");
  if (!table) return failed(shell, table.error());
  if (shell.json) {
    shell.out << json::serialize(*table) << '\n';
    return 0;
  }
  std::vector<std::string> header{"ACTION"};
  for (const json::value& column : elements(*table, "columns")) header.push_back(text_of(column));
  Table rows(header);
  for (const json::value& row : elements(*table, "items")) {
    std::vector<std::string> cells{field(row, "action")};
    for (std::size_t i = 1; i < header.size(); ++i) {
      const std::string scope = field(row, "scopes." + header[i]);
      cells.push_back(scope == "none" ? "-" : scope);
    }
    rows.add(std::move(cells));
  }
  shell.out << rows.text();
  return 0;
}

int list_users(Shell& shell, const std::string& text) {
  return print_table(
      shell, shell.client.list("/api/v1/people", {{"text", text}}, shell.limit),
      {"NAME", "STAFF NUMBER", "ROLE", "DUTY", "DISTRICT", "GRID", "COMPANY", "STATE", "CODES", "ID"},
      {"name", "staff_number", "role", "duty", "district", "grid", "company", "state", "second_factor", "id"});
}

int create_user(Shell& shell, const Query& members) {
  return told(shell, shell.client.post("/api/v1/people", object_of(members), ""), "made", "invitation");
}

int change_user(Shell& shell, const std::string& id, const Query& members, std::optional<bool> off) {
  const auto tag = etag(shell, person_target(id));
  if (!tag) return failed(shell, tag.error());
  json::object body = object_of(members);
  if (off) body["off"] = *off;
  return told(shell, shell.client.post(person_target(id), body, *tag), "changed");
}

int invite_user(Shell& shell, const std::string& id) {
  const auto tag = etag(shell, person_target(id));
  if (!tag) return failed(shell, tag.error());
  return told(shell, shell.client.post(person_target(id) + "/invitation", json::object{}, *tag), "invited",
              "invitation");
}

int list_clients(Shell& shell) {
  return print_table(shell, shell.client.list("/api/v1/clients", {}, shell.limit),
                     {"NAME", "DISTRICT", "GRID", "COMPANY", "WHOLE", "PER MINUTE", "OFF", "ID"},
                     {"name", "district", "grid", "company", "whole", "per_minute", "off", "id"});
}

int create_client(Shell& shell, const std::string& name, const std::vector<std::string>& actions, const Query& where) {
  json::object body = object_of(where);
  body["name"] = name;
  body["actions"] = json::array(actions.begin(), actions.end());
  if (object_of(where).empty()) body["whole"] = true;
  return told(shell, shell.client.post("/api/v1/clients", body, ""), "made", "secret");
}

int switch_client(Shell& shell, const std::string& id, bool off) {
  const auto list = shell.client.list("/api/v1/clients", {}, 100'000);
  if (!list) return failed(shell, list.error());
  for (const json::value& client : list->items)
    if (field(client, "id") == id)
      return told(shell,
                  shell.client.post("/api/v1/clients/" + percent_encode(id), json::object{{"off", off}},
                                    '"' + field(client, "version") + '"'),
                  off ? "switched off" : "switched on");
  return failed(shell, {Errc::not_found, "there is no client of this id"});
}

int place_site(Shell& shell, const std::string& site, const Query& where) {
  const std::string target = "/api/v1/places/" + percent_encode(site);
  const auto tag = etag(shell, target);
  if (!tag) return failed(shell, tag.error());
  return told(shell, shell.client.post(target, object_of(where), *tag), "placed");
}

int list_places(Shell& shell) {
  return print_table(shell, shell.client.list("/api/v1/places", {}, shell.limit),
                     {"SITE", "DISTRICT", "GRID", "COMPANY"}, {"site", "district", "grid", "company"});
}

}  // namespace anlan::collector::cli
