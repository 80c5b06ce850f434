#include "tests/contract/api/api_world.hpp"

namespace anlan::test {
namespace {

const json::value kPrincipal = {{"name", "张伟"}, {"role", "EP"}};

class HazardApi : public testing::Test {
 protected:
  HazardApi() { world_.edge("tj-bh-017-a", {"temperature"}); }

  Reply act(const std::string& id, const std::string& action, const json::value& actor, json::object more = {}) {
    const std::int64_t version = world_.get("/api/v1/hazards/" + id).body.at("version").as_int64();
    more["actor"] = actor;
    more["action"] = action;
    return world_.post("/api/v1/hazards/" + id + "/actions", more, version);
  }
  Reply report(const std::string& key = "") {
    return world_.post("/api/v1/hazards",
                       {{"actor", kDuty}, {"site", "tj-bh-017"}, {"description", "围堰裂缝"}, {"location", "东侧"}},
                       std::nullopt, key);
  }
  json::object plan() const {
    return {{"fields",
             {{"measures", "补漏"},
              {"responsible_person", "张伟"},
              {"funds", "5000"},
              {"time_limit", "2026-11-24T18:00:00+08:00"},
              {"contingency_plan", "停用"}}}};
  }

  ApiWorld world_;
};

TEST_F(HazardApi, WalksFromReportToClosedByTwoPeople) {
  const Reply reported = report();
  ASSERT_EQ(reported.status, 201) << reported.text;
  const std::string id = text_of(reported.body.at("id"));
  EXPECT_EQ(reported.headers.get("Location"), "/api/v1/hazards/" + id);
  EXPECT_EQ(world_.get(std::string(reported.headers.get("Location"))).body, reported.body);

  EXPECT_EQ(act(id, "grade", kDuty, {{"fields", {{"grade", "general"}, {"responsible", "滨海罐区"}}}}).body.at("state"),
            "dispatched");
  EXPECT_EQ(act(id, "start", kPrincipal, plan()).body.at("state"), "rectifying");
  EXPECT_EQ(act(id, "self_check", kPrincipal, {{"reason", "已补"}}).body.at("state"), "awaiting");
  const json::value same_person = {{"name", "张伟"}, {"role", "DA"}};
  EXPECT_EQ(act(id, "accept", same_person, {{"reason", "ok"}}).code(), "refused");
  const Reply closed = act(id, "accept", kDuty, {{"reason", "现场复查合格"}});
  ASSERT_EQ(closed.status, 200) << closed.text;
  EXPECT_EQ(closed.body.at("state"), "closed");
  EXPECT_TRUE(closed.body.at("closed_at").is_string());
  EXPECT_GE(closed.body.at("history").as_array().size(), 6u);
}

TEST_F(HazardApi, ReportsOnceForOneKey) {
  const Reply first = report("my-key"), again = report("my-key");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(again.headers.get("Location"), first.headers.get("Location"));
  EXPECT_EQ(world_.get("/api/v1/hazards").body.at("items").as_array().size(), 1u);
}

TEST_F(HazardApi, SaysEverythingThatAReportLacks) {
  const Reply reply = world_.post("/api/v1/hazards", {{"actor", kDuty}, {"site", 7}, {"titel", "x"}}, std::nullopt);
  EXPECT_EQ(reply.status, 422);
  for (const char* part : {"site is no text", "description is missing", "titel is unknown"})
    EXPECT_NE(reply.text.find(part), std::string::npos) << part << reply.text;
  EXPECT_EQ(reply.body.at("errors").as_array().size(), 3u);
}

TEST_F(HazardApi, LetsOnlyOneOfTwoWhoSawTheSameActOnIt) {
  const std::string id = text_of(report().body.at("id"));
  const std::int64_t seen = world_.get("/api/v1/hazards/" + id).body.at("version").as_int64();
  const json::value grade = {{"actor", kDuty}, {"action", "grade"}, {"fields", {{"grade", "general"}}}};
  EXPECT_EQ(world_.post("/api/v1/hazards/" + id + "/actions", grade, seen).status, 200);
  const Reply stale = world_.post("/api/v1/hazards/" + id + "/actions", grade, seen);
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(stale.code(), "stale");
  // Both sides: what stands and what was done meanwhile, and what was to be done.
  EXPECT_EQ(stale.body.at("current").at("state"), "dispatched");
  EXPECT_EQ(stale.body.at("since").as_array().size(), 2u);
  EXPECT_EQ(stale.body.at("since").at(0).at("what"), "graded");
  EXPECT_EQ(stale.body.at("yours"),
            (json::value{{"version", seen}, {"action", "grade"}, {"reason", ""}, {"fields", {{"grade", "general"}}}}));
  EXPECT_EQ(world_.get("/api/v1/hazards/" + id).body.at("version"), stale.body.at("current").at("version"));
}

TEST_F(HazardApi, OpensFromAnOrangeAlertAndCannotCloseWhileItIsActive) {
  world_.alert(raised(1, Level::orange));
  const json::value hazard = world_.get("/api/v1/hazards").body.at("items").at(0);
  EXPECT_EQ(hazard.at("state"), "dispatched");
  EXPECT_EQ(hazard.at("from_alert"), true);
  const std::string id = text_of(hazard.at("id"));
  ASSERT_EQ(act(id, "start", kPrincipal, plan()).status, 200);
  ASSERT_EQ(act(id, "self_check", kPrincipal, {{"reason", "已降温"}}).status, 200);
  EXPECT_EQ(act(id, "accept", kDuty, {{"reason", "ok"}}).status, 409);
  world_.alert(cleared(1, 2));
  EXPECT_EQ(act(id, "accept", kDuty, {{"reason", "ok"}}).body.at("state"), "closed");
  EXPECT_EQ(world_.get("/api/v1/notifications").body.at("items").at(0).at("waiting"), 1);
}

TEST_F(HazardApi, FiltersByStateSiteTextAndDeadline) {
  report();
  world_.alert(raised(1, Level::red));
  const auto count = [&](const std::string& query) {
    return world_.get("/api/v1/hazards?" + query).body.at("items").as_array().size();
  };
  EXPECT_EQ(count("state=reported"), 1u);
  EXPECT_EQ(count("state=reported,dispatched"), 2u);
  EXPECT_EQ(count("site=elsewhere"), 0u);
  EXPECT_EQ(count("text=" + percent_encode("裂缝")), 1u);
  EXPECT_EQ(count("overdue=true"), 0u);
  world_.set_time(at(0) + std::chrono::days{2});
  EXPECT_EQ(count("overdue=true"), 2u);
}

}  // namespace
}  // namespace anlan::test
