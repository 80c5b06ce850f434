// What somebody hostile tries at the door, against the real server.
#include <thread>

#include "common/base/log.hpp"
#include "common/io/http_client.hpp"
#include "tests/contract/api/closed_world.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::test {
namespace {

/// A browser: what Set-Cookie said, and the CSRF token that its page was told.
struct Browser {
  std::string cookie, csrf;
};

Browser browser_of(const Reply& in) {
  const std::string_view set = in.headers.get("Set-Cookie");
  return {std::string(set.substr(0, set.find(';'))), text_of(in.body.at("csrf"))};
}

/// The whole answer, by a client that writes whatever Host it likes.
std::string log_in_as_host(const ApiWorld& world, const std::string& host, const std::string& forwarded,
                           const std::string& password) {
  const std::string command = "curl -s -i -H 'Host: " + host + "' -H 'X-Forwarded-For: " + forwarded +
                              "' -H 'Content-Type: application/json' -d '{\"name\":\"root\",\"password\":\"" +
                              password + "\"}' " + world.url() + "/api/v1/session";
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  pclose(pipe);
  return out;
}

class Attack : public testing::Test {
 protected:
  Attack() { world_.place_sites(); }

  Browser in(const std::string& name = "root", HttpHeaders headers = {}) {
    const Reply reply = world_.log_in({{"name", name}, {"password", kPassword}}, std::move(headers));
    EXPECT_EQ(reply.status, 201) << reply.text;
    EXPECT_TRUE(reply.body.at("token").is_null());
    return browser_of(reply);
  }
  Reply place(const HttpHeaders& headers) {
    HttpHeaders all = headers;
    all.set("If-Match", "\"0\"");
    all.set("Idempotency-Key", "k-" + std::to_string(++keys_));
    return world_.send("POST", "/api/v1/places/new-site-" + std::to_string(keys_), json::object{{"district", "滨海"}},
                       all);
  }

