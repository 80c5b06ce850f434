// The table of rights as the API enforces it: every route, every capacity; objects that one may not see.
#include <set>

#include "collector/api/api.hpp"
#include "tests/contract/api/closed_world.hpp"

namespace anlan::test {
namespace {

using collector::Capacity;
using collector::kCapacities;
using collector::Scope;

class Rights : public testing::Test {
 protected:
  Rights() {
    world_.edge("tj-bh-017-a", {"temperature"});
    world_.other_site();
    world_.place_sites();
  }

  struct World : ClosedWorld {
    /// An edge with an alert and a hazard on a site of another district and company.
    void other_site() {
      commit([&](Database& database) {
        EXPECT_TRUE(collector::note_edge(database, {"tj-hx-002-a", "tj-hx-002"}, now()));
      });
      alert(raised(7, Level::orange).source("tj-hx-002/crane/load").asset("tj-hx-002/crane"), "tj-hx-002-a",
            "tj-hx-002");
    }
  } world_;

  /// A target of the route, with ids that nobody has.
  static std::string target_of(std::string_view path) {
    std::string target(path);
    for (std::size_t open = target.find('{'); open != target.npos; open = target.find('{')) {
      const auto close = target.find('}');
      const std::string name = target.substr(open + 1, close - open - 1);
      target.replace(open, close - open + 1, name == "id" ? std::string(32, 'e') : "tj-bh-017");
    }
    return target;
  }
};

TEST_F(Rights, EveryCellOfTheTableIsEnforcedOnEveryRoute) {
  const Reply open_hazard = world_.get_as(world_.as("CR"), "/api/v1/hazards");
  ASSERT_EQ(open_hazard.status, 200);
  const std::string hazard = text_of(open_hazard.body.at("items").at(0).at("id"));
  const Reply appointed =
      world_.post_as(world_.as("CR"), "/api/v1/hazards/" + hazard + "/inspector", {{"inspector", "天安检测 周工"}});
  ASSERT_EQ(appointed.status, 201) << appointed.text;
  std::set<std::string> cells;
  for (const auto& route : collector::Api::routes()) {
    if (route.action == "everybody" || route.path == "/api/v1/events") continue;
    if (route.path.starts_with("/api/v1/session") && route.method != "GET") continue;  // it would end the session
    const auto row = collector::find_permission(route.action);
    ASSERT_TRUE(row) << route.path;
    for (const Capacity capacity : kCapacities) {
      const std::string who(to_string(capacity));
      const std::string token = who == "IN" ? text_of(appointed.body.at("token")) : world_.as(who);
      const Reply reply = world_.send(std::string(route.method), target_of(route.path),
                                      route.method == "GET" ? json::value() : json::value(json::object{}),
                                      {{"Authorization", "Bearer " + token}});
      const bool may = collector::kPermissions[*row].scopes[static_cast<std::size_t>(capacity)] != Scope::none;
      EXPECT_EQ(reply.code() != "not-permitted", may) << route.method << " " << route.path << " " << who << reply.text;
      EXPECT_NE(reply.status, 401) << route.path << who << reply.text;
      cells.insert(std::string(route.action) + " " + who);
    }
  }
  EXPECT_GE(cells.size(), 100u);
}

TEST_F(Rights, NothingIsAnsweredWithoutALogIn) {
  for (const auto& route : collector::Api::routes()) {
    if (route.action == "everybody") continue;
    const Reply reply = world_.send(std::string(route.method), target_of(route.path), nullptr, {});
    EXPECT_EQ(reply.status, 401) << route.method << " " << route.path;
    EXPECT_EQ(reply.code(), "log-in-needed");
    EXPECT_EQ(reply.headers.get("WWW-Authenticate"), "Bearer");
  }
  EXPECT_EQ(world_.get_as("no-such-token", "/api/v1/sites").code(), "session-ended");
  EXPECT_EQ(world_.get("/api/v1/sites", {{"X-Anlan-Actor", "root"}, {"X-Anlan-Role", "SA"}}).status, 401);
}

TEST_F(Rights, ListsHoldWhatOnesPlaceHolds) {
  const auto sites = [&](const std::string& who, const char* path) {
    std::set<std::string> seen;
    for (const json::value& item : world_.get_as(world_.as(who), path).body.at("items").as_array())
      seen.insert(text_of(item.at(std::string_view(path).ends_with("sites") ? "id" : "site")));
    return seen;
  };
  const std::set<std::string> both{"tj-bh-017", "tj-hx-002"}, own{"tj-bh-017"};
  world_.alert(raised(1, Level::orange));
  for (const char* path : {"/api/v1/sites", "/api/v1/edges", "/api/v1/alerts", "/api/v1/hazards", "/api/v1/places"}) {
    for (const char* who : {"SA", "CR"}) EXPECT_EQ(sites(who, path), both) << path << who;
    for (const char* who : {"DA", "GO", "EP", "RE", "CL"}) EXPECT_EQ(sites(who, path), own) << path << who;
  }
  const Reply accounts = world_.get_as(world_.as("EP"), "/api/v1/accounts?edge=tj-hx-002-a");
  EXPECT_TRUE(accounts.body.at("items").as_array().empty());
}

TEST_F(Rights, WhatOneMayNotSeeAnswersAsWhatDoesNotExist) {
  const json::value alert = world_.get_as(world_.as("CR"), "/api/v1/alerts").body.at("items").at(0);
  const json::value hazard = world_.get_as(world_.as("CR"), "/api/v1/hazards").body.at("items").at(0);
  ASSERT_EQ(alert.at("site"), "tj-hx-002");
  const std::string alert_id = text_of(alert.at("id")), hazard_id = text_of(hazard.at("id")), none(32, 'e');
  const auto same = [&](Reply hidden, Reply absent, const std::string& hidden_name, const std::string& absent_name) {
    EXPECT_EQ(hidden.status, 404) << hidden.text;
    EXPECT_EQ(absent.status, 404) << absent.text;
    std::string text = hidden.text;
    if (const auto at = text.find(hidden_name); at != text.npos) text.replace(at, hidden_name.size(), absent_name);
    EXPECT_EQ(text, absent.text);
  };
  for (const char* who : {"DA", "GO", "EP", "RE"}) {
    const std::string token = world_.as(who);
    const auto looks = [&](const std::string& path, const std::string& hidden, const std::string& absent) {
      same(world_.get_as(token, path + hidden), world_.get_as(token, path + absent), hidden, absent);
    };
    looks("/api/v1/alerts/", alert_id, none);
    looks("/api/v1/hazards/", hazard_id, none);
    looks("/api/v1/edges/", "tj-hx-002-a", "no-such-edge");
    looks("/api/v1/points/", "tj-hx-002/crane/load", "tj-zz-002/crane/load");
    looks("/api/v1/telemetry?point=", "tj-hx-002/crane/load", "tj-zz-002/crane/load");
    looks("/api/v1/telemetry/trend?point=", "tj-hx-002/crane/load", "tj-zz-002/crane/load");
    looks("/api/v1/places/", "tj-hx-002", "tj-zz-002");
    const json::value note = {{"note", "x"}}, act = {{"action", "progress"}, {"reason", "x"}};
    same(world_.post_as(token, "/api/v1/alerts/" + alert_id + "/acknowledge", note, 1),
         world_.post_as(token, "/api/v1/alerts/" + none + "/acknowledge", note, 1), alert_id, none);
    same(world_.post_as(token, "/api/v1/hazards/" + hazard_id + "/actions", act, 1),
         world_.post_as(token, "/api/v1/hazards/" + none + "/actions", act, 1), hazard_id, none);
    const json::value here = {{"site", "tj-hx-002"}, {"description", "裂缝"}, {"location", "东侧"}};
    const json::value nowhere = {{"site", "tj-zz-002"}, {"description", "裂缝"}, {"location", "东侧"}};
    same(world_.post_as(token, "/api/v1/hazards", here), world_.post_as(token, "/api/v1/hazards", nowhere), "tj-hx-002",
         "tj-zz-002");
  }
}

TEST_F(Rights, AnEmployeeReportsAndDoesNothingElse) {
  const std::string token = world_.as("EM");
  const Reply reported =
      world_.post_as(token, "/api/v1/hazards", {{"site", "tj-bh-017"}, {"description", "裂缝"}, {"location", "东侧"}});
  ASSERT_EQ(reported.status, 201) << reported.text;
  EXPECT_EQ(reported.body.at("history").at(0).at("actor"), "person EM");
  EXPECT_EQ(reported.body.at("history").at(0).at("role"), "EM");
  EXPECT_EQ(world_.get_as(token, "/api/v1/hazards").code(), "not-permitted");
  EXPECT_EQ(world_.get_as(token, std::string(reported.headers.get("Location"))).code(), "not-permitted");
}

TEST_F(Rights, AnInspectorsTokenSeesItsHazardOnly) {
  world_.alert(raised(1, Level::orange));
  const json::array hazards = world_.get_as(world_.as("CR"), "/api/v1/hazards").body.at("items").as_array();
  ASSERT_EQ(hazards.size(), 2u);
  const std::string own = text_of(hazards[0].at("id")), other = text_of(hazards[1].at("id"));
  const Reply appointed =
      world_.post_as(world_.as("CR"), "/api/v1/hazards/" + own + "/inspector", {{"inspector", "周工"}});
  const std::string token = text_of(appointed.body.at("token"));
  EXPECT_EQ(world_.get_as(token, "/api/v1/hazards/" + own).status, 200);
  EXPECT_EQ(world_.get_as(token, "/api/v1/hazards/" + other).status, 404);
  const json::array listed = world_.get_as(token, "/api/v1/hazards").body.at("items").as_array();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].at("id"), own.c_str());
  EXPECT_EQ(world_.get_as(token, "/api/v1/alerts").code(), "not-permitted");
  // Its secret went out once: the kept answer has none.
  const auto with_key = [&] {
    return world_.post_as(world_.as("CR"), "/api/v1/hazards/" + own + "/inspector", {{"inspector", "周工"}},
                          std::nullopt, "same-key");
  };
  EXPECT_TRUE(with_key().body.at("token").is_string());
  EXPECT_TRUE(with_key().body.at("token").is_null());
}

