#include "collector/people/client_desk.hpp"

#include <algorithm>
#include <sstream>

#include "collector/people/people_desk.hpp"
#include "collector/people/secrets.hpp"
#include "collector/people/session_rows.hpp"
#include "common/io/http_target.hpp"
#include "common/io/random.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : " ") + part;
  return all;
}

std::vector<Client> select(Database& database, const SqlWhere& where, int limit) {
  std::vector<Client> clients;
  for (const SqlRow& row : database.query(
           "SELECT id, number, version, name, secret_hash, actions, district, grid, company, whole, per_minute, state, "
           "created_ms, changed_ms FROM api_client" +
               where.text() + " ORDER BY number LIMIT " + std::to_string(limit),
           where.values())) {
    SqlReader in(row);
    Client client;
    client.id = in.id<ClientId>();
    client.number = in.integer();
    client.version = in.integer();
    client.name = in.text();
    client.secret_hash = in.text();
    client.actions = words(in.text());
    client.territory.district = in.text();
    client.territory.grid = in.text();
    client.territory.company = in.text();
    client.territory.whole = in.flag();
    client.per_minute = static_cast<int>(in.integer());
    client.off = in.text() == "off";
    client.created_at = in.time();
    client.changed_at = in.time();
    clients.push_back(std::move(client));
  }
  return clients;
}

bool grantable(const std::string& action) {
  const auto row = find_permission(action);
  return row && kPermissions[*row].scopes[static_cast<std::size_t>(Capacity::CL)] == Scope::granted;
}

std::string fault_of(const Client& wish) {
  if (person_key(wish.name).empty() || wish.name.size() > 100 || !plain_text(wish.name))
    return "name is missing, longer than 100 bytes or no plain text";
  if (wish.actions.empty()) return "actions are missing: say what it may do";
  for (const std::string& action : wish.actions)
    if (!grantable(action)) return "actions hold \"" + action + "\", which is granted to no program";
  const Territory& where = wish.territory;
  const int places = (where.whole ? 1 : 0) + (where.district.empty() ? 0 : 1) + (where.grid.empty() ? 0 : 1) +
                     (where.company.empty() ? 0 : 1);
  if (places != 1) return "exactly one of district, grid, company and whole (true) says how far it reaches";
  if (wish.per_minute < 1 || wish.per_minute > 60'000) return "per_minute is not in 1 to 60000";
  return {};
}

}  // namespace

std::vector<Client> list_clients(Database& database, std::int64_t after, int limit) {
  SqlWhere where;
  where.add("number > ?", {sql(after)});
  return select(database, where, limit);
}

std::optional<Client> find_client(Database& database, const ClientId& id) {
  SqlWhere where;
  where.add("id = ?", {sql(id.hex())});
  auto found = select(database, where, 1);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<std::string> chosen_actions(const Client& client, const std::string& wanted) {
  const auto chosen = words(wanted);
  for (const std::string& action : chosen)
    if (std::ranges::find(client.actions, action) == client.actions.end()) return std::nullopt;
  return joined(chosen.empty() ? client.actions : chosen);
}

Subject subject_of(const Client& client, const std::string& actions) {
  Subject subject;
  subject.kind = Subject::Kind::client;
  subject.id = client.id.hex();
  subject.name = client.name;
  subject.capacity = Capacity::CL;
  subject.territory = client.territory;
  subject.actions = words(actions);
  return subject;
}

Result<ClientDesk::Made> ClientDesk::create(Database& database, Client wish, const Actor& actor, WallTime now) {
  if (const std::string fault = fault_of(wish); !fault.empty()) return fail(Errc::invalid_argument, fault);
  if (name_taken(database, wish.name)) return fail(Errc::refused, "the name " + wish.name + " is taken");
  Made made{std::move(wish), random_token()};
  Client& client = made.client;
  client.id = random_id<ClientId>();
  client.number = next_number(database, "api_client");
  client.version = 1;
  client.off = false;
  client.created_at = client.changed_at = now;
  client.secret_hash = fingerprint(made.secret);
  insert_row(database, "api_client",
             {{"id", sql(client.id.hex())},
              {"number", sql(client.number)},
              {"version", sql(client.version)},
              {"name", sql(client.name)},
              {"name_key", sql(person_key(client.name))},
              {"secret_hash", sql(client.secret_hash)},
              {"actions", sql(joined(client.actions))},
              {"district", sql(client.territory.district)},
              {"grid", sql(client.territory.grid)},
              {"company", sql(client.territory.company)},
              {"whole", sql(client.territory.whole ? 1 : 0)},
              {"per_minute", sql(client.per_minute)},
              {"state", sql("on")},
              {"created_ms", sql(now)},
              {"changed_ms", sql(now)}});
  journal_(database,
           {"client.created", "client/" + client.id.hex(), actor, client.name + ": " + joined(client.actions), now});
  return made;
}

Result<Client> ClientDesk::switch_off(Database& database, const ClientId& id, std::int64_t version, bool off,
                                      const Actor& actor, WallTime now) {
  auto client = find_client(database, id);
  if (!client) return fail(Errc::not_found, "there is no client of this id");
  if (client->version != version)
    return fail(Errc::conflict, "this client was changed meanwhile: version " + std::to_string(client->version));
  ++client->version;
  client->off = off;
  client->changed_at = now;
  update_row(database, "api_client", {"id", sql(id.hex())},
             {{"version", sql(client->version)}, {"state", sql(off ? "off" : "on")}, {"changed_ms", sql(now)}});
  if (off) end_sessions_of(database, id.hex());
  journal_(database, {"client.changed", "client/" + id.hex(), actor, client->name + (off ? " off" : " on"), now});
  return std::move(*client);
}

}  // namespace anlan::collector
