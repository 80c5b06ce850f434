#include "collector/people/reach.hpp"

#include <gtest/gtest.h>

#include "collector/people/subject.hpp"

namespace anlan::collector {
namespace {

const Places kPlaces{{"tank-farm", {"滨海", "bh-3", "91120000X"}}, {"works", {"河西", "", "91120000Y"}}, {"bare", {}}};

TEST(Reach, SeesTheSitesOfItsPlaceOnly) {
  EXPECT_TRUE(Reach::district("滨海").sees_site("tank-farm", kPlaces));
  EXPECT_FALSE(Reach::district("滨海").sees_site("works", kPlaces));
  EXPECT_FALSE(Reach::district("滨海").sees_site("bare", kPlaces));
  EXPECT_FALSE(Reach::district("滨海").sees_site("unknown", kPlaces));
  EXPECT_TRUE(Reach::grid("bh-3").sees_site("tank-farm", kPlaces));
  EXPECT_TRUE(Reach::company("91120000Y").sees_site("works", kPlaces));
  EXPECT_FALSE(Reach::company("91120000Y").sees_site("tank-farm", kPlaces));
  EXPECT_TRUE(Reach::everything().sees_site("unknown", kPlaces));
  EXPECT_FALSE(Reach::nothing().sees_site("tank-farm", kPlaces));
  EXPECT_FALSE(Reach::self().sees_site("tank-farm", kPlaces));
}

TEST(Reach, WithoutAPlaceReachesNothing) {
  for (const Scope scope : {Scope::district, Scope::grid, Scope::company, Scope::granted, Scope::task}) {
    const Reach reach = reach_of(scope, {}, "");
    EXPECT_TRUE(reach.none()) << to_string(scope);
    EXPECT_FALSE(reach.sees_site("bare", kPlaces)) << to_string(scope);
    EXPECT_EQ(reach.of_site("site").text, "1 = 0") << to_string(scope);
  }
}

TEST(Reach, OfATokenIsOneHazard) {
  const Reach reach = Reach::hazard("7f");
  EXPECT_TRUE(reach.sees_hazard("7f", "tank-farm", kPlaces));
  EXPECT_FALSE(reach.sees_hazard("80", "tank-farm", kPlaces));
  EXPECT_FALSE(reach.sees_site("tank-farm", kPlaces));
  EXPECT_EQ(reach.of_hazard(), (SqlCondition{"id = ?", {std::string("7f")}}));
  EXPECT_EQ(reach.of_site("site").text, "1 = 0");
}

TEST(Reach, IsAConditionOfLists) {
  EXPECT_EQ(Reach::everything().of_site("site").text, "");
  EXPECT_EQ(Reach::district("滨海").of_site("e.site"),
            (SqlCondition{"e.site IN (SELECT site FROM site_place WHERE district = ?)", {std::string("滨海")}}));
  EXPECT_EQ(Reach::nothing().of_hazard().text, "1 = 0");
}

TEST(Subject, OfAProgramReachesWhatItWasGranted) {
  Subject program;
  program.kind = Subject::Kind::client;
  program.capacity = Capacity::CL;
  program.actions = {"alerts.read"};
  program.territory.district = "滨海";
  EXPECT_EQ(program.reach("alerts.read"), Reach::district("滨海"));
  EXPECT_TRUE(program.reach("hazards.read").none());
  program.actions.push_back("people.manage");  // granted by mistake: the table has the last word
  EXPECT_TRUE(program.reach("people.manage").none());
  program.territory = {};
  program.territory.whole = true;
  EXPECT_TRUE(program.reach("alerts.read").all());
}

TEST(Subject, OfAnOpenCollectorReachesEverything) {
  Subject anybody;
  anybody.kind = Subject::Kind::open;
  for (const Permission& row : kPermissions) EXPECT_TRUE(anybody.reach("people.manage").all()) << row.action;
}

}  // namespace
}  // namespace anlan::collector
