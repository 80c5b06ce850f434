#include <set>

#include "common/wire/command.hpp"
#include "tests/contract/api/api_world.hpp"

namespace anlan::test {
namespace {

class AlertApi : public testing::Test {
 protected:
  AlertApi() {
    world_.edge("tj-bh-017-a", {"temperature"});
    world_.alert(raised(1, Level::orange));
    target_ = "/api/v1/alerts/" + alert_id(1).hex();
  }
  std::int64_t revision() const { return world_.get(target_).body.at("revision").as_int64(); }

  ApiWorld world_;
  std::string target_;
};

TEST_F(AlertApi, ShowsAnAlertWithItsHistoryAndItsEtag) {
  const Reply reply = world_.get(target_);
  EXPECT_EQ(reply.headers.get("ETag"), '"' + std::to_string(revision()) + '"');
  EXPECT_EQ(reply.body.at("level"), "orange");
  EXPECT_EQ(reply.body.at("history").at(0).at("what"), "raised");
}

TEST_F(AlertApi, AcknowledgesOnceForAVersionThatWasSeen) {
  const std::int64_t seen = revision();
  const int commits = world_.commits();
  const Reply reply = world_.post(target_ + "/acknowledge", {{"actor", kDuty}, {"note", "已派人"}}, seen);
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body.at("acknowledged").at("by"), "王芳");
  EXPECT_EQ(reply.body.at("acknowledged").at("note"), "已派人");
  EXPECT_EQ(reply.body.at("state"), "active-acked");
  EXPECT_GT(reply.body.at("revision").as_int64(), seen);
  EXPECT_EQ(reply.headers.get("ETag"), '"' + std::to_string(revision()) + '"');
  EXPECT_EQ(world_.commits(), commits + 1);
}

TEST_F(AlertApi, RefusesAnUpdateWithoutOrWithAStaleVersion) {
  const std::int64_t seen = revision();
  EXPECT_EQ(world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, std::nullopt).code(), "if-match-missing");
  world_.alert(upgraded(1, 2, Level::red));
  EXPECT_EQ(world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, seen).code(), "stale");
  for (const char* tag : {"*", "5", "W/\"5\"", "\"x\"", "\"\"", "\"-1\"", "\"1\", \"2\""})
    EXPECT_EQ(world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, seen, "", {{"If-Match", tag}}).code(),
              "if-match-malformed")
        << tag;
  EXPECT_TRUE(world_.get(target_).body.at("acknowledged").is_null());
}

TEST_F(AlertApi, GivesTheFirstAnswerAgainForTheSameKey) {
  const std::int64_t seen = revision();
  const Reply first = world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, seen, "one-key");
  const int commits = world_.commits();
  const Reply again = world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, seen, "one-key");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(again.headers.get("ETag"), first.headers.get("ETag"));
  EXPECT_EQ(again.headers.get("Idempotency-Replayed"), "true");
  EXPECT_EQ(world_.commits(), commits);
  EXPECT_EQ(world_.get(target_).body.at("history").as_array().size(), 2u);
}

TEST_F(AlertApi, RefusesAKeyThatWasUsedForAnotherRequest) {
  const std::int64_t seen = revision();
  ASSERT_EQ(world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, seen, "one-key").status, 200);
  EXPECT_EQ(world_.post(target_ + "/acknowledge", {{"actor", kDuty}, {"note", "other"}}, seen, "one-key").code(),
            "idempotency-key-reused");
  EXPECT_EQ(world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, seen + 1, "one-key").code(),
            "idempotency-key-reused");
}

TEST_F(AlertApi, KeepsNothingOfACallThatFailed) {
  const std::int64_t seen = revision();
  ASSERT_EQ(world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, seen + 7, "one-key").status, 412);
  EXPECT_EQ(world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, seen, "one-key").status, 200);
}

