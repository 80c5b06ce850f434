#include <gmock/gmock.h>

#include "tests/unit/collector/people/people_world.hpp"

namespace anlan::test {
namespace {

class GateTest : public testing::Test, protected PeopleWorld {
 protected:
  GateTest() { join_officer(); }

  OpenedSession browser() {
    auto opened = log_in(log_in_of("王芳", kPassword, kHome, SessionKind::browser));
    if (!opened) throw std::runtime_error(opened.error().detail);
    return *opened;
  }
};

TEST_F(GateTest, LetsInByNameAndPassword) {
  const auto opened = log_in(log_in_of(" 王芳 "));
  ASSERT_TRUE(opened);
  const auto found = who(opened->token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->subject.actor(), (Actor{"王芳", Role::DA}));
  EXPECT_EQ(found->subject.reach("hazards.read"), Reach::district("滨海"));
  EXPECT_FALSE(who("x" + opened->token));
  EXPECT_FALSE(who(""));
}

TEST_F(GateTest, AnUnknownNameCostsWhatAWrongPasswordCosts) {
  const auto hashes = [&](const std::string& name) {
    const auto before = gate.passwords().hashes();
    EXPECT_EQ(log_in(log_in_of(name, "wrong password 123")).error().code, "wrong-credentials");
    return gate.passwords().hashes() - before;
  };
  EXPECT_EQ(hashes("王芳"), 1u);
  EXPECT_EQ(hashes("nobody"), 1u);
  const Invited invited = invite(officer("李强"));  // no password yet
  EXPECT_EQ(hashes("李强"), 1u);
  const auto wrong = log_in(log_in_of("王芳", "wrong password 123")).error(),
             unknown = log_in(log_in_of("nobody", "wrong password 123")).error();
  EXPECT_EQ(wrong.detail, unknown.detail);
  EXPECT_EQ(wrong.status, unknown.status);
}

TEST_F(GateTest, LocksAnUnknownNameLikeAKnownOneAndHashesNothingMeanwhile) {
  for (const char* name : {"王芳", "nobody"}) {
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(log_in(log_in_of(name, "wrong", "6.6.6.6")).error().code, "wrong-credentials");
    const auto before = gate.passwords().hashes();
    const auto refused = log_in(log_in_of(name, kPassword, "6.6.6.6"));
    EXPECT_EQ(refused.error().code, "locked");
    EXPECT_EQ(refused.error().status, 423);
    EXPECT_EQ(refused.error().retry_after, 30);
    EXPECT_EQ(gate.passwords().hashes(), before);
  }
  EXPECT_TRUE(log_in(log_in_of("王芳")));  // from home: somebody else's guesses do not lock her out
  pass(Millis{30'000});
  EXPECT_TRUE(log_in(log_in_of("王芳", kPassword, "6.6.6.6")));
}

TEST_F(GateTest, ManyAddressesDoNotLockHerOutWhereSheWorks) {
  for (int i = 0; i < 200; ++i) log_in(log_in_of("王芳", "wrong", "6.6.6." + std::to_string(i)));
  EXPECT_EQ(log_in(log_in_of("王芳", kPassword, "9.9.9.9")).error().code, "locked");
  EXPECT_TRUE(log_in(log_in_of("王芳")));
  pass(policy().guard.longest);
  EXPECT_TRUE(log_in(log_in_of("王芳", kPassword, "9.9.9.9")));  // nor anywhere for good
}

TEST_F(GateTest, AFloodOfLogInsIsTurnedAwayAndNotKept) {
  int busy = 0, wrong = 0, done = 0;
  const int flood = 100;
  for (int i = 0; i < flood; ++i)
    boost::asio::co_spawn(io, gate.log_in(log_in_of("name-" + std::to_string(i), "wrong password 123")),
                          [&](std::exception_ptr, Answered<OpenedSession> answer) {
                            busy += answer.error().status == 503;
                            wrong += answer.error().status == 401;
                            ++done;
                          });
  ASSERT_TRUE(run_until(io, [&] { return done == flood; }));
  EXPECT_GT(busy, 0);
  EXPECT_GE(wrong, policy().hashes_waiting);
  EXPECT_EQ(busy + wrong, flood);
  EXPECT_TRUE(log_in(log_in_of("王芳")));
}

TEST_F(GateTest, ABrowsersTokenIsNoBearerAndTheOtherWayRound) {
  const auto browser_ = browser();
  EXPECT_TRUE(who(browser_.token, false));
  EXPECT_FALSE(who(browser_.token, true));
  const auto program = log_in(log_in_of("王芳"));
  EXPECT_FALSE(who(program->token, false));
  EXPECT_EQ(program->row.csrf, "");
  EXPECT_EQ(browser_.row.csrf.size(), 43u);
}

TEST_F(GateTest, EachLogInIsASessionOfItsOwn) {
  const auto one = browser(), two = browser();
  EXPECT_NE(one.token, two.token);
  EXPECT_NE(one.row.csrf, two.row.csrf);
  EXPECT_TRUE(who(one.token, false));
  ASSERT_TRUE(await(gate.log_out(who(two.token, false)->subject)));
  EXPECT_FALSE(who(two.token, false));
  EXPECT_TRUE(who(one.token, false));
}

TEST_F(GateTest, RotatesABrowsersTokenAndKeepsTheOldOneForAMoment) {
  const auto session = browser();
  pass(policy().rotate_after);
  const auto first = who(session.token, false);
  ASSERT_TRUE(first && first->new_token);
  const auto beside = who(session.token, false);  // a request that was under way
  ASSERT_TRUE(beside);
  EXPECT_FALSE(beside->new_token);
  const auto fresh = who(*first->new_token, false);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->session.csrf, session.row.csrf);
  EXPECT_FALSE(fresh->new_token);
}

TEST_F(GateTest, ATokenUsedAgainAfterItWasReplacedEndsItsSession) {
  const auto session = browser();
  pass(policy().rotate_after);
  const auto rotated = who(session.token, false);
  pass(policy().grace + Millis{1});
  EXPECT_TRUE(who(*rotated->new_token, false));
  EXPECT_FALSE(who(session.token, false));
  EXPECT_FALSE(who(*rotated->new_token, false));  // the thief's or hers: nobody can tell
  EXPECT_EQ(journal.back().what, "session.copied");
}

TEST_F(GateTest, EndsAnIdleBrowserAndEverySessionInTheEnd) {
  const auto idle = browser(), busy = browser();
  std::string token = busy.token;
  for (Millis passed{0}; passed < policy().idle; passed += Millis{600'000}) {
    pass(Millis{600'000});
    const auto found = who(token, false);
    ASSERT_TRUE(found);
    token = found->new_token.value_or(token);
  }
  EXPECT_FALSE(who(idle.token, false));
  const auto program = log_in(log_in_of("王芳"));
  pass(policy().session_lasts - Millis{1});
  EXPECT_TRUE(who(program->token));
  pass(Millis{1});
  EXPECT_FALSE(who(program->token));
}

TEST_F(GateTest, SessionsOutliveARestart) {
  const auto session = browser();
  Gate restarted(db.records(), clock, policy(), note);
  const auto found = await(restarted.recognise(session.token, false));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->subject.name, "王芳");
}

TEST_F(GateTest, KeepsNoMoreSessionsOfAPersonThanAllowed) {
  const auto oldest = log_in(log_in_of("王芳"));
  EXPECT_TRUE(who(oldest->token));
  for (int i = 0; i < policy().sessions; ++i) {
    pass(Millis{1});
    ASSERT_TRUE(log_in(log_in_of("王芳")));
  }
  EXPECT_EQ(db.database().query("SELECT COUNT(*) FROM login_session").at(0).integer(0), policy().sessions);
  EXPECT_FALSE(who(oldest->token));
}

TEST_F(GateTest, AsksForACodeOnceThereIsASecondFactor) {
  const auto session = log_in(log_in_of("王芳"));
  const std::string seed = second_factor(who(session->token)->subject);
  EXPECT_EQ(log_in(log_in_of("王芳")).error().code, "code-needed");
  LogIn with_code = log_in_of("王芳");
  with_code.code = "000000";
  EXPECT_EQ(log_in(with_code).error().code, "wrong-code");
  with_code.code = code_at(seed, clock.wall());
  ASSERT_TRUE(log_in(with_code));
  EXPECT_EQ(log_in(with_code).error().code, "wrong-code");  // replayed
  pass(Millis{30'000});
  EXPECT_EQ(log_in(with_code).error().code, "wrong-code");  // in its own window still
}

TEST_F(GateTest, CodesAreNotGuessedBetweenTwoRightPasswords) {
  const auto session = log_in(log_in_of("王芳"));
  second_factor(who(session->token)->subject);
  std::string last;
  for (int i = 0; i < 20; ++i) {
    LogIn wish = log_in_of("王芳");
    wish.code = i % 2 ? "" : "123456";
    last = log_in(wish).error().code;
  }
  EXPECT_EQ(last, "locked");
}

TEST_F(GateTest, RecoveryCodesWorkOnceEach) {
  const auto session = log_in(log_in_of("王芳"));
  std::vector<std::string> codes;
  second_factor(who(session->token)->subject, &codes);
  ASSERT_EQ(codes.size(), 10u);
  for (const std::string& code : codes) {
    LogIn wish = log_in_of("王芳");
    wish.code = code;
    EXPECT_TRUE(log_in(wish));
    EXPECT_EQ(log_in(wish).error().code, "wrong-code");
  }
}

TEST_F(GateTest, APasswordAloneDoesNotReplaceTheSecondFactor) {
  const auto session = log_in(log_in_of("王芳"));
  const Subject subject = who(session->token)->subject;
  std::vector<std::string> codes;
  const std::string seed = second_factor(subject, &codes);
  EXPECT_EQ(await(gate.begin_second_factor(subject, kHome, kPassword, "")).error().code, "code-needed");
  EXPECT_EQ(await(gate.begin_second_factor(subject, kHome, kPassword, "123456")).error().code, "wrong-code");
  EXPECT_TRUE(await(gate.begin_second_factor(subject, kHome, kPassword, codes[0])));
}

TEST_F(GateTest, ANewPasswordEndsEveryOtherSession) {
  const auto here = browser();
  const auto elsewhere = log_in(log_in_of("王芳"));
  const Subject subject = who(here.token, false)->subject;
  EXPECT_EQ(await(gate.change_password(subject, kHome, "wrong", "another long password")).error().code,
            "wrong-credentials");
  EXPECT_EQ(await(gate.change_password(subject, kHome, kPassword, "short")).error().code, "invalid");
  const auto renewed = await(gate.change_password(subject, kHome, kPassword, "another long password"));
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->row.kind, SessionKind::browser);
  EXPECT_FALSE(who(elsewhere->token));
  EXPECT_FALSE(who(here.token, false));
  EXPECT_TRUE(who(renewed->token, false));
  EXPECT_FALSE(log_in(log_in_of("王芳")));
  EXPECT_TRUE(log_in(log_in_of("王芳", "another long password")));
}

}  // namespace
}  // namespace anlan::test
