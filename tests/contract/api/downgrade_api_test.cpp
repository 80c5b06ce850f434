// The second verification of a downgrade (rows 150, 156) over HTTP: two people, each with their own staff number and
// code.
#include "tests/contract/api/closed_world.hpp"

namespace anlan::test {
namespace {

class DowngradeApi : public testing::Test {
 protected:
  DowngradeApi() {
    world_.edge("tj-bh-017-a", {"temperature"});
    world_.alert(raised(1, Level::orange));
    world_.place_sites();
    regulator_ = enrolled("周敏", "CR", "cr-1", "");
    officer_ = enrolled("王芳", "DA", "da-1", "滨海");
    hazard_ = text_of(world_.get_as(regulator_.token, "/api/v1/hazards").body.at("items").at(0).at("id"));
    EXPECT_EQ(act(officer_, {{"action", "grade"}, {"reason", "重大"}, {"fields", {{"grade", "major"}}}}).status, 200);
  }

  struct Enrolled {
    std::string token, number, seed;
  };
  /// Somebody with a staff number, who has set up one-time codes.
  Enrolled enrolled(const std::string& name, const char* role, const std::string& number, const std::string& district) {
    json::object wish{{"name", name}, {"role", role}, {"staff_number", number}};
    if (!district.empty()) wish["district"] = district;
    Enrolled person{world_.join(wish), number, ""};
    const std::string factor = "/api/v1/session/second-factor";
    person.seed = text_of(world_.post_as(person.token, factor, {{"password", kPassword}}).body.at("seed"));
    EXPECT_EQ(world_.post_as(person.token, factor + "/confirm", {{"code", code(person)}}).status, 200);
    pass();  // that code is used up
    return person;
  }
  std::string code(const Enrolled& person) const { return collector::code_at(person.seed, world_.now()); }
  void pass() { world_.set_time(world_.now() + Millis{30'000}); }

  Reply act(const Enrolled& who, const json::value& body) {
    const std::int64_t version = shown().at("version").as_int64();
    return world_.post_as(who.token, "/api/v1/hazards/" + hazard_ + "/actions", body, version);
  }
  Reply step(const Enrolled& who, const char* action, const std::string& number, const std::string& code) {
    return act(who,
               {{"action", action}, {"reason", "复核"}, {"verification", {{"staff_number", number}, {"code", code}}}});
  }
  json::value shown() { return world_.get_as(regulator_.token, "/api/v1/hazards/" + hazard_).body; }

  ClosedWorld world_;
  Enrolled regulator_, officer_;
  std::string hazard_;
};

TEST_F(DowngradeApi, TakesTwoPeopleEachWithTheirOwnNumberAndCode) {
  const std::string used = code(officer_);
  EXPECT_EQ(step(officer_, "downgrade", officer_.number, used).status, 200);
  EXPECT_EQ(shown().at("grade"), "major");
  pass();
  EXPECT_EQ(step(officer_, "confirm_downgrade", officer_.number, code(officer_)).status, 409) << "the same person";
  EXPECT_EQ(step(regulator_, "confirm_downgrade", regulator_.number, code(regulator_)).status, 200);
  EXPECT_EQ(shown().at("grade"), "general");
}

TEST_F(DowngradeApi, IsRefusedWithoutAFreshCodeOfOnesOwn) {
  const Reply without = act(officer_, {{"action", "downgrade"}, {"reason", "复核"}});
  EXPECT_EQ(without.status, 422);
  EXPECT_NE(without.text.find("verification is missing"), std::string::npos) << without.text;
  EXPECT_EQ(step(officer_, "downgrade", officer_.number, "000000").status, 409);
  EXPECT_EQ(step(officer_, "downgrade", regulator_.number, code(regulator_)).status, 409) << "somebody else's";
  EXPECT_EQ(shown().at("history").as_array().back().as_object().at("what"), "graded");
  EXPECT_EQ(step(officer_, "downgrade", officer_.number, code(officer_)).status, 200);
  EXPECT_EQ(step(regulator_, "refuse_downgrade", regulator_.number, "0").status, 200) << "raises nobody's risk";
  EXPECT_EQ(step(officer_, "downgrade", officer_.number, code(officer_)).status, 409) << "the code is used up";
}

TEST_F(DowngradeApi, ARefusedStepUsesNoCodeUp) {
  const std::string fresh = code(regulator_);
  EXPECT_EQ(step(regulator_, "confirm_downgrade", regulator_.number, fresh).status, 409) << "nobody asked for it";
  EXPECT_EQ(step(regulator_, "downgrade", regulator_.number, fresh).status, 200);
}

TEST_F(DowngradeApi, WhoGuessesCodesIsLockedOut) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(step(officer_, "downgrade", officer_.number, "000000").status, 409);
  const Reply locked = step(officer_, "downgrade", officer_.number, code(officer_));
  EXPECT_EQ(locked.status, 423) << locked.text;
  EXPECT_FALSE(locked.headers.get("Retry-After").empty());
  EXPECT_EQ(step(regulator_, "downgrade", regulator_.number, code(regulator_)).status, 200) << "others are not";
}

TEST_F(DowngradeApi, IsNotForAGridOfficerThoughTheyActAsDistrict) {
  const Reply reply = world_.post_as(
      world_.as("GO"), "/api/v1/hazards/" + hazard_ + "/actions",
      {{"action", "downgrade"}, {"reason", "x"}, {"verification", {{"staff_number", "1"}, {"code", "000000"}}}},
      shown().at("version").as_int64());
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.code(), "not-permitted");
}

}  // namespace
}  // namespace anlan::test