TEST_F(AlertApi, AsksForAKey) {
  EXPECT_EQ(world_.post(target_ + "/acknowledge", {{"actor", kDuty}}, revision(), std::string(201, 'k')).code(),
            "idempotency-key-malformed");
  HttpRequest request{
      .method = "POST", .target = target_ + "/acknowledge", .body = R"({"actor":{"name":"a","role":"DA"}})"};
  request.headers.set("Content-Type", "application/json");
  request.headers.set("If-Match", "\"1\"");
  EXPECT_EQ(world_.ask(std::move(request)).code(), "idempotency-key-missing");
}

TEST_F(AlertApi, WantsANamedPersonInARoleOfPeople) {
  const std::int64_t seen = revision();
  const auto code = [&](json::value body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return world_.post(target_ + "/acknowledge", body, seen, "", std::move(headers)).code();
  };
  EXPECT_EQ(code(json::object{}), "invalid");
  EXPECT_EQ(code({{"actor", {{"name", "  "}, {"role", "DA"}}}}), "invalid");
  EXPECT_EQ(code({{"actor", {{"name", "a"}, {"role", "SYS"}}}}), "invalid");
  EXPECT_EQ(code({{"actor", {{"name", "a"}, {"role", "boss"}}}}), "invalid");
  EXPECT_EQ(code({{"actor", {{"name", "a\nb"}, {"role", "DA"}, {"rank", 1}}}}), "invalid");
  EXPECT_EQ(code({{"actor", "a"}}), "invalid");
  EXPECT_EQ(code(json::object{}, {{"X-Anlan-Actor", "a"}}), "invalid");
  EXPECT_EQ(code({{"actor", kDuty}}, {{"X-Anlan-Actor", "b"}, {"X-Anlan-Role", "DA"}}), "invalid");
  EXPECT_TRUE(world_.get(target_).body.at("acknowledged").is_null());
  EXPECT_EQ(code(json::object{}, {{"X-Anlan-Actor", "韩梅"}, {"X-Anlan-Role", "CR"}}), "");
  EXPECT_EQ(world_.get(target_).body.at("acknowledged").at("by"), "韩梅");
}

TEST_F(AlertApi, RefusesBodiesThatAreNotWhatItTakes) {
  HttpRequest request{.method = "POST", .target = target_ + "/acknowledge"};
  request.headers.set("Content-Type", "application/json");
  request.headers.set("If-Match", "\"1\"");
  request.headers.set("Idempotency-Key", "k");
  for (const char* body : {"", "{", "[]", "null", "{} x", "{\"actor\":", "\x80", "{\"a\":1e999999}"}) {
    request.body = body;
    const Reply reply = world_.ask(request);
    EXPECT_TRUE(reply.status == 400 || reply.status == 422) << body << reply.text;
  }
  const Reply unknown = world_.post(target_ + "/acknowledge", {{"actor", kDuty}, {"nota", "x"}}, revision());
  EXPECT_EQ(unknown.code(), "invalid");
  EXPECT_NE(unknown.text.find("nota is unknown; known are: actor, note"), std::string::npos) << unknown.text;
}

