// Searching text finds what it would find by reading every hazard, and reads few.
#include "collector/hazard/hazard_text.hpp"

#include <random>

#include <gtest/gtest.h>

#include "collector/alert/alert_book.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/hazard/hazard_desk.hpp"
#include "collector/hazard/hazard_reader.hpp"
#include "collector/hazard/hazard_rows.hpp"
#include "collector/store/changes.hpp"
#include "tests/support/records_db.hpp"
#include "tests/unit/collector/hazard/hazard_builder.hpp"

namespace anlan::collector {
namespace {

using test::at;

std::vector<StageSchema> schemas(std::vector<std::string> steps = hazard_schema()) {
  return {
      {"audit", audit_schema()}, {"changes", change_schema()}, {"alert", alert_schema()}, {"hazard", std::move(steps)}};
}

/// As many characters as few signs make: much is alike.
std::string words(std::mt19937_64& random, std::size_t least, std::size_t most) {
  static const std::vector<std::string> signs{"罐", "区", "火", "灾", "A",  "a", "b", "7",
                                              " ",  "%",  "_",  "\\", "\"", "é", "😀"};
  std::string text;
  for (std::size_t n = least + random() % (most - least + 1); n > 0; --n) text += signs[random() % signs.size()];
  return text;
}

std::string folded(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

class HazardTextTest : public testing::Test {
 protected:
  void put(HazardRows& rows, std::uint64_t number, const std::string& title, const std::string& description) {
    Hazard hazard;
    hazard.id = HazardId{0x4A, number};
    hazard.version = 1;
    hazard.state = HazardState::dispatched;
    hazard.site = "tj-bh-017";
    hazard.title = title;
    hazard.description = description;
    hazard.location = "东侧";
    hazard.asset = "tank-" + std::to_string(number);
    rows.insert(hazard);
  }
  static std::vector<std::string> found(Database& database, const std::string& text) {
    std::vector<std::string> titles;
    HazardFilter filter;
    filter.text = text;
    filter.limit = 7;
    while (true) {
      const auto page = HazardReader(database).list(filter, at(0)).value();
      for (const Hazard& hazard : page.items) titles.push_back(hazard.title);
      if (!page.next) return titles;
      filter.cursor = *page.next;
    }
  }
};

TEST_F(HazardTextTest, FindsWhatReadingEveryHazardFinds) {
  test::RecordsDb db(schemas());
  std::mt19937_64 random(20261201);
  std::vector<std::pair<std::string, std::string>> all;
  db.commit([&] {
    HazardRows rows(db.database());
    for (std::uint64_t number = 1; number <= 300; ++number) {
      all.emplace_back(words(random, 1, 8), words(random, 1, 30));
      put(rows, number, all.back().first, all.back().second);
    }
    return true;
  });
  int hits = 0;
  for (int i = 0; i < 500; ++i) {
    const std::string text = words(random, 1, 4);
    std::vector<std::string> expected;
    for (auto hazard = all.rbegin(); hazard != all.rend(); ++hazard)
      if (folded(hazard->first).contains(folded(text)) || folded(hazard->second).contains(folded(text)))
        expected.push_back(hazard->first);
    hits += static_cast<int>(expected.size());
    EXPECT_EQ(found(db.database(), text), expected) << text;
  }
  EXPECT_GT(hits, 500) << "otherwise it proves little";
}

TEST_F(HazardTextTest, FindsByAssetLocationAndId) {
  test::RecordsDb db(schemas());
  db.commit([&] {
    HazardRows rows(db.database());
    for (std::uint64_t number = 1; number <= 20; ++number) put(rows, number, std::to_string(number), "x");
    return true;
  });
  EXPECT_EQ(found(db.database(), "tank-13"), std::vector<std::string>{"13"});
  EXPECT_EQ(found(db.database(), HazardId{0x4A, 17}.hex()), std::vector<std::string>{"17"});
  EXPECT_EQ(found(db.database(), "东").size(), 20u);
  EXPECT_EQ(found(db.database(), "西").size(), 0u);
}

TEST_F(HazardTextTest, WhatWasThereBeforeTheIndexIsFoundAfterTheMigration) {
  test::RecordsDb db(schemas());
  std::mt19937_64 random(7);
  std::vector<std::string> titles;
  db.commit([&] {
    HazardRows rows(db.database());
    for (std::uint64_t number = 1; number <= 200; ++number) {
      titles.push_back(words(random, 1, 8));
      put(rows, number, titles.back(), words(random, 1, 30));
    }
    return true;
  });
  std::vector<std::vector<std::string>> before;
  for (const std::string& title : titles) before.push_back(found(db.database(), title));
  // As a store of the version before: without the index and its two steps.
  db.commit([&] {
    db.database().exec("DROP TABLE hazard_text");
    db.database().exec("UPDATE schema_version SET version = version - 2 WHERE stage = 'hazard'");
    return true;
  });
  db.reopen();
  for (std::size_t i = 0; i < titles.size(); ++i) EXPECT_EQ(found(db.database(), titles[i]), before[i]) << titles[i];
}

TEST_F(HazardTextTest, ReadsTheIndexFromTheNewestBackwards) {
  test::RecordsDb db(schemas());
  std::string plan;
  for (const SqlRow& row : db.database().query(
           "EXPLAIN QUERY PLAN SELECT number FROM hazard JOIN hazard_text ON number = hazard_text.rowid WHERE "
           "hazard_text MATCH :p1 AND title LIKE '%x%' ORDER BY hazard_text.rowid DESC LIMIT 51",
           {sql(text_query("火灾"))}))
    plan += row.text(3) + "\n";
  EXPECT_NE(plan.find("SCAN hazard_text VIRTUAL TABLE"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
}

}  // namespace
}  // namespace anlan::collector
