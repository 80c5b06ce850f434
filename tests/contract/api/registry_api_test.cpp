#include <cstdio>

#include "collector/ingest/ledger_table.hpp"
#include "collector/ingest/registry.hpp"
#include "tests/contract/api/api_world.hpp"

namespace anlan::test {
namespace {

TEST(RegistryApi, ListsSitesEdgesAndPointsInPages) {
  ApiWorld world;
  for (int i = 0; i < 5; ++i) world.edge("edge-" + std::to_string(i), {"a", "b", "c"}, "tank-" + std::to_string(i));
  const json::value site = world.get("/api/v1/sites").body.at("items").at(0);
  EXPECT_EQ(site.at("edges"), 5);
  EXPECT_EQ(site.at("points"), 15);
  std::vector<std::string> edges;
  std::string cursor;
  do {
    const json::value page = world.get("/api/v1/edges?limit=2" + cursor).body;
    for (const json::value& edge : page.at("items").as_array()) edges.push_back(text_of(edge.at("id")));
    cursor = page.at("next").is_null() ? "" : "&cursor=" + text_of(page.at("next"));
  } while (!cursor.empty());
  EXPECT_EQ(edges, (std::vector<std::string>{"edge-0", "edge-1", "edge-2", "edge-3", "edge-4"}));
  EXPECT_EQ(world.get("/api/v1/points?device=tank-3").body.at("items").as_array().size(), 3u);
  EXPECT_EQ(world.get("/api/v1/points?edge=edge-1&text=" + percent_encode("号罐 b")).body.at("items").as_array().size(),
            1u);
  EXPECT_EQ(world.get("/api/v1/points?site=elsewhere").body.at("items").as_array().size(), 0u);
}

TEST(RegistryApi, SaysHowFarBehindAnEdgeIsAndNothingWhereItIsUnknown) {
  ApiWorld world;
  world.edge("tj-bh-017-a", {"a"});
  EXPECT_TRUE(world.get("/api/v1/edges").body.at("items").at(0).at("waiting").is_null());
  world.commit([&](Database& database) {
    collector::note_waiting(database, {"tj-bh-017-a", "tj-bh-017"},
                            Waiting{at(60'000), {1, 0, 10}, {}, {300, 15'000, 9'000}, at(1'000)}, at(61'000));
  });
  const json::value waiting = world.get("/api/v1/edges").body.at("items").at(0).at("waiting");
  EXPECT_EQ(waiting.at("urgent").at("records"), 1);
  EXPECT_EQ(waiting.at("live").at("records"), 0);
  EXPECT_EQ(waiting.at("backlog"), (json::object{{"records", 300}, {"samples", 15'000}, {"bytes", 9'000}}));
  EXPECT_EQ(text_of(waiting.at("oldest")), to_rfc3339(at(1'000)));
  EXPECT_EQ(text_of(waiting.at("heard_at")), to_rfc3339(at(61'000)));
  EXPECT_EQ(world.get("/api/v1/edges/tj-bh-017-a").body.at("waiting"), waiting);
}

TEST(RegistryApi, CallsAPointStaleWheneverItsValueSaysNothingOfNow) {
  ApiWorld world;
  const std::vector<std::string> points{"a", "b", "c"};
  world.edge("tj-bh-017-a", points);
  world.samples(points, 0, {sample(60'000, 20.25), sample(60'000, kNoValue, 1, Quality::comm_failure)});
  const auto because = [&](const std::string& name) {
    const json::value point = world.get("/api/v1/points/tj-bh-017/tank-3/" + name).body;
    EXPECT_EQ(point.at("stale").as_bool(), !point.at("stale_because").is_null());
    return point.at("stale_because").is_null() ? "" : text_of(point.at("stale_because"));
  };
  EXPECT_EQ(because("a"), "");
  EXPECT_EQ(because("b"), "quality");
  EXPECT_EQ(because("c"), "never");
  EXPECT_EQ(world.get("/api/v1/points?state=fresh").body.at("items").as_array().size(), 1u);
  EXPECT_EQ(world.get("/api/v1/points?state=stale").body.at("items").as_array().size(), 2u);
  const json::value newest = world.get("/api/v1/points/tj-bh-017/tank-3/a").body.at("newest");
  EXPECT_EQ(newest.at("value"), 20.25);
  EXPECT_EQ(text_of(newest.at("time")), to_rfc3339(at(60'000)));
  world.set_time(at(60'000 + 13'001));
  EXPECT_EQ(because("a"), "old");
  world.edge("tj-bh-017-a", {"b"});
  world.set_time(at(60'000));
  EXPECT_EQ(because("a"), "absent");
}

TEST(RegistryApi, FindsMatchesThatLieManyPagesOn) {
  ApiWorld world;
  std::vector<std::string> points;
  for (int i = 0; i < 40; ++i) points.push_back("p" + std::to_string(100 + i));
  world.edge("tj-bh-017-a", points);
  world.samples(points, 0, {sample(60'000, 1, 39)});
  const json::value page = world.get("/api/v1/points?state=fresh&limit=5").body;
  ASSERT_EQ(page.at("items").as_array().size(), 1u);
  EXPECT_EQ(page.at("items").at(0).at("path"), "tj-bh-017/tank-3/p139");
}

TEST(RegistryApi, AccountsForEveryEpochAndSample) {
  ApiWorld world;
  world.edge("tj-bh-017-a", {"a"});
  world.samples({"a"}, 0, {sample(0, 1), sample(1, 2)});
  world.samples({"a"}, 1, {sample(2, 3)});
  const json::value account = world.get("/api/v1/accounts?edge=tj-bh-017-a").body.at("items").at(0);
  EXPECT_EQ(account.at("samples"), 3);
  EXPECT_EQ(account.at("telemetry").at("stored"), 2);
  EXPECT_EQ(account.at("telemetry").at("missing"), 0);
  EXPECT_EQ(account.at("undecoded_samples"), 0);
  EXPECT_EQ(world.get("/api/v1/edges/tj-bh-017-a").body.at("accounts").at(0), account);
  EXPECT_EQ(world.get("/api/v1/accounts").body.at("items").as_array().size(), 1u);
}

TEST(RegistryApi, CountsVoidsAndLossesOnlyAsFarAsTheEdgeHasComeAndNeverTwice) {
  ApiWorld world;
  world.edge("tj-bh-017-a", {"a"});
  world.commit([](Database& database) {
    const Place place{epoch(1), Stream::event};
    collector::EdgeLedger before, after;
    after.data[place] = RangeSet(0, 4);
    after.voided[place] = RangeSet(3, RangeSet::kEnd);
    after.lost[place] = RangeSet(3, 6);
    after.ends[place] = 10;
    collector::save_ledger(database, "tj-bh-017-a", before, after);
  });
  const json::value event = world.get("/api/v1/accounts").body.at("items").at(0).at("event");
  EXPECT_EQ(event, (json::value{{"reach", 10}, {"stored", 4}, {"void", 6}, {"lost", 2}, {"missing", 0}}));
}

TEST(RegistryApi, AnswersOnlyToLoopbackNames) {
  ApiWorld world;
  const auto port = world.url().substr(world.url().rfind(':'));
  const std::string command = "curl -s -o /dev/null -w '%{http_code}' -H 'Host: ";
  const auto status = [&](const std::string& host) {
    std::string out;
    FILE* pipe = popen((command + host + "' " + world.url() + "/healthz").c_str(), "r");
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
    pclose(pipe);
    return out;
  };
  EXPECT_EQ(status("localhost" + port), "200");
  EXPECT_EQ(status("[::1]" + port), "200");
  EXPECT_EQ(status("127.0.0.1"), "200");
  EXPECT_EQ(status("evil.example" + port), "421");
  EXPECT_EQ(status("127.0.0.1.evil.example"), "421");
}

TEST(RegistryApi, TellsWhatAPathTakesAndWhatIsThere) {
  ApiWorld world;
  EXPECT_EQ(world.get("/api/v1/nothing").code(), "no-such-path");
  EXPECT_EQ(world.get("/").code(), "no-such-path");
  EXPECT_EQ(world.get("/api/v1/sites/").code(), "malformed");
  EXPECT_EQ(world.get("/api/v1/../../etc/passwd").code(), "malformed");
  EXPECT_EQ(world.get("/api/v1/sites?limit=%00").code(), "malformed");
  const Reply put = world.ask({.method = "DELETE", .target = "/api/v1/hazards"});
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(put.headers.get("Allow"), "GET, POST");
  EXPECT_EQ(world.ask({.method = "HEAD", .target = "/healthz"}).status, 200);
}

TEST(RegistryApi, CountsRequestsByRouteAndStatus) {
  ApiWorld world;
  world.get("/api/v1/sites");
  world.get("/api/v1/sites?x=1");
  world.get("/somewhere/else");
  const std::string text = world.get("/metrics").text;
  EXPECT_NE(text.find("anlan_collector_http_requests_total{method=\"GET\",route=\"/api/v1/sites\",status=\"200\"} 1\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("route=\"/api/v1/sites\",status=\"400\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("route=\"none\",status=\"404\"} 1\n"), std::string::npos);
}

}  // namespace
}  // namespace anlan::test
