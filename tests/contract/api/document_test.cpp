#include <set>

#include "collector/api/api.hpp"
#include "collector/ingest/registry.hpp"
#include "collector/people/one_time_code.hpp"
#include "tests/contract/api/api_world.hpp"
#include "tests/contract/api/schema_check.hpp"

namespace anlan::test {
namespace {

/// "$ref" followed, for responses and parameters.
const json::value& followed(const json::value& node, const json::value& document) {
  const json::value* reference = node.as_object().if_contains("$ref");
  if (reference == nullptr) return node;
  std::string_view path(reference->as_string());
  path.remove_prefix(std::string_view("#/components/").size());
  const auto slash = path.find('/');
  return document.at("components").at(path.substr(0, slash)).at(path.substr(slash + 1));
}

class DocumentTest : public testing::Test {
 protected:
  void people();

  DocumentTest() {
    world_.edge("tj-bh-017-a", {"temperature", "level"});
    world_.edge("tj-bh-017-b", {"pressure"}, "tank-4");
    world_.samples({"temperature", "level"}, 0, {sample(0, 20.5), sample(0, kNoValue, 1, Quality::comm_failure)});
    world_.alert(raised(1, Level::orange));
    world_.alert(raised(2, Level::blue).rule("low").source("tj-bh-017/tank-3/level"));
    document_ = world_.get("/api/v1/openapi.json").body;
    alert_ = world_.get("/api/v1/alerts?level=orange").body.at("items").at(0);
    hazard_ = world_.get("/api/v1/hazards").body.at("items").at(0);
    asked_.insert("get /api/v1/openapi.json");
  }

  /// Asks nothing: checks that `reply` to `method` of `path` (as the document writes it) is one that it describes.
  void described(const std::string& method, const std::string& path, const Reply& reply, int status) {
    SCOPED_TRACE(method + " " + path + " " + std::to_string(reply.status) + " " + reply.text.substr(0, 300));
    asked_.insert(method + " " + path);
    EXPECT_EQ(reply.status, status);
    if (status == 204) {
      EXPECT_TRUE(document_.at("paths").at(path).at(method).at("responses").as_object().contains("204"));
      EXPECT_EQ(reply.text, "");
      return;
    }
    const json::value& responses = document_.at("paths").at(path).at(method).at("responses");
    const json::value* response = responses.as_object().if_contains(std::to_string(reply.status));
    ASSERT_NE(response, nullptr) << "the document names no such status";
    const json::value& described_response = followed(*response, document_);
    const std::string_view type =
        reply.headers.get("Content-Type").substr(0, reply.headers.get("Content-Type").find(';'));
    const json::value* content = described_response.at("content").as_object().if_contains(type);
    ASSERT_NE(content, nullptr) << "the document names no such type: " << type;
    if (type.find("json") != type.npos)
      for (const std::string& fault : check_schema(reply.body, content->at("schema"), document_))
        ADD_FAILURE() << fault;
    if (status < 300 && described_response.as_object().contains("headers") &&
        described_response.at("headers").as_object().contains("ETag"))
      EXPECT_TRUE(reply.headers.has("ETag"));
  }
  void get(const std::string& path, const std::string& target, int status = 200) {
    described("get", path, world_.get(target), status);
  }

  json::object report() const {
    return {{"actor", kDuty}, {"site", "tj-bh-017"}, {"description", "围堰裂缝"}, {"location", "东侧"}};
  }

