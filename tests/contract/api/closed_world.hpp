// The API with its door closed, and people of every capacity who have logged in over HTTP: sites tj-bh-017 (district
// 滨海, grid bh-3, company 油库) and tj-hx-002 (district 河西, company 建设).
#pragma once

#include <map>

#include "collector/people/client_desk.hpp"
#include "collector/people/one_time_code.hpp"
#include "collector/people/people_desk.hpp"
#include "collector/people/secrets.hpp"
#include "tests/contract/api/api_world.hpp"

namespace anlan::test {

inline const std::string kPassword = "correct horse battery";

class ClosedWorld : public ApiWorld {
 public:
  explicit ClosedWorld(collector::Access access = {.open = false, .public_host = {}}) : ApiWorld(std::move(access)) {
    const auto hash = collector::hash_password(kPassword, {1, 8192});
    commit([&](Database& database) {
      collector::PersonWish wish;
      wish.name = "root";
      EXPECT_TRUE(collector::PeopleDesk([](Database&, const collector::PeopleAct&) {
                  }).first_administrator(database, wish, *hash, now()));
    });
    root_ = token_of("root");
  }

  /// The bearer token of a program's session.
  std::string token_of(const std::string& name, const std::string& password = kPassword) {
    const Reply in = log_in({{"name", name}, {"password", password}, {"for", "program"}});
    EXPECT_EQ(in.status, 201) << in.text;
    return in.status == 201 ? text_of(in.body.at("token")) : "";
  }
  Reply log_in(const json::value& wish, HttpHeaders headers = {}) const {
    return send("POST", "/api/v1/session", wish, std::move(headers));
  }

  Reply send(const std::string& method, const std::string& target, const json::value& body, HttpHeaders headers) const {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    if (!body.is_null()) {
      request.headers.set("Content-Type", "application/json");
      request.body = json::serialize(body);
    }
    return ask(std::move(request));
  }

  Reply get_as(const std::string& token, const std::string& target) const {
    return get(target, {{"Authorization", "Bearer " + token}});
  }
  Reply post_as(const std::string& token, const std::string& target, const json::value& body,
                std::optional<std::int64_t> version = std::nullopt, const std::string& key = "") {
    return post(target, body, version, key, {{"Authorization", "Bearer " + token}});
  }

  /// Makes the account as root, and joins with kPassword; the token.
  std::string join(json::object wish) {
    const Reply made = post_as(root_, "/api/v1/people", wish);
    EXPECT_EQ(made.status, 201) << made.text;
    const Reply in = send("POST", "/api/v1/session/invitation",
                          {{"invitation", made.body.at("invitation")},
                           {"name", wish.at("name")},
                           {"password", kPassword},
                           {"for", "program"}},
                          {});
    EXPECT_EQ(in.status, 201) << in.text;
    return text_of(in.body.at("token"));
  }

  void place_sites() {
    post_as(root_, "/api/v1/places/tj-bh-017", {{"district", "滨海"}, {"grid", "bh-3"}, {"company", "油库"}}, 0);
    post_as(root_, "/api/v1/places/tj-hx-002", {{"district", "河西"}, {"company", "建设"}}, 0);
  }

  /// One of each capacity; those with a place belong to tj-bh-017.
  std::string as(const std::string& capacity) {
    if (capacity == "SA") return root_;
    const auto known = tokens_.find(capacity);
    if (known != tokens_.end()) return known->second;
    json::object wish{{"name", "person " + capacity}};
    if (capacity == "CR") wish["role"] = "CR";
    if (capacity == "DA" || capacity == "GO") wish["role"] = "DA", wish["district"] = "滨海";
    if (capacity == "GO") wish["duty"] = "grid-officer", wish["grid"] = "bh-3";
    if (capacity == "EP" || capacity == "RE" || capacity == "EM") wish["company"] = "油库";
    if (capacity == "EP" || capacity == "RE") wish["role"] = "EP";
    if (capacity == "RE") wish["duty"] = "rectifier";
    if (capacity == "EM") wish["role"] = "EM";
    return tokens_[capacity] = capacity == "CL" ? program_token() : join(wish);
  }

  /// A program that was granted everything that programs are, in district 滨海.
  std::string program_token() {
    json::array actions;
    for (const collector::Permission& row : collector::kPermissions)
      if (row.scopes.back() == collector::Scope::granted) actions.push_back(json::string(row.action));
    json::object wish{{"name", "住建系统"}, {"district", "滨海"}};
    wish["actions"] = std::move(actions);
    const Reply made = post_as(root_, "/api/v1/clients", wish);
    EXPECT_EQ(made.status, 201) << made.text;
    return program_token(text_of(made.body.at("id")), text_of(made.body.at("secret")));
  }
  std::string program_token(const std::string& id, const std::string& secret) const {
    HttpRequest request;
    request.method = "POST";
    request.target = "/api/v1/oauth/token";
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret;
    const Reply given = ask(std::move(request));
    EXPECT_EQ(given.status, 200) << given.text;
    return text_of(given.body.at("access_token"));
  }

 protected:
  std::string root_;
  std::map<std::string, std::string> tokens_;
};

}  // namespace anlan::test