TEST_F(Rights, TheAuthorIsWhoHasLoggedIn) {
  const json::value report = {{"site", "tj-bh-017"}, {"description", "裂缝"}, {"location", "东侧"}};
  json::value as_other = report;
  as_other.as_object()["actor"] = {{"name", "person CR"}, {"role", "CR"}};
  EXPECT_EQ(world_.post_as(world_.as("DA"), "/api/v1/hazards", as_other).status, 422);
  json::value as_more = report;
  as_more.as_object()["actor"] = {{"name", "person DA"}, {"role", "SA"}};
  EXPECT_EQ(world_.post_as(world_.as("DA"), "/api/v1/hazards", as_more).status, 422);
  EXPECT_EQ(world_
                .post("/api/v1/hazards", report, std::nullopt, "",
                      {{"Authorization", "Bearer " + world_.as("DA")}, {"X-Anlan-Actor", "x"}, {"X-Anlan-Role", "SA"}})
                .status,
            422);
  json::value as_self = report;
  as_self.as_object()["actor"] = {{"name", "person DA"}, {"role", "DA"}};
  EXPECT_EQ(world_.post_as(world_.as("DA"), "/api/v1/hazards", as_self).status, 201);
}

TEST_F(Rights, AnotherPersonsIdempotencyKeyIsNobodysBusiness) {
  const json::value report = {{"site", "tj-bh-017"}, {"description", "裂缝"}, {"location", "东侧"}};
  const Reply one = world_.post_as(world_.as("DA"), "/api/v1/hazards", report, std::nullopt, "k");
  const Reply two = world_.post_as(world_.as("EP"), "/api/v1/hazards", report, std::nullopt, "k");
  EXPECT_EQ(one.status, 201);
  EXPECT_EQ(two.status, 201);
  EXPECT_NE(one.body.at("id"), two.body.at("id"));
}

