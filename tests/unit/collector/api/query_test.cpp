#include "collector/api/query.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

using Parameters = QueryFields::Parameters;

TEST(Query, ReadsWhatIsThere) {
  const Parameters parameters{{"site", "tj-bh-017"}, {"limit", "20"},     {"since", "2026-11-23T08:00:00Z"},
                              {"until", "5"},        {"overdue", "true"}, {"state", "a,b"},
                              {"text", "罐 3"}};
  QueryFields query(parameters);
  EXPECT_EQ(query.name("site"), "tj-bh-017");
  EXPECT_EQ(query.integer("limit", 1, 500), 20);
  EXPECT_EQ(to_rfc3339(*query.time("since")), "2026-11-23T08:00:00.000Z");
  EXPECT_EQ(to_ms(*query.time("until")), 5);
  EXPECT_EQ(query.flag("overdue"), true);
  EXPECT_EQ(query.choices("state", {"a", "b", "c"}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(query.text("text"), "罐 3");
  EXPECT_TRUE(query.faults().empty());
}

TEST(Query, ReadsAbsentParametersAsNothing) {
  const Parameters none;
  QueryFields query(none);
  EXPECT_EQ(query.name("site"), "");
  EXPECT_EQ(query.integer("limit", 1, 500), std::nullopt);
  EXPECT_EQ(query.time("since"), std::nullopt);
  EXPECT_EQ(query.flag("overdue"), std::nullopt);
  EXPECT_TRUE(query.choices("state", {"a"}).empty());
  EXPECT_TRUE(query.faults().empty());
}

TEST(Query, ReportsEverythingThatIsWrongAtOnceAndNamesWhatIsKnown) {
  const Parameters parameters{{"site", "BAD NAME"}, {"limit", "0"},   {"since", "soon"},
                              {"overdue", "yes"},   {"state", "a,x"}, {"text", ""},
                              {"level", "a"},       {"level", "b"},   {"tpyo", "1"}};
  QueryFields query(parameters);
  query.name("site");
  query.integer("limit", 1, 500);
  query.time("since");
  query.flag("overdue");
  query.choices("state", {"a", "b"});
  query.text("text");
  query.choice("level", {"a", "b"});
  const auto faults = query.faults();
  ASSERT_EQ(faults.size(), 8u);
  EXPECT_EQ(faults[1], "limit is no whole number from 1 to 500");
  EXPECT_EQ(faults[5], "text is empty; leave it out instead");
  EXPECT_EQ(faults[6], "level is given more than once");
  EXPECT_EQ(faults[7], "'tpyo' is unknown; known are: site, limit, since, overdue, state, text, level");
}

TEST(Query, TakesNumbersAndTimesOnlyWhole) {
  for (const char* text : {"1x", " 1", "+1", "1.0", "0x1", "99999999999999999999", "-1", ""}) {
    const Parameters parameters{{"n", text}};
    QueryFields query(parameters);
    EXPECT_EQ(query.integer("n", 0, 500), std::nullopt) << text;
    EXPECT_EQ(query.faults().size(), 1u) << text;
  }
  for (const char* text : {"-1", "253402300800000", "9223372036854775807", "2026-11-23", "2026-11-23T08:00:00"}) {
    const Parameters parameters{{"t", text}};
    QueryFields query(parameters);
    EXPECT_EQ(query.time("t"), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace anlan::collector
