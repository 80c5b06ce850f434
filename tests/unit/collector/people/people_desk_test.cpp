#include <gmock/gmock.h>

#include "tests/unit/collector/people/people_world.hpp"

namespace anlan::test {
namespace {

using testing::HasSubstr;

class PeopleDeskTest : public testing::Test, protected PeopleWorld {
 protected:
  Result<Person> change(const Person& person, const PersonChange& wish, const Actor& by = kAdmin,
                        std::optional<std::int64_t> version = std::nullopt) {
    auto done = db.commit([&] {
      return desk.change(db.database(), person.id, wish, version.value_or(person.version), by, clock.wall());
    });
    await(gate.changed());
    return done;
  }
  Result<Person> first(const std::string& name = "root") {
    PersonWish wish;
    wish.name = name;
    return db.commit([&] { return desk.first_administrator(db.database(), wish, "hash", clock.wall()); });
  }
  Errc create_code(const PersonWish& wish) {
    return db.commit([&] { return desk.create(db.database(), wish, kAdmin, clock.wall()); }).error().code;
  }
};

TEST_F(PeopleDeskTest, TheFirstAdministratorIsMadeOnce) {
  ASSERT_TRUE(first());
  EXPECT_EQ(first("second").error().code, Errc::refused);
  EXPECT_EQ(PeopleDesk::list(db.database(), {}).size(), 1u);
  EXPECT_EQ(journal.back().what, "person.created");
}

TEST_F(PeopleDeskTest, ARoleComesWithItsPlaceAndNoOther) {
  const auto fault = [](Role role, Duty duty, Territory territory) {
    PersonWish wish;
    wish.name = "x";
    wish.role = role;
    wish.duty = duty;
    wish.territory = std::move(territory);
    return wish_fault(wish);
  };
  EXPECT_EQ(fault(Role::SA, Duty::none, {}), "");
  EXPECT_EQ(fault(Role::CR, Duty::none, {}), "");
  EXPECT_EQ(fault(Role::DA, Duty::none, {"d", "", "", false}), "");
  EXPECT_EQ(fault(Role::DA, Duty::grid_officer, {"d", "g", "", false}), "");
  EXPECT_EQ(fault(Role::EP, Duty::none, {"", "", "c", false}), "");
  EXPECT_EQ(fault(Role::EP, Duty::rectifier, {"", "", "c", false}), "");
  EXPECT_EQ(fault(Role::EM, Duty::none, {"", "", "c", false}), "");
  for (const Role role : {Role::DA, Role::EP, Role::EM}) EXPECT_NE(fault(role, Duty::none, {}), "");
  EXPECT_NE(fault(Role::SA, Duty::none, {"d", "", "", false}), "");
  EXPECT_NE(fault(Role::DA, Duty::none, {"d", "g", "", false}), "");
  EXPECT_NE(fault(Role::EP, Duty::grid_officer, {"", "g", "c", false}), "");
  EXPECT_NE(fault(Role::EM, Duty::rectifier, {"", "", "c", false}), "");
  EXPECT_NE(fault(Role::SYS, Duty::none, {}), "");
}

TEST_F(PeopleDeskTest, ANameIsOnePersonForGood) {
  const Invited first_one = invite(officer("Wang Fang"));
  PersonWish same = officer(" wang fang ");
  same.staff_number = "other";
  EXPECT_EQ(create_code(same), Errc::refused);
  ASSERT_TRUE(change(first_one.person, {.staff_number = {}, .role = {}, .duty = {}, .territory = {}, .off = true}));
  EXPECT_EQ(create_code(same), Errc::refused);
  EXPECT_EQ(create_code(officer("anlan")), Errc::invalid_argument);
  PersonWish same_number = officer("Li");
  same_number.staff_number = "staff-Wang Fang";
  EXPECT_EQ(create_code(same_number), Errc::refused);
}

TEST_F(PeopleDeskTest, ChangedRightsEndSessions) {
  const Person person = join_officer();
  const auto session = log_in(log_in_of("王芳"));
  ASSERT_TRUE(session);
  ASSERT_TRUE(who(session->token));
  PersonChange number;
  number.staff_number = "new number";
  const auto renumbered = change(person, number);
  ASSERT_TRUE(renumbered) << renumbered.error().message;
  EXPECT_TRUE(who(session->token));  // no rights changed
  PersonChange elsewhere;
  elsewhere.territory = Territory{"河西", "", "", false};
  ASSERT_TRUE(change(*renumbered, elsewhere));
  EXPECT_FALSE(who(session->token));
  EXPECT_EQ(log_in(log_in_of("王芳"))->person.is.territory.district, "河西");
}

TEST_F(PeopleDeskTest, AnAccountThatIsOffDoesNothing) {
  const Person person = join_officer();
  const auto session = log_in(log_in_of("王芳"));
  PersonChange off, on;
  off.off = true;
  on.off = false;
  const auto switched = change(person, off);
  ASSERT_TRUE(switched);
  EXPECT_FALSE(who(session->token));
  EXPECT_EQ(log_in(log_in_of("王芳")).error().code, "wrong-credentials");
  const auto back = change(*switched, on);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->state, PersonState::active);
  EXPECT_TRUE(log_in(log_in_of("王芳")));
}

TEST_F(PeopleDeskTest, NobodyTakesTheLastKeyNorRaisesThemselves) {
  const Person root = *first();
  PersonChange off, lower;
  off.off = true;
  lower.role = Role::CR;
  EXPECT_EQ(change(root, off, {"other", Role::SA}).error().code, Errc::refused);
  EXPECT_EQ(change(root, lower, {"other", Role::SA}).error().code, Errc::refused);
  const Person officer_ = join_officer();
  PersonChange raise;
  raise.role = Role::SA;
  raise.territory = Territory{};
  EXPECT_EQ(change(officer_, raise, {"王芳", Role::DA}).error().code, Errc::refused);
}

TEST_F(PeopleDeskTest, StaleChangesAreConflicts) {
  const Person person = join_officer();
  PersonChange number;
  number.staff_number = "7";
  EXPECT_EQ(change(person, number, kAdmin, person.version - 1).error().code, Errc::conflict);
  EXPECT_EQ(db.commit([&] { return desk.change(db.database(), PersonId{1, 1}, number, 1, kAdmin, clock.wall()); })
                .error()
                .code,
            Errc::not_found);
}

TEST_F(PeopleDeskTest, AnInvitationIsGoodOnceForItsPersonAndForThreeDays) {
  const Invited invited = invite(officer("王芳"));
  invite(officer("李强"));
  const auto accept = [&](const std::string& token, const std::string& name, const std::string& password = kPassword) {
    return await(gate.accept_invitation(token, log_in_of(name, password)));
  };
  EXPECT_EQ(accept(invited.invitation, "李强").error().code, "wrong-invitation");
  EXPECT_EQ(accept(invited.invitation + "x", "王芳").error().code, "wrong-invitation");
  EXPECT_EQ(accept(invited.invitation, "王芳", "short").error().code, "invalid");
  EXPECT_EQ(log_in(log_in_of("王芳", "")).error().code, "wrong-credentials");  // no password is no way in
  ASSERT_TRUE(accept(invited.invitation, "王芳"));
  EXPECT_EQ(accept(invited.invitation, "王芳", "another long password").error().code, "wrong-invitation");
  const Invited late = invite(officer("赵敏"));
  pass(kInvitationLasts);
  EXPECT_EQ(accept(late.invitation, "赵敏").error().code, "wrong-invitation");
}

TEST_F(PeopleDeskTest, InvitingAnewTakesPasswordCodesAndSessionsAway) {
  join_officer();
  const auto session = log_in(log_in_of("王芳"));
  second_factor(who(session->token)->subject);
  const Person person = *PeopleDesk::get(db.database(), session->person.id);
  const auto again =
      db.commit([&] { return desk.invite_again(db.database(), person.id, person.version, kAdmin, clock.wall()); });
  await(gate.changed());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->person.second_factor);
  EXPECT_FALSE(who(session->token));
  EXPECT_EQ(log_in(log_in_of("王芳")).error().code, "wrong-credentials");
  EXPECT_TRUE(await(gate.accept_invitation(again->invitation, log_in_of("王芳", "an entirely new one"))));
  EXPECT_TRUE(log_in(log_in_of("王芳", "an entirely new one")));
}

