#include "collector/people/verification.hpp"

#include "collector/people/person_rows.hpp"
#include "tests/unit/collector/people/people_world.hpp"

namespace anlan::test {
namespace {

class VerificationTest : public testing::Test, protected PeopleWorld {
 protected:
  VerificationTest() {
    wang_ = enrol(officer("王芳"));
    li_ = enrol(officer("李强"));
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

  /// In a transaction that ends as the verification does, or fails by `after`.
  bool verify(const Enrolled& who, const Verification& given, bool after = true) {
    return db.database()
        .transaction([&]() -> Result<void> {
          if (auto verified = verify_downgrade(db.database(), who.subject, given, clock.wall()); !verified)
            return verified;
          return after ? Result<void>() : fail(Errc::refused, "the act itself is refused");
        })
        .has_value();
  }

  Enrolled wang_, li_;
};

TEST_F(VerificationTest, TakesOnesOwnNumberAndAFreshCode) {
  EXPECT_TRUE(verify(wang_, fresh(wang_)));
  EXPECT_FALSE(verify(wang_, fresh(wang_))) << "the code is used up";
  pass(Millis{30'000});
  EXPECT_FALSE(verify(wang_, {"staff-王芳", "000000"}));
  EXPECT_FALSE(verify(wang_, fresh(li_))) << "somebody else's";
  EXPECT_FALSE(verify(wang_, {"", ""}));
  EXPECT_TRUE(verify(wang_, fresh(wang_)));
}

TEST_F(VerificationTest, ARefusedActUsesNoCodeUp) {
  EXPECT_FALSE(verify(wang_, fresh(wang_), false));
  EXPECT_TRUE(verify(wang_, fresh(wang_)));
}

TEST_F(VerificationTest, AnAccountWithoutCodesOrSwitchedOffVerifiesNothing) {
  PersonWish wish = officer("周敏");
  join(wish);
  const Subject subject = who(log_in(log_in_of(wish.name))->token)->subject;
  EXPECT_FALSE(verify({subject, wish.staff_number, ""}, {wish.staff_number, "000000"}));
  const auto id = PersonId::from_hex(li_.subject.id).value();
  PersonChange off;
  off.off = true;
  ASSERT_TRUE(db.commit([&] {
    const auto version = find_person(db.database(), id)->person.version;
    return desk.change(db.database(), id, off, version, kAdmin, clock.wall());
  }));
  EXPECT_FALSE(verify(li_, fresh(li_)));
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
