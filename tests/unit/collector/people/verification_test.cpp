#include "collector/people/verification.hpp"

#include "tests/unit/collector/people/people_world.hpp"

namespace anlan::test {
namespace {

class VerificationTest : public testing::Test, protected PeopleWorld {
 protected:
  VerificationTest() {
    wang_ = enrol(officer("王芳"));
    li_ = enrol(officer("李强"));
    zhao_ = enrol(officer("赵敏", "河西"));
  }

  struct Enrolled {
    Subject subject;
    std::string number, seed;
  };
  Enrolled enrol(const PersonWish& wish) {
    join(wish);
    const auto session = log_in(log_in_of(wish.name));
    const Subject subject = who(session->token)->subject;
    return {subject, wish.staff_number, second_factor(subject)};
  }
  Verification fresh(const Enrolled& person) { return {person.number, code_at(person.seed, clock.wall())}; }

  Result<std::string> verify(const Enrolled& who, const Verification& own, const std::optional<Verification>& second,
                             bool both) {
    Result<std::string> verified = std::string();
    const auto done = db.database().transaction([&]() -> Result<void> {
      verified = verify_downgrade(db.database(), who.subject, own, second, both, "tank-farm", places_, clock.wall());
      if (!verified) return fail(verified.error());
      return {};
    });
    EXPECT_EQ(done.has_value(), verified.has_value());
    return verified;
  }

  Enrolled wang_, li_, zhao_;
  Places places_{{"tank-farm", {"滨海", "", "c1"}}};
};

TEST_F(VerificationTest, TakesOnesOwnNumberAndAFreshCode) {
  EXPECT_EQ(verify(wang_, fresh(wang_), std::nullopt, false), "");
  EXPECT_FALSE(verify(wang_, fresh(wang_), std::nullopt, false));  // the code is used up
  pass(Millis{30'000});
  EXPECT_FALSE(verify(wang_, {"staff-王芳", "000000"}, std::nullopt, false));
  EXPECT_FALSE(verify(wang_, fresh(li_), std::nullopt, false));  // somebody else's
  EXPECT_FALSE(verify(wang_, {"", ""}, std::nullopt, false));
  EXPECT_TRUE(verify(wang_, fresh(wang_), std::nullopt, false));
}

TEST_F(VerificationTest, RedOrMajorTakesASecondPersonOfThatSite) {
  EXPECT_FALSE(verify(wang_, fresh(wang_), std::nullopt, true));
  EXPECT_FALSE(verify(wang_, fresh(wang_), fresh(wang_), true));  // the same person twice
  EXPECT_FALSE(verify(wang_, fresh(wang_), fresh(zhao_), true));  // of another district
  EXPECT_EQ(verify(wang_, fresh(wang_), fresh(li_), true), "李强");
}

TEST_F(VerificationTest, AFailedOneUsesNoCodeUp) {
  const Verification own = fresh(wang_), other = fresh(li_);
  EXPECT_FALSE(verify(wang_, own, Verification{"staff-李强", "000000"}, true));
  EXPECT_EQ(verify(wang_, own, other, true), "李强");
}

TEST_F(VerificationTest, ASecondPersonWithoutTheRightDoesNotCount) {
  PersonWish wish;
  wish.name = "张伟";
  wish.staff_number = "ep-1";
  wish.role = Role::EP;
  wish.territory.company = "c1";
  const Enrolled principal = enrol(wish);
  EXPECT_FALSE(verify(wang_, fresh(wang_), fresh(principal), true));
}

TEST_F(VerificationTest, AnInspectorsTokenIsForOneHazard) {
  const auto appoint = [&](const std::string& hazard, const std::string& name) {
    auto token = db.commit([&] {
      return appoint_inspector(db.database(), note, hazard, name, wang_.subject.actor(), clock.wall(),
                               policy().task_lasts);
    });
    await(gate.changed());
    return token;
  };
  const auto token = appoint("0a", "天安检测 周工");
  ASSERT_TRUE(token);
  const auto found = who(*token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->subject.reach("hazards.read"), Reach::hazard("0a"));
  EXPECT_TRUE(found->subject.reach("alerts.read").none());
  EXPECT_TRUE(found->subject.reach("self.use").none());
  EXPECT_EQ(appoint("0b", "王芳").error().code, Errc::refused);  // an officer's name
  ASSERT_TRUE(appoint("0a", "另一位"));
  EXPECT_FALSE(who(*token));  // the later one takes its place
}

}  // namespace
}  // namespace anlan::test