TEST_F(PeopleDeskTest, EveryActIsWrittenDownWithoutSecrets) {
  const Invited invited = invite(officer("王芳"));
  ASSERT_TRUE(await(gate.accept_invitation(invited.invitation, log_in_of("王芳"))));
  std::vector<std::string> whats;
  for (const PeopleAct& act : journal) {
    whats.push_back(act.what);
    for (const std::string& secret : {invited.invitation, kPassword})
      EXPECT_EQ((act.subject + act.detail).find(secret), std::string::npos) << act.what;
  }
  EXPECT_THAT(whats, testing::ElementsAre("person.created", "person.joined", "session.opened"));
  EXPECT_EQ(journal[0].actor, kAdmin);
  EXPECT_EQ(journal[1].actor, (Actor{"王芳", Role::DA}));
  EXPECT_THAT(journal[0].detail, HasSubstr("滨海"));
}

TEST_F(PeopleDeskTest, NoSecretStandsInTheDatabase) {
  const Invited invited = invite(officer("王芳"));
  const auto opened = await(gate.accept_invitation(invited.invitation, log_in_of("王芳")));
  std::vector<std::string> codes;
  second_factor(who(opened->token)->subject, &codes);
  const Invited open_invitation = invite(officer("李强"));
  std::string all;
  for (const char* table : {"person", "recovery_code", "known_address", "login_session"})
    for (const SqlRow& row : db.database().query(std::string("SELECT * FROM ") + table))
      for (std::size_t column = 0; column < 11; ++column) {
        try {
          if (!row.null(column)) all += row.text(column) + "\n";
        } catch (const std::out_of_range&) {
          break;
        }
      }
  EXPECT_THAT(all, HasSubstr("王芳"));
  for (const std::string& secret : {kPassword, invited.invitation, opened->token, open_invitation.invitation, codes[0]})
    EXPECT_EQ(all.find(secret), std::string::npos);
}

}  // namespace
}  // namespace anlan::test