TEST_F(Rights, WhoLostAPlaceGetsNoKeptAnswerOfIt) {
  const json::value hazard = world_.get_as(world_.as("CR"), "/api/v1/hazards").body.at("items").at(0);
  const std::string target = "/api/v1/hazards/" + text_of(hazard.at("id")) + "/actions";
  world_.post_as(world_.as("SA"), "/api/v1/places/tj-hx-002", {{"district", "滨海"}}, 1);
  const json::value act = {{"action", "redispatch"}, {"reason", "改派"}, {"fields", {{"responsible", "李雷"}}}};
  const std::int64_t version = hazard.at("version").as_int64();
  EXPECT_EQ(world_.post_as(world_.as("DA"), target, act, version, "once").status, 200);
  EXPECT_EQ(world_.post_as(world_.as("DA"), target, act, version, "once").headers.get("Idempotency-Replayed"), "true");
  world_.post_as(world_.as("SA"), "/api/v1/places/tj-hx-002", {{"district", "河西"}}, 2);
  EXPECT_EQ(world_.post_as(world_.as("DA"), target, act, version, "once").status, 404);
}

TEST_F(Rights, TheApiServesTheTableAndEachTheirOwnView) {
  const json::value table = world_.get_as(world_.as("EM"), "/api/v1/permissions").body;
  ASSERT_EQ(table.at("items").as_array().size(), collector::kPermissions.size());
  for (const json::value& row : table.at("items").as_array()) {
    const auto known = collector::find_permission(text_of(row.at("action")));
    ASSERT_TRUE(known);
    for (const Capacity capacity : kCapacities)
      EXPECT_EQ(text_of(row.at("scopes").at(to_string(capacity))),
                to_string(collector::kPermissions[*known].scopes[static_cast<std::size_t>(capacity)]));
  }
  const json::value me = world_.get_as(world_.as("EM"), "/api/v1/session").body;
  EXPECT_EQ(me.at("capacity"), "EM");
  EXPECT_EQ(me.at("may").as_array().size(), 3u);
}

}  // namespace
}  // namespace anlan::test