  ClosedWorld world_;
  int keys_ = 0;
};

TEST_F(Attack, ACookieAloneChangesNothing) {
  const Browser browser = in();
  EXPECT_EQ(world_.get("/api/v1/people", {{"Cookie", browser.cookie}}).status, 200);
  EXPECT_EQ(place({{"Cookie", browser.cookie}}).code(), "csrf");
  EXPECT_EQ(place({{"Cookie", browser.cookie}, {"X-Anlan-CSRF", "guessed"}}).code(), "csrf");
  const Browser other = in();
  EXPECT_EQ(place({{"Cookie", browser.cookie}, {"X-Anlan-CSRF", other.csrf}}).code(), "csrf");
  EXPECT_EQ(place({{"Cookie", browser.cookie}, {"X-Anlan-CSRF", browser.csrf}}).status, 200);
  HttpRequest leave;
  leave.method = "DELETE";
  leave.target = "/api/v1/session";
  leave.headers.set("Cookie", browser.cookie);
  EXPECT_EQ(world_.ask(leave).code(), "csrf");
}

TEST_F(Attack, APageOfAnotherOriginChangesNothing) {
  const Browser browser = in();
  HttpHeaders headers{{"Cookie", browser.cookie}, {"X-Anlan-CSRF", browser.csrf}};
  headers.set("Origin", "http://evil.example");
  EXPECT_EQ(place(headers).code(), "foreign-origin");
  headers.set("Origin", "null");
  EXPECT_EQ(place(headers).code(), "foreign-origin");
  headers.set("Origin", world_.url());
  EXPECT_EQ(place(headers).status, 200);
  EXPECT_EQ(world_.log_in({{"name", "root"}, {"password", kPassword}}, {{"Origin", "http://evil.example"}}).code(),
            "foreign-origin");
}

TEST_F(Attack, ASessionIsNeverWhatTheClientBrought) {
  const std::string planted = "anlan_session=planted-by-the-attacker";
  const Browser browser = in("root", {{"Cookie", planted}});
  EXPECT_NE(browser.cookie, planted);
  EXPECT_EQ(world_.get("/api/v1/people", {{"Cookie", planted}}).code(), "session-ended");
  const Browser again = in("root", {{"Cookie", browser.cookie}});  // logging in over a session ends it
  EXPECT_NE(again.cookie, browser.cookie);
  EXPECT_EQ(world_.get("/api/v1/people", {{"Cookie", browser.cookie}}).code(), "session-ended");
  EXPECT_EQ(world_.get("/api/v1/people", {{"Cookie", again.cookie}}).status, 200);
}

TEST_F(Attack, CookiesAreOutOfReachOfScriptsAndOfOtherSites) {
  const Reply local = world_.log_in({{"name", "root"}, {"password", kPassword}});
  const std::string set(local.headers.get("Set-Cookie"));
  for (const char* part : {"; HttpOnly", "; SameSite=Strict", "; Path=/"}) EXPECT_NE(set.find(part), set.npos) << set;
  EXPECT_EQ(set.find("Secure"), set.npos) << "the loopback has no TLS";
  ClosedWorld proxied({.open = false, .public_host = "anlan.example"});
  const std::string far = log_in_as_host(proxied, "anlan.example", "1.1.1.1", kPassword);
  EXPECT_NE(far.find("Set-Cookie: __Host-anlan_session="), far.npos) << far;
  EXPECT_NE(far.find("; Secure\r\n"), far.npos) << far;
  EXPECT_TRUE(log_in_as_host(proxied, "evil.example", "1.1.1.1", kPassword).starts_with("HTTP/1.1 421"));
}

TEST_F(Attack, ATokenIsDeadOnceItWasReplacedOrItsSessionHasEnded) {
  const Browser browser = in();
  world_.set_time(world_.now() + std::chrono::minutes{16});
  const Reply rotated = world_.get("/api/v1/people", {{"Cookie", browser.cookie}});
  const std::string fresh(rotated.headers.get("Set-Cookie"));
  ASSERT_TRUE(fresh.starts_with("anlan_session=")) << rotated.text;
  const std::string new_cookie = fresh.substr(0, fresh.find(';'));
  world_.set_time(world_.now() + std::chrono::minutes{2});
  EXPECT_EQ(world_.get("/api/v1/people", {{"Cookie", new_cookie}}).status, 200);
  EXPECT_EQ(world_.get("/api/v1/people", {{"Cookie", browser.cookie}}).code(), "session-ended");
  EXPECT_EQ(world_.get("/api/v1/people", {{"Cookie", new_cookie}}).code(), "session-ended")
      << "one of the two stole it";

  const std::string token = world_.token_of("root");
  EXPECT_EQ(world_.send("DELETE", "/api/v1/session", nullptr, {{"Authorization", "Bearer " + token}}).status, 204);
  EXPECT_EQ(world_.get_as(token, "/api/v1/people").code(), "session-ended");
}

TEST_F(Attack, CookieAndBearerAreNotMixed) {
  const Browser browser = in();
  const std::string token = browser.cookie.substr(browser.cookie.find('=') + 1);
  EXPECT_EQ(world_.get_as(token, "/api/v1/people").code(), "session-ended") << "a stolen cookie is no bearer";
  EXPECT_EQ(world_.get("/api/v1/people", {{"Cookie", "anlan_session=" + world_.as("CR")}}).code(), "session-ended");
  EXPECT_EQ(
      world_.get("/api/v1/people", {{"Cookie", browser.cookie}, {"Authorization", "Bearer " + world_.as("CR")}}).code(),
      "two-credentials");
}

TEST_F(Attack, AnUnknownNameAnswersAndCostsWhatAWrongPasswordDoes) {
  world_.as("DA");
  const auto hashes = [&](const char* name, Reply& reply) {
    const auto before = world_.gate().passwords().hashes();
    reply = world_.log_in({{"name", name}, {"password", "not the password"}});
    return world_.gate().passwords().hashes() - before;
  };
  Reply known, unknown;
  EXPECT_EQ(hashes("person DA", known), hashes("nobody at all", unknown));
  EXPECT_EQ(known.text, unknown.text);
  EXPECT_EQ(known.status, 401);
}

TEST_F(Attack, GuessingLocksTheGuesserForAWhileAndNobodyForGood) {
  Reply last;
  for (int i = 0; i < 8; ++i) last = world_.log_in({{"name", "root"}, {"password", "guess " + std::to_string(i)}});
  EXPECT_EQ(last.status, 423);
  EXPECT_EQ(last.code(), "locked");
  EXPECT_FALSE(last.headers.get("Retry-After").empty());
  EXPECT_EQ(world_.get_as(world_.as("SA"), "/api/v1/people").status, 200) << "who is in stays in";
}

TEST_F(Attack, ManyLogInsFromOneAddressAreTooMany) {
  Reply last;
  for (int i = 0; i < 300 && last.status != 429; ++i)
    last = world_.log_in({{"name", "name " + std::to_string(i)}, {"password", "a wrong password"}});
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(last.code(), "too-many-requests");
  EXPECT_FALSE(last.headers.get("Retry-After").empty());
}

TEST_F(Attack, OnePersonCannotTakeTheWholeServer) {
  const std::string token = world_.as("DA");
  int refused = 0;
  for (int i = 0; i < 400 && refused == 0; ++i) refused += world_.get_as(token, "/api/v1/permissions").status == 429;
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(world_.get_as(world_.as("SA"), "/api/v1/permissions").status, 200);
}

TEST_F(Attack, AProxysClientsAreToldApartByWhatTheProxySays) {
  ClosedWorld world({.open = false, .public_host = "anlan.example"});
  const auto from = [&](const std::string& forwarded, const std::string& host) {
    return log_in_as_host(world, host, forwarded, "wrong").substr(9, 3);
  };
  std::string last;
  for (int i = 0; i < 8; ++i) last = from("1.1.1.1, 6.6.6.6", "anlan.example");
  EXPECT_EQ(last, "423");
  EXPECT_EQ(from("7.7.7.7", "anlan.example"), "401") << "another client of the proxy";
  EXPECT_EQ(from("9.9.9.9, 6.6.6.6", "anlan.example"), "423") << "what the client claims before it does not count";
  for (int i = 0; i < 8; ++i) last = from("5.5.5." + std::to_string(i), "127.0.0.1");
  EXPECT_EQ(last, "423") << "without the proxy nobody's word counts";
}

TEST_F(Attack, NobodyRaisesThemselves) {
  const std::string officer = world_.as("DA");
  const std::string me = text_of(world_.get_as(officer, "/api/v1/session").body.at("id"));
  EXPECT_EQ(world_.post_as(officer, "/api/v1/people/" + me, {{"role", "SA"}}, 2).code(), "not-permitted");
  json::value wish = {{"name", "x"}, {"role", "EM"}, {"company", "油库"}, {"state", "active"}, {"version", 9}};
  const Reply assigned = world_.post_as(world_.as("SA"), "/api/v1/people", wish);
  EXPECT_EQ(assigned.status, 422);
  EXPECT_NE(assigned.text.find("state is unknown"), std::string::npos) << assigned.text;
  for (const char* member : {"password_hash", "id", "second_factor", "capacity", "whole"}) {
    json::value more = {{"name", "x"}, {"role", "EM"}, {"company", "油库"}};
    more.as_object()[member] = "1";
    EXPECT_EQ(world_.post_as(world_.as("SA"), "/api/v1/people", more).status, 422) << member;
  }
  const Reply joining = world_.send("POST", "/api/v1/session/invitation",
                                    {{"invitation", "x"}, {"name", "x"}, {"password", kPassword}, {"role", "SA"}}, {});
  EXPECT_EQ(joining.status, 422);
}

TEST_F(Attack, PathsDoNotClimb) {
  for (const char* target : {"/api/v1/places/../people", "/api/v1/places/..%2Fpeople", "/api/v1/places/%2e%2e",
                             "/api/v1/../../etc/passwd", "/api/v1//people", "/api/v1/places/a%00b"}) {
    const Reply reply = world_.get_as(world_.as("DA"), target);
    EXPECT_TRUE(reply.status == 400 || reply.status == 404) << target << reply.status << reply.text;
  }
}

TEST_F(Attack, QuotesAreTextAndNoSql) {
  const std::string nasty = "x' OR '1'='1";
  EXPECT_EQ(world_.log_in({{"name", nasty}, {"password", nasty}}).status, 401);
  EXPECT_TRUE(world_.get_as(world_.as("SA"), "/api/v1/people?text=" + percent_encode(nasty))
                  .body.at("items")
                  .as_array()
                  .empty());
  EXPECT_EQ(world_
                .post_as(world_.as("SA"), "/api/v1/people",
                         {{"name", nasty}, {"role", "DA"}, {"district", "滨海'; DROP TABLE person;--"}})
                .status,
            201);
  EXPECT_EQ(
      world_.get_as(world_.as("SA"), "/api/v1/people?text=" + percent_encode(nasty)).body.at("items").as_array().size(),
      1u);
}

TEST_F(Attack, AStreamShowsOnesPlaceAndEndsWithItsSession) {
  const std::string officer = world_.as("DA");
  const auto follow = [&](const std::string& token, const std::string& until, const std::function<void()>& once_open) {
    HttpHeaders headers{{"Authorization", "Bearer " + token}};
    return run_coro([](HttpRequest request, std::string enough,
                       std::function<void()> opened) -> boost::asio::awaitable<std::string> {
      auto reader = co_await HttpStreamReader::open(std::move(request));
      if (!reader) co_return reader.error().message;
      std::string text;
      for (bool first = true; text.find(enough) == text.npos; first = false) {
        const auto piece = co_await (*reader)->read(Millis{20'000});
        if (!piece || !*piece) co_return text + "<end>";
        text += **piece;
        if (first) opened();
      }
      co_return text;
    }({.url = world_.url(), .target = "/api/v1/events", .headers = std::move(headers)}, until, once_open));
  };
  const std::string seen = follow(officer, alert_id(3).hex(), [&] {
    world_.alert(raised(2, Level::orange).source("tj-hx-002/crane/load").asset("tj-hx-002/crane"), "tj-hx-002-a",
                 "tj-hx-002");
    world_.alert(raised(3, Level::orange));
  });
  EXPECT_NE(seen.find(alert_id(3).hex()), seen.npos) << seen;
  EXPECT_EQ(seen.find(alert_id(2).hex()), seen.npos) << seen;
  EXPECT_EQ(seen.find("tj-hx-002"), seen.npos) << seen;
  const std::string ended = follow(officer, alert_id(4).hex(), [&] {
    world_.send("DELETE", "/api/v1/session", nullptr, {{"Authorization", "Bearer " + officer}});
    world_.alert(raised(4, Level::orange).rule("low"));
  });
  EXPECT_TRUE(ended.ends_with("<end>")) << ended;
  EXPECT_EQ(ended.find(alert_id(4).hex()), ended.npos) << ended;
}

TEST_F(Attack, ProgramsStayWithinWhatTheyWereGranted) {
  const std::string program = world_.as("CL");
  EXPECT_EQ(world_.get_as(program, "/api/v1/alerts").status, 200);
  EXPECT_EQ(world_.get_as(program, "/api/v1/people").code(), "not-permitted");
  const Reply report = world_.post_as(program, "/api/v1/hazards",
                                      {{"site", "tj-bh-017"}, {"description", "裂缝"}, {"location", "东侧"}});
  EXPECT_EQ(report.status, 201) << report.text;
  EXPECT_EQ(report.body.at("history").at(0).at("actor"), "住建系统");
  HttpRequest twice;
  twice.method = "POST";
  twice.target = "/api/v1/oauth/token";
  twice.headers.set("Content-Type", "application/x-www-form-urlencoded");
  twice.body = "grant_type=client_credentials&grant_type=client_credentials";
  EXPECT_EQ(world_.ask(twice).body.at("error"), "invalid_request");
  twice.body = "grant_type=password&username=root&password=x";
  EXPECT_EQ(world_.ask(twice).body.at("error"), "unsupported_grant_type");
}

}  // namespace
}  // namespace anlan::test
