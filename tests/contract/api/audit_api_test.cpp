// The log over the API: every act has its entry, and what is served proves itself to somebody who has nothing else.
#include <set>

#include "collector/audit/audit_log.hpp"
#include "common/io/signature.hpp"
#include "tests/contract/api/api_world.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {
namespace {

using namespace collector;

Sha256 hash_of(const json::value& value) { return sha256_from_hex(text_of(value)).value(); }

std::vector<Sha256> path_of(const json::value& proof) {
  std::vector<Sha256> path;
  for (const json::value& hash : proof.at("path").as_array()) path.push_back(hash_of(hash));
  return path;
}

class AuditApiTest : public testing::Test {
 protected:
  AuditApiTest() {
    world_.edge("tj-bh-017-a", {"temperature"});
    world_.alert(raised(1, Level::orange));
  }
  std::vector<json::value> entries(const std::string& filter = "") {
    std::vector<json::value> all;
    std::string cursor;
    do {
      const json::value page = world_.get("/api/v1/audit/entries?limit=4" + filter + cursor).body;
      for (const json::value& entry : page.at("items").as_array()) all.push_back(entry);
      cursor = page.at("next").is_null() ? "" : "&cursor=" + text_of(page.at("next"));
    } while (!cursor.empty());
    return all;
  }
  std::vector<std::string> acts(const std::string& subject) {
    std::vector<std::string> words;
    for (const json::value& entry : entries("&subject=" + subject)) words.push_back(text_of(entry.at("act")));
    return words;
  }
  ApiWorld world_;
};

TEST_F(AuditApiTest, EveryActOfEverybodyHasItsEntry) {
  const json::value alert = world_.get("/api/v1/alerts").body.at("items").at(0);
  const json::value hazard = world_.get("/api/v1/hazards").body.at("items").at(0);
  const std::string alert_id = text_of(alert.at("id")), hazard_id = text_of(hazard.at("id"));
  world_.post("/api/v1/alerts/" + alert_id + "/acknowledge", {{"actor", kDuty}, {"note", "看到了"}},
              alert.at("revision").as_int64());
  world_.post("/api/v1/hazards/" + hazard_id + "/actions",
              {{"actor", kDuty}, {"action", "redispatch"}, {"reason", "换人"}, {"fields", {{"responsible", "赵强"}}}},
              hazard.at("version").as_int64());
  EXPECT_EQ(acts("alert/" + alert_id),
            (std::vector<std::string>{"alert.raised", "notification.queued", "alert.acknowledged"}));
  EXPECT_EQ(acts("hazard/" + hazard_id),
            (std::vector<std::string>{"hazard.reported", "hazard.graded", "hazard.dispatched", "hazard.evidence",
                                      "hazard.dispatched"}));
  const json::value last = entries("&subject=hazard/" + hazard_id).back();
  EXPECT_EQ(last.at("actor"), kDuty);
  EXPECT_EQ(last.at("reason"), "换人");
  EXPECT_EQ(last.at("data").at("given.responsible"), "赵强");
  EXPECT_EQ(last.at("data").at("version"), "4");
}

TEST_F(AuditApiTest, WhatWasRefusedLeavesNone) {
  const json::value hazard = world_.get("/api/v1/hazards").body.at("items").at(0);
  const auto before = entries().size();
  const Reply refused =
      world_.post("/api/v1/hazards/" + text_of(hazard.at("id")) + "/actions",
                  {{"actor", kDuty}, {"action", "accept"}, {"reason", "x"}}, hazard.at("version").as_int64());
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(entries().size(), before);
}

TEST_F(AuditApiTest, EveryEntryIsProvedToBeInEveryTree) {
  const auto all = entries();
  ASSERT_GT(all.size(), 5u);
  for (std::size_t size = 1; size <= all.size(); ++size)
    for (std::size_t i = 0; i < size; ++i) {
      const json::value proof =
          world_.get("/api/v1/audit/proofs/inclusion?entry=" + std::to_string(i) + "&size=" + std::to_string(size))
              .body;
      EXPECT_TRUE(
          proves_inclusion(leaf_hash(text_of(all[i].at("line"))), i, size, path_of(proof), hash_of(proof.at("root"))));
    }
  for (std::size_t from = 0; from <= all.size(); ++from) {
    const json::value proof = world_.get("/api/v1/audit/proofs/consistency?from=" + std::to_string(from)).body;
    EXPECT_TRUE(proves_consistency(from, all.size(), hash_of(proof.at("from_root")), hash_of(proof.at("to_root")),
                                   path_of(proof)));
  }
}

TEST_F(AuditApiTest, TheSignedHeadIsOfTheTreeThatIsProved) {
  TempDir dir;
  const auto key = SigningKey::make(dir.file("key.pem")).value();
  world_.commit([&](Database& database) {
    const auto size = audit::size(database);
    const TreeHead head{
        *audit::log_id(database), {1, 2}, size, at(0), to_hex(root_of(size, audit::node_reader(database))),
        key.public_hex()};
    audit::keep_head(database, with_signature(head, key.sign(to_text(head))));
  });
  const json::value head = world_.get("/api/v1/audit/head").body;
  const auto read = parse_tree_head(text_of(head.at("text"))).value();
  EXPECT_TRUE(VerifyingKey::from_hex(text_of(head.at("key"))).value().verify(read.signed_text(), read.signature));
  const json::value proof =
      world_.get("/api/v1/audit/proofs/inclusion?entry=0&size=" + std::to_string(read.head.size)).body;
  EXPECT_EQ(proof.at("root"), head.at("root"));
}

}  // namespace
}  // namespace anlan::test
