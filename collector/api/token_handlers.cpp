// Tokens that are no person's session: of programs (OAuth 2.0 client credentials, RFC 6749 section 4.4), and of an
// inspector for one hazard.
#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/api/handlers.hpp"
#include "collector/api/people_change.hpp"
#include "collector/api/people_json.hpp"
#include "collector/hazard/hazard_reader.hpp"
#include "collector/people/secrets.hpp"
#include "collector/people/verification.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr int kMostClients = 500;

/// RFC 6749 section 5.2.
HttpResponse token_error(int status, std::string_view code, std::string_view description) {
  HttpResponse response = json_response(json::object{{"error", code}, {"error_description", description}}, status);
  if (status == 401) response.headers.set("WWW-Authenticate", "Basic realm=\"anlan\"");
  return response;
}

struct TokenWish {
  std::string id, secret, grant, scope;
};

/// application/x-www-form-urlencoded, and HTTP's Basic scheme for id and secret. nullopt: neither.
std::optional<TokenWish> read_token_wish(const HttpRequest& request) {
  std::string_view type = request.headers.get("Content-Type");
  if (type.substr(0, type.find_first_of("; ")) != "application/x-www-form-urlencoded") return std::nullopt;
  std::string query = "/?";
  for (const char c : request.body) query += c == '+' ? std::string("%20") : std::string(1, c);
  const auto target = parse_target(query);
  if (!target) return std::nullopt;
  TokenWish wish;
  for (const auto& [name, value] : target->query) {
    std::string* place = name == "client_id"       ? &wish.id
                         : name == "client_secret" ? &wish.secret
                         : name == "grant_type"    ? &wish.grant
                         : name == "scope"         ? &wish.scope
                                                   : nullptr;
    if (place == nullptr) continue;            // unknown parameters are ignored: section 3.2
    if (!place->empty()) return std::nullopt;  // none may stand twice
    *place = value;
  }
  const std::string_view header = request.headers.get("Authorization");
  if (!header.starts_with("Basic ")) return wish;
  const auto pair = from_base64(header.substr(6));
  if (!pair || pair->find(':') == std::string::npos || !wish.secret.empty()) return std::nullopt;
  wish.id = pair->substr(0, pair->find(':'));
  wish.secret = pair->substr(pair->find(':') + 1);
  return wish;
}

KeptAnswer answer_of(const Client& client, int status) {
  return {status, etag_of(client.version), "", json::serialize(to_json(client))};
}

}  // namespace

asio::awaitable<Answer> give_client_token(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto wait = context.rates.take("log-in " + context.caller.address, context.parts.gate.policy().log_ins,
                                       context.parts.clock.mono());
  if (wait) co_return refuse(too_many(*wait));
  const auto wish = read_token_wish(request.http);
  if (!wish)
    co_return token_error(400, "invalid_request", "a form with grant_type, and client_id and client_secret once");
  if (wish->grant != "client_credentials")
    co_return token_error(400, "unsupported_grant_type", "grant_type is client_credentials here");
  const auto given = co_await context.parts.gate.client_token(wish->id, wish->secret, wish->scope);
  if (!given) co_return refuse(given.error());
  if (!*given) co_return token_error(401, "invalid_client", "this client is not known, is off, or has another secret");
  if ((*given)->scope_refused) co_return token_error(400, "invalid_scope", "more was asked for than was granted");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>((*given)->lasts).count();
  HttpResponse response = json_response(json::object{{"access_token", (*given)->token},
                                                     {"token_type", "Bearer"},
                                                     {"expires_in", seconds},
                                                     {"scope", (*given)->actions}});
  response.headers.set("Pragma", "no-cache");
  co_return response;
}

asio::awaitable<Answer> list_clients(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  const auto wish = read_page(request, query, kMostClients);
  if (!wish) co_return refuse(wish.error());
  std::int64_t after = 0;
  std::from_chars(wish->place.data(), wish->place.data() + wish->place.size(), after);
  auto clients = co_await context.parts.records.read(
      [after, limit = wish->limit](Database& database) -> Result<std::vector<Client>> {
        return collector::list_clients(database, after, limit + 1);
      });
  if (!clients) co_return refuse(clients.error());
  std::optional<std::string> next;
  if (clients->size() > static_cast<std::size_t>(wish->limit)) {
    clients->pop_back();
    next = std::to_string(clients->back().number);
  }
  json::array items;
  for (const Client& client : *clients) items.push_back(to_json(client));
  co_return page_response(*wish, std::move(items), next);
}

asio::awaitable<Answer> create_client(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  const Actor actor = read_actor(request, fields);
  Client wish;
  wish.name = fields.text("name", 1, 100);
  wish.actions = fields.optional_texts("actions", 40);
  wish.territory.district = fields.optional_text("district", 100);
  wish.territory.grid = fields.optional_text("grid", 100);
  wish.territory.company = fields.optional_text("company", 100);
  wish.territory.whole = fields.optional_flag("whole").value_or(false);
  wish.per_minute = static_cast<int>(fields.optional_integer("per_minute", 1, 60'000).value_or(600));
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto work = [wish, actor, journal = context.parts.gate.journal()](Database& database, WallTime now,
                                                                    std::string& secret) -> Result<KeptAnswer> {
    auto made = ClientDesk(journal).create(database, wish, actor, now);
    if (!made) return fail(made.error());
    secret = std::move(made->secret);
    return answer_of(made->client, 201);
  };
  co_return co_await change_people(context, request, actor, "secret", std::move(work));
}

asio::awaitable<Answer> switch_client(ApiContext context, ApiRequest request) {
  const auto edit = read_edit<ClientId>(request, "client");
  if (!edit) co_return refuse(edit.error());
  JsonFields fields(edit->body);
  const Actor actor = read_actor(request, fields);
  const auto off = fields.optional_flag("off");
  if (!off) fields.wrong("off", "is missing: true or false");
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto work = [off = *off, actor, id = edit->id, version = edit->version, journal = context.parts.gate.journal()](
                  Database& database, WallTime now, std::string&) -> Result<KeptAnswer> {
    const auto client = ClientDesk(journal).switch_off(database, id, version, off, actor, now);
    if (!client) return fail(client.error());
    return answer_of(*client, 200);
  };
  co_return co_await change_people(context, request, actor, "", std::move(work));
}

asio::awaitable<Answer> appoint_inspector(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto id = route_id<HazardId>(request, "hazard");
  if (!id) co_return refuse(id.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  const Actor actor = read_actor(request, fields);
  const std::string inspector = fields.text("inspector", 1, 100);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto work = [id = *id, inspector, actor, lasts = context.parts.gate.policy().task_lasts,
               journal = context.parts.gate.journal()](Database& database, WallTime now,
                                                       std::string& secret) -> Result<KeptAnswer> {
    const auto details = HazardReader(database).get(id);
    if (!details) return fail(details.error());
    auto token = collector::appoint_inspector(database, journal, id.hex(), inspector, actor, now, lasts);
    if (!token) return fail(token.error());
    secret = std::move(*token);
    return KeptAnswer{201, etag_of(details->hazard.version), "/api/v1/hazards/" + id.hex(),
                      json::serialize(json::object{
                          {"hazard", id.hex()}, {"inspector", inspector}, {"expires", to_rfc3339(now + lasts)}})};
  };
  co_return co_await change_people(context, request, actor, "token", std::move(work), sees_hazard(context, *id));
}

}  // namespace anlan::collector::api
