#include "collector/store/changes.hpp"
#include "common/io/http_client.hpp"
#include "tests/contract/api/api_world.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::test {
namespace {

/// Reads events until `enough` is in them (5 s at most).
std::string follow(
    const ApiWorld& world, const std::string& target, const std::string& enough, HttpHeaders headers = {},
    const std::function<void()>& once_open = [] {}) {
  return run_coro(
      [](HttpRequest request, std::string until, std::function<void()> opened) -> boost::asio::awaitable<std::string> {
        auto reader = co_await HttpStreamReader::open(std::move(request));
        if (!reader) co_return reader.error().message;
        std::string text = (*reader)->status() == 200 ? "" : std::to_string((*reader)->status());
        for (bool first = true; text.find(until) == text.npos; first = false) {
          const auto piece = co_await (*reader)->read(Millis{5'000});
          if (!piece || !*piece) co_return text + "<end>";
          text += **piece;
          if (first) opened();
        }
        co_return text;
      }({.url = world.url(), .target = target, .headers = std::move(headers)}, enough, once_open));
}

TEST(ChangeFeed, BeginsWithTheSeqOfTheSnapshotAndGoesOnWithWhatChanges) {
  ApiWorld world;
  world.edge("tj-bh-017-a", {"temperature"});
  world.alert(raised(1, Level::orange));
  const std::string text =
      follow(world, "/api/v1/events", "yellow", {}, [&] { world.alert(raised(2, Level::yellow).rule("low")); });
  EXPECT_EQ(text.find("event: snapshot\n"), text.find("event: "));
  EXPECT_NE(text.find("event: alert\n"), text.npos) << text;
  EXPECT_EQ(text.find(alert_id(1).hex()), text.npos) << "it was there before";
  EXPECT_NE(text.find(alert_id(2).hex()), text.npos);
}

TEST(ChangeFeed, RepeatsWhatCameAfterTheLastSeenEvent) {
  ApiWorld world;
  world.alert(raised(1, Level::orange));
  const std::string all = follow(world, "/api/v1/events?since=0", "event: hazard");
  EXPECT_NE(all.find("id: 1\nevent: alert\n"), all.npos) << all;
  const std::string rest = follow(world, "/api/v1/events", "event: hazard", {{"Last-Event-ID", "1"}});
  EXPECT_EQ(rest.find("id: 1\n"), rest.npos) << rest;
  EXPECT_NE(rest.find("id: 2\n"), rest.npos) << rest;
  const std::string back = follow(world, "/api/v1/events?since=0", "event: hazard", {{"Last-Event-ID", "1"}});
  EXPECT_EQ(back.find("id: 1\n"), back.npos) << "a browser that comes back asks for the same URL: " << back;
}

TEST(ChangeFeed, DataOfEachEventIsOneJsonObject) {
  ApiWorld world;
  world.alert(raised(1, Level::orange));
  world.alert(raised(2, Level::blue).rule("low"));
  const std::string text = follow(world, "/api/v1/events?since=0", "id: 3\n");
  int events = 0;
  for (std::size_t at = text.find("data: "); at != text.npos && text.find('\n', at) != text.npos;
       at = text.find("data: ", at + 1)) {
    const json::value data = json::parse(text.substr(at + 6, text.find('\n', at) - at - 6));
    EXPECT_TRUE(data.at("seq").is_string());
    EXPECT_TRUE(data.at("body").is_object());
    ++events;
  }
  EXPECT_GE(events, 2);
}

TEST(ChangeFeed, SaysResetWhereChangesAreNoLongerKeptOrNeverWere) {
  ApiWorld world;
  world.alert(raised(1, Level::orange));
  EXPECT_NE(follow(world, "/api/v1/events?since=999999", "data: ").find("event: reset\n"), std::string::npos);
  world.commit([&](Database& database) { collector::changes::prune(database, at(0) + std::chrono::days{1}, 100); });
  EXPECT_NE(follow(world, "/api/v1/events?since=0", "data: ").find("event: reset\n"), std::string::npos);
}

TEST(ChangeFeed, SaysResetToAClientThatFollowsTooSlowly) {
  ApiWorld world;
  world.commit([](Database& database) {
    const std::string body = R"({"text":")" + std::string(2'000, 'x') + "\"}";
    for (int i = 0; i < 20'000; ++i) collector::changes::append(database, at(i), "alert", "a", body);
  });
  const std::string text = follow(world, "/api/v1/events?since=0", "event: reset\n", {}, [&] {
    world.commit([](Database& database) { collector::changes::prune(database, at(0) + std::chrono::days{1}, 30'000); });
  });
  EXPECT_NE(text.find("id: 1\n"), text.npos);
  EXPECT_EQ(text.find("<end>"), text.npos) << text.substr(text.size() - 200);
}

TEST(ChangeFeed, SaysThatItIsStillThereAsOftenAsWasAsked) {
  ApiWorld world;
  const auto begun = std::chrono::steady_clock::now();
  const std::string text = follow(world, "/api/v1/events?heartbeat_ms=1000", "\n:\n\n");
  EXPECT_EQ(text.find("<end>"), text.npos) << text;
  EXPECT_GE(std::chrono::steady_clock::now() - begun, Millis{1'000});
  for (const char* wrong : {"999", "60001", "often"})
    EXPECT_EQ(world.get(std::string("/api/v1/events?heartbeat_ms=") + wrong).status, 400) << wrong;
}

TEST(ChangeFeed, CarriesManyChangesInOrderToSeveralClients) {
  ApiWorld world;
  for (std::uint64_t i = 1; i <= 30; ++i) world.alert(raised(i, Level::blue).rule("r" + std::to_string(i)));
  for (int client = 0; client < 3; ++client) {
    const std::string text = follow(world, "/api/v1/events?since=0", "id: 30\n");
    std::int64_t last = 0;
    for (std::size_t at = text.find("id: "); at != text.npos; at = text.find("id: ", at + 1)) {
      const std::int64_t id = std::stoll(text.substr(at + 4));
      EXPECT_EQ(id, last + 1);
      last = id;
    }
    EXPECT_EQ(last, 30);
  }
}

TEST(ChangeFeed, RefusesIdsThatAreNone) {
  ApiWorld world;
  EXPECT_EQ(world.get("/api/v1/events?since=-1").status, 400);
  EXPECT_EQ(world.get("/api/v1/events", {{"Last-Event-ID", "abc"}}).code(), "bad-event-id");
}

}  // namespace
}  // namespace anlan::test