TEST_F(AlertApi, OrdersAResetOfALatchedRedOnceAndChangesNothingItself) {
  world_.broker(true);
  world_.greeting();
  world_.alert(upgraded(1, 2, Level::red));
  const json::value order{{"actor", kDuty}, {"reason", "现场确认安全"}};
  EXPECT_EQ(world_.post(target_ + "/reset", order, revision()).status, 409) << "it is not latched";
  world_.alert(latched(1, 3));
  const std::int64_t seen = revision();
  const Reply reply = world_.post(target_ + "/reset", order, seen, "one-order");
  ASSERT_EQ(reply.status, 202) << reply.text;
  EXPECT_EQ(world_.post(target_ + "/reset", order, seen, "one-order").text, reply.text);
  const auto sent = world_.orders();
  ASSERT_EQ(sent.size(), 1u) << "an answer that is only repeated sends nothing";
  EXPECT_EQ(sent[0].edge, "tj-bh-017-a");
  const auto packed = unpack_command(sent[0].payload);
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->signature, "signed");
  const auto command = decode_command(packed->command);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->what, kCommandReset);
  EXPECT_EQ(command->alert, alert_id(1));
  EXPECT_EQ(command->actor, "王芳");
  EXPECT_EQ(command->reason, "现场确认安全");
  EXPECT_EQ(command->incarnation, (Incarnation{9, 9}));
  EXPECT_EQ(command->hello, 7u);
  EXPECT_EQ(command->expires - command->issued, Millis{120'000});
  const Reply after = world_.get(target_);
  EXPECT_EQ(after.body.at("state"), "latched") << "only the edge's own word changes it";
  EXPECT_EQ(after.body.at("history").as_array().back().at("what"), "reset-ordered");
  EXPECT_EQ(after.body.at("history").as_array().back().at("actor"), "王芳");
}

TEST_F(AlertApi, OrdersNothingWithoutALineANameOrAReason) {
  world_.greeting();
  world_.alert(upgraded(1, 2, Level::red));
  world_.alert(latched(1, 3));
  const std::size_t lines = world_.get(target_).body.at("history").as_array().size();
  const auto ask = [&](const json::value& body) { return world_.post(target_ + "/reset", body, revision()); };
  world_.broker(false);
  EXPECT_EQ(ask({{"actor", kDuty}, {"reason", "x"}}).status, 503);
  world_.broker(true);
  EXPECT_EQ(ask({{"actor", kDuty}}).status, 422);
  EXPECT_EQ(ask({{"actor", kDuty}, {"reason", ""}}).status, 422);
  EXPECT_EQ(ask({{"actor", {{"name", " "}, {"role", "DA"}}}, {"reason", "x"}}).status, 422);
  EXPECT_EQ(ask({{"actor", {{"name", "王芳"}, {"role", "EM"}}}, {"reason", "x"}}).status, 409);
  EXPECT_TRUE(world_.orders().empty());
  EXPECT_EQ(world_.get(target_).body.at("history").as_array().size(), lines);
}

TEST_F(AlertApi, FiltersAndPagesThroughEveryAlertOnce) {
  for (std::uint64_t i = 2; i <= 12; ++i)
    world_.alert(raised(i, i % 2 ? Level::blue : Level::yellow).rule("r" + std::to_string(i)).when(std::int64_t(i)));
  EXPECT_EQ(world_.get("/api/v1/alerts?level=orange").body.at("items").as_array().size(), 1u);
  EXPECT_EQ(world_.get("/api/v1/alerts?state=over").body.at("items").as_array().size(), 0u);
  std::set<std::string> seen;
  std::string target = "/api/v1/alerts?site=tj-bh-017&limit=5";
  for (int pages = 0; pages < 10; ++pages) {
    const Reply reply = world_.get(target);
    ASSERT_EQ(reply.status, 200) << reply.text;
    for (const json::value& alert : reply.body.at("items").as_array())
      EXPECT_TRUE(seen.insert(text_of(alert.at("id"))).second);
    if (reply.body.at("next").is_null()) break;
    target = "/api/v1/alerts?site=tj-bh-017&limit=5&cursor=" + text_of(reply.body.at("next"));
  }
  EXPECT_EQ(seen.size(), 12u);
}

TEST_F(AlertApi, RefusesCursorsOfOtherQueriesAndForgedOnes) {
  world_.alert(raised(2, Level::red).rule("r2"));
  const std::string cursor = text_of(world_.get("/api/v1/alerts?limit=1").body.at("next"));
  EXPECT_EQ(world_.get("/api/v1/alerts?limit=2&cursor=" + cursor).status, 200);
  EXPECT_EQ(world_.get("/api/v1/alerts?level=red&cursor=" + cursor).code(), "bad-cursor");
  EXPECT_EQ(world_.get("/api/v1/hazards?cursor=" + cursor).code(), "bad-cursor");
  for (const std::string& forged : {std::string("x"), std::string("00"), cursor + "zz", cursor.substr(1),
                                    cursor.substr(0, 32) + "00", std::string(5000, '0')})
    EXPECT_EQ(world_.get("/api/v1/alerts?cursor=" + forged).status, 400) << forged;
  EXPECT_EQ(world_.get("/api/v1/alerts?cursor=" + cursor.substr(0, 32) + "7878").status, 422);
}

}  // namespace
}  // namespace anlan::test