  ApiWorld world_;
  json::value document_, alert_, hazard_;
  std::set<std::string> asked_;
};

TEST_F(DocumentTest, DescribesWhatEveryCallAnswers) {
  const std::string alert = "/api/v1/alerts/" + text_of(alert_.at("id")),
                    hazard = "/api/v1/hazards/" + text_of(hazard_.at("id"));
  const std::string nobody = std::string(32, 'f');
  get("/api/v1/sites", "/api/v1/sites");
  get("/api/v1/sites", "/api/v1/sites?limit=0", 400);
  get("/api/v1/edges", "/api/v1/edges?site=tj-bh-017");
  world_.commit([](Database& database) {
    collector::note_waiting(database, {"tj-bh-017-a", "tj-bh-017"}, Waiting{at(60'000), {}, {}, {300, 1, 1}, at(1'000)},
                            at(61'000));
  });
  get("/api/v1/edges", "/api/v1/edges?site=tj-bh-017");
  get("/api/v1/edges", "/api/v1/edges?sites=x", 400);
  get("/api/v1/edges/{id}", "/api/v1/edges/tj-bh-017-a");
  get("/api/v1/edges/{id}", "/api/v1/edges/none", 404);
  get("/api/v1/points", "/api/v1/points");
  get("/api/v1/points", "/api/v1/points?state=green", 400);
  get("/api/v1/points/{site}/{device}/{point}", "/api/v1/points/tj-bh-017/tank-3/level");
  get("/api/v1/points/{site}/{device}/{point}", "/api/v1/points/tj-bh-017/tank-4/pressure");
  get("/api/v1/points/{site}/{device}/{point}", "/api/v1/points/a/b/c", 404);
  get("/api/v1/telemetry", "/api/v1/telemetry?point=tj-bh-017/tank-3/temperature");
  get("/api/v1/telemetry", "/api/v1/telemetry?point=tj-bh-017/tank-3/temperature&format=csv");
  get("/api/v1/telemetry", "/api/v1/telemetry", 400);
  get("/api/v1/telemetry/trend", "/api/v1/telemetry/trend?point=tj-bh-017/tank-3/temperature&from=0&width=10");
  get("/api/v1/telemetry/trend", "/api/v1/telemetry/trend?point=tj-bh-017/tank-3/temperature&width=0", 400);
  get("/api/v1/telemetry/trend", "/api/v1/telemetry/trend?point=a/b/c", 404);
  get("/api/v1/telemetry", "/api/v1/telemetry?point=a/b/c", 404);
  get("/api/v1/alerts", "/api/v1/alerts?state=active-unacked,active-acked&level=blue");
  get("/api/v1/alerts", "/api/v1/alerts?level=green", 400);
  get("/api/v1/alerts/{id}", alert);
  get("/api/v1/alerts/{id}", "/api/v1/alerts/" + nobody, 404);
  get("/api/v1/maintenance", "/api/v1/maintenance?open=false&site=tj-bh-017");
  get("/api/v1/maintenance", "/api/v1/maintenance?open=maybe", 400);
  get("/api/v1/hazards", "/api/v1/hazards?overdue=false");
  get("/api/v1/hazards", "/api/v1/hazards?overdue=maybe", 400);
  get("/api/v1/hazards/{id}", hazard);
  get("/api/v1/hazards/{id}", "/api/v1/hazards/" + nobody, 404);
  get("/api/v1/hazard-steps", "/api/v1/hazard-steps");
  get("/api/v1/hazard-steps", "/api/v1/hazard-steps?x=1", 400);
  get("/api/v1/notifications", "/api/v1/notifications");
  get("/api/v1/accounts", "/api/v1/accounts");
  get("/api/v1/accounts", "/api/v1/accounts?limit=900", 400);
  get("/api/v1/losses", "/api/v1/losses?edge=tj-bh-017-a&point=tj-bh-017/tank-3/temperature");
  get("/api/v1/losses", "/api/v1/losses?reason=gone", 400);
  get("/api/v1/audit/entries", "/api/v1/audit/entries?limit=3");
  get("/api/v1/audit/entries", "/api/v1/audit/entries?limit=501", 400);
  get("/api/v1/audit/head", "/api/v1/audit/head", 404);  // nobody signs here: audit_api_test.cpp
  get("/api/v1/audit/proofs/inclusion", "/api/v1/audit/proofs/inclusion?entry=1");
  get("/api/v1/audit/proofs/inclusion", "/api/v1/audit/proofs/inclusion", 400);
  get("/api/v1/audit/proofs/inclusion", "/api/v1/audit/proofs/inclusion?entry=999999", 404);
  get("/api/v1/audit/proofs/consistency", "/api/v1/audit/proofs/consistency?from=3");
  get("/api/v1/audit/proofs/consistency", "/api/v1/audit/proofs/consistency?from=x", 400);
  get("/api/v1/audit/proofs/consistency", "/api/v1/audit/proofs/consistency?from=5&to=3", 404);
  get("/healthz", "/healthz");
  get("/healthz", "/healthz?verbose=1", 400);
  get("/readyz", "/readyz");
  world_.broker(false);
  get("/readyz", "/readyz", 503);
  get("/metrics", "/metrics");
  get("/api/v1/events", "/api/v1/events?since=x", 400);  // a good one has no end: change_feed_test.cpp

  const auto acknowledge = [&](const Reply& reply, int status) {
    described("post", "/api/v1/alerts/{id}/acknowledge", reply, status);
  };
  const std::int64_t revision = alert_.at("revision").as_int64();
  acknowledge(world_.post(alert + "/acknowledge", {{"actor", kDuty}}, std::nullopt), 428);
  acknowledge(world_.post(alert + "/acknowledge", {{"actor", kDuty}}, revision + 1), 412);
  acknowledge(world_.post(alert + "/acknowledge", {{"actor", nullptr}}, revision), 422);
  acknowledge(world_.post("/api/v1/alerts/" + nobody + "/acknowledge", {{"actor", kDuty}}, 1), 404);
  acknowledge(world_.post(alert + "/acknowledge", {{"actor", kDuty}, {"note", "已知"}}, revision), 200);
  acknowledge(world_.post(alert + "/acknowledge", {{"actor", kDuty}}, revision + 1), 409);
  acknowledge(world_.post(alert + "/acknowledge", {{"actor", kDuty}}, revision, "", {{"Content-Type", "text/plain"}}),
              415);

  const auto reset = [&](const Reply& reply, int status) {
    described("post", "/api/v1/alerts/{id}/reset", reply, status);
  };
  world_.broker(true);
  world_.alert(TransitionBuilder(1, 2).step(AlertStep::upgraded).level(Level::red));
  world_.alert(latched(1, 3));
  const std::int64_t seen = world_.get(alert).body.at("revision").as_int64();
  reset(world_.post(alert + "/reset", {{"actor", kDuty}}, seen), 422);
  reset(world_.post(alert + "/reset", {{"actor", kDuty}, {"reason", "现场确认"}}, seen), 409);  // it never greeted
  world_.greeting();
  reset(world_.post(alert + "/reset", {{"actor", kDuty}, {"reason", "现场确认"}}, seen), 202);
  reset(world_.post(alert + "/reset", {{"actor", kDuty}, {"reason", "现场确认"}}, seen), 412);
  world_.broker(false);
  reset(world_.post(alert + "/reset", {{"actor", kDuty}, {"reason", "现场确认"}}, seen + 1), 503);
  described("post", "/api/v1/hazards", world_.post("/api/v1/hazards", report(), std::nullopt), 201);
  described("post", "/api/v1/hazards", world_.post("/api/v1/hazards", {{"actor", kDuty}}, std::nullopt), 422);
  described("post", "/api/v1/hazards", world_.post("/api/v1/hazards", report(), std::nullopt, " "), 400);
  const auto act = [&](const Reply& reply, int status) {
    described("post", "/api/v1/hazards/{id}/actions", reply, status);
  };
  const std::int64_t version = hazard_.at("version").as_int64();
  act(world_.post(hazard + "/actions", {{"actor", kDuty}, {"action", "accept"}, {"reason", "x"}}, version), 409);
  act(world_.post(
          hazard + "/actions",
          {{"actor", kDuty}, {"action", "redispatch"}, {"reason", "改派"}, {"fields", {{"responsible", "李雷"}}}},
          version),
      200);
  act(world_.post(hazard + "/actions", {{"actor", kDuty}, {"action", "redispatch"}}, version), 412);
  act(world_.post(hazard + "/actions", {{"actor", kDuty}}, version + 1), 422);

  people();

  asked_.insert("get /api/v1/events");
  std::set<std::string> named;
  for (const auto& path : document_.at("paths").as_object())
    for (const auto& method : path.value().as_object())
      named.insert(std::string(method.key()) + " " + std::string(path.key()));
  EXPECT_EQ(asked_, named) << "every call in the document is asked here";
}

/// Accounts, sessions, programs and places: as who reaches an open API may manage them.
void DocumentTest::people() {
  const std::string nobody(32, 'e'), password = "correct horse battery";
  const auto say = [&](const std::string& path, const Reply& reply, int status) {
    described("post", path, reply, status);
    return reply.body;
  };
  const auto look = [&](const std::string& path, const std::string& target, int status = 200) {
    described("get", path, world_.get(target), status);
  };
  const auto make = [&](const char* name) -> json::value {
    return {{"actor", kDuty}, {"name", name}, {"role", "DA"}, {"district", "滨海"}};
  };
  look("/api/v1/permissions", "/api/v1/permissions");
  look("/api/v1/session", "/api/v1/session");
  const json::value made = say("/api/v1/people", world_.post("/api/v1/people", make("赵敏"), std::nullopt), 201);
  say("/api/v1/people", world_.post("/api/v1/people", make("赵敏"), std::nullopt), 409);
  say("/api/v1/people", world_.post("/api/v1/people", {{"actor", kDuty}}, std::nullopt), 422);
  const std::string person = "/api/v1/people/" + text_of(made.at("id"));
  look("/api/v1/people", "/api/v1/people?text=" + percent_encode("赵"));
  look("/api/v1/people/{id}", person);
  look("/api/v1/people/{id}", "/api/v1/people/" + nobody, 404);
  const std::string change = "/api/v1/people/{id}", invite = "/api/v1/people/{id}/invitation";
  say(change, world_.post(person, {{"actor", kDuty}, {"staff_number", "7"}}, 1), 200);
  say(change, world_.post(person, {{"actor", kDuty}, {"staff_number", "8"}}, 1), 412);
  say(invite, world_.post(person + "/invitation", {{"actor", kDuty}}, 1), 412);
  const json::value again = say(invite, world_.post(person + "/invitation", {{"actor", kDuty}}, 2), 200);

  const std::string accept = "/api/v1/session/invitation", in = "/api/v1/session";
  json::value joining = {{"invitation", made.at("invitation")}, {"name", "赵敏"}, {"password", password}};
  say(accept, world_.post(accept, joining, std::nullopt), 401);  // the later invitation counts
  joining.as_object()["invitation"] = again.at("invitation");
  say(accept, world_.post(accept, joining, std::nullopt), 201);
  json::value wish = {{"name", "赵敏"}, {"password", "wrong"}, {"for", "program"}};
  say(in, world_.post(in, wish, std::nullopt), 401);
  say(in, world_.post(in, {{"name", "赵敏"}}, std::nullopt), 422);
  wish.as_object()["password"] = password;
  const std::string token = text_of(say(in, world_.post(in, wish, std::nullopt), 201).at("token"));
  const auto mine = [&](const std::string& path, const json::value& body, int status) {
    return say(path, world_.post(path, body, std::nullopt, "", {{"Authorization", "Bearer " + token}}), status);
  };
  described("get", in, world_.get(in, {{"Authorization", "Bearer " + token}}), 200);
  const std::string factor = "/api/v1/session/second-factor", confirm = factor + "/confirm";
  mine(factor, {{"password", "wrong"}}, 401);
  mine(confirm, {{"code", "123456"}}, 409);
  const json::value seed = mine(factor, {{"password", password}}, 200);
  mine(confirm, {{"code", "0"}}, 401);
  mine(confirm, {{"code", collector::code_at(text_of(seed.at("seed")), world_.now())}}, 200);
  mine("/api/v1/session/password", {{"password", password}, {"new_password", "short"}}, 422);
  const std::string renewed =
      text_of(mine("/api/v1/session/password", {{"password", password}, {"new_password", "another long one"}}, 200)
                  .at("token"));
  HttpRequest leave;
  leave.method = "DELETE";
  leave.target = in;
  described("delete", in, world_.ask(leave), 409);  // nobody has logged in
  leave.headers.set("Authorization", "Bearer " + renewed);
  described("delete", in, world_.ask(leave), 204);

  const json::value client = {
      {"actor", kDuty}, {"name", "住建系统"}, {"actions", {"alerts.read"}}, {"district", "滨海"}};
  const json::value program = say("/api/v1/clients", world_.post("/api/v1/clients", client, std::nullopt), 201);
  say("/api/v1/clients",
      world_.post("/api/v1/clients", {{"actor", kDuty}, {"name", "x"}, {"actions", {"people.manage"}}}, std::nullopt),
      422);
  look("/api/v1/clients", "/api/v1/clients");
  const std::string one_client = "/api/v1/clients/" + text_of(program.at("id"));
  const auto form = [&](const std::string& text) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/api/v1/oauth/token";
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = text;
    return world_.ask(std::move(request));
  };
  const std::string id_and_secret =
      "&client_id=" + text_of(program.at("id")) + "&client_secret=" + text_of(program.at("secret"));
  say("/api/v1/oauth/token", form("grant_type=client_credentials" + id_and_secret), 200);
  say("/api/v1/oauth/token", form("grant_type=client_credentials" + id_and_secret + "x"), 401);
  say("/api/v1/oauth/token", form("grant_type=client_credentials&scope=people.manage" + id_and_secret), 400);
  say("/api/v1/clients/{id}", world_.post(one_client, {{"actor", kDuty}, {"off", true}}, 1), 200);
  say("/api/v1/clients/{id}", world_.post(one_client, {{"actor", kDuty}}, 2), 422);

  const std::string place = "/api/v1/places/{site}", farm = "/api/v1/places/tj-bh-017";
  look(place, farm);
  look(place, "/api/v1/places/No%20Name", 404);
  say(place, world_.post(farm, {{"actor", kDuty}, {"district", "滨海"}}, 0), 200);
  say(place, world_.post(farm, {{"actor", kDuty}, {"district", "河西"}}, 0), 412);
  look("/api/v1/places", "/api/v1/places");
  const std::string inspector = "/api/v1/hazards/{id}/inspector";
  const auto appoint = [&](const std::string& id, const char* name, int status) {
    say(inspector,
        world_.post("/api/v1/hazards/" + id + "/inspector", {{"actor", kDuty}, {"inspector", name}}, std::nullopt),
        status);
  };
  appoint(text_of(hazard_.at("id")), "天安检测 周工", 201);
  appoint(text_of(hazard_.at("id")), "赵敏", 409);
  appoint(nobody, "天安检测 周工", 404);
}

TEST_F(DocumentTest, NamesTheActionOfEveryRoute) {
  for (const auto& route : collector::Api::routes()) {
    std::string verb(route.method);
    std::ranges::transform(verb, verb.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_EQ(text_of(document_.at("paths").at(route.path).at(verb).at("x-anlan-action")), route.action) << route.path;
  }
}

TEST_F(DocumentTest, NamesEveryRouteAndNoOther) {
  std::set<std::string> named, there;
  for (const auto& path : document_.at("paths").as_object())
    for (const auto& method : path.value().as_object()) {
      std::string verb(method.key());
      std::ranges::transform(verb, verb.begin(), [](unsigned char c) { return std::toupper(c); });
      named.insert(verb + " " + std::string(path.key()));
    }
  for (const auto& route : collector::Api::routes())
    there.insert(std::string(route.method) + " " + std::string(route.path));
  EXPECT_EQ(named, there);
}

TEST_F(DocumentTest, NamesEveryQueryParameterThatIsTaken) {
  // An unknown parameter is answered with the known ones: they are the document's.
  for (const auto& path : document_.at("paths").as_object()) {
    const json::value* get = path.value().as_object().if_contains("get");
    if (get == nullptr) continue;
    std::set<std::string> named, taken;
    for (const json::value& parameter : get->at("parameters").as_array()) {
      const json::value& p = followed(parameter, document_);
      if (p.at("in") == "query") named.insert(text_of(p.at("name")));
    }
    std::string target(path.key());
    for (std::size_t open = target.find('{'); open != target.npos; open = target.find('{'))
      target.replace(open, target.find('}') - open + 1, "x");
    const Reply reply = world_.get(target + "?no-such-parameter=1");
    EXPECT_EQ(reply.code(), "bad-query") << target;
    const std::string detail = text_of(reply.body.at("errors").as_array().back());
    const auto list = detail.find("known are: ");
    ASSERT_NE(list, detail.npos) << detail;
    std::string names = detail.substr(list + 11);
    for (std::size_t at = 0; at < names.size() && names != "none";) {
      const auto end = std::min(names.find(", ", at), names.size());
      taken.insert(names.substr(at, end - at));
      at = end + 2;
    }
    EXPECT_EQ(named, taken) << target;
  }
}

TEST_F(DocumentTest, IsHeldAgainstByACheckerThatNoticesDrift) {
  json::value alert = world_.get("/api/v1/alerts/" + text_of(alert_.at("id"))).body;
  const json::value& schema = document_.at("components").at("schemas").at("AlertDetails");
  EXPECT_TRUE(check_schema(alert, schema, document_).empty());
  json::value drifted = alert;
  drifted.as_object()["surprise"] = 1;
  EXPECT_FALSE(check_schema(drifted, schema, document_).empty());
  drifted = alert;
  drifted.as_object().erase("peak");
  EXPECT_FALSE(check_schema(drifted, schema, document_).empty());
  drifted = alert;
  drifted.as_object()["level"] = "green";
  EXPECT_FALSE(check_schema(drifted, schema, document_).empty());
  drifted = alert;
  drifted.as_object()["raised_at"] = "yesterday";
  EXPECT_FALSE(check_schema(drifted, schema, document_).empty());
  drifted = alert;
  drifted.as_object()["history"].as_array()[0].as_object()["late"] = "no";
  EXPECT_FALSE(check_schema(drifted, schema, document_).empty());
}

}  // namespace
}  // namespace anlan::test
