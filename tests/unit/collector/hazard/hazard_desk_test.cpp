// The closed loop on a real database: from an alert to the closed hazard, and what people must not do on the way.
#include "collector/hazard/hazard_desk.hpp"

#include <gtest/gtest.h>

#include "collector/alert/alert_book.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/hazard/hazard_reader.hpp"
#include "collector/store/changes.hpp"
#include "tests/support/records_db.hpp"
#include "tests/unit/collector/hazard/hazard_builder.hpp"

namespace anlan::collector {
namespace {

using namespace anlan::test;
using namespace testing_hazard;

class HazardDeskTest : public ::testing::Test {
 protected:
  HazardDeskTest()
      : db_({{"audit", audit_schema()},
             {"changes", change_schema()},
             {"alert", alert_schema()},
             {"hazard", hazard_schema()}}) {
    open();
  }

  void open() {
    desk_.reset();
    book_.reset();
    db_.reopen();
    book_.emplace(db_.database(), [] { return AlertId{0xCE, 1}; }, mono_from_ms(0));
    desk_.emplace(db_.database(), HazardPolicy{}, [this] { return HazardId{0x4A, ++ids_}; });
  }

  HazardOutcome take(const AlertTransition& t, std::int64_t now = 1'000) {
    return db_.commit([&] {
      return desk_->on_alerts(book_->on_transition(edge_, {{epoch(1), Stream::event}, sequence_++}, t, at(now)),
                              at(now));
    });
  }
  Result<HazardChange> act(const HazardId& id, std::string_view action, const Actor& actor,
                           std::string_view fields = "", std::string reason = "as seen on site",
                           std::optional<std::int64_t> version = {}, std::int64_t now = 60'000) {
    const auto seen = version.value_or(get(id).hazard.version);
    return db_.commit([&] { return desk_->act(id, action, actor, reason, fields, seen, at(now)); });
  }
  HazardDetails get(const HazardId& id) { return HazardReader(db_.database()).get(id).value(); }
  std::vector<Hazard> list(const HazardFilter& filter = {}, std::int64_t now = 1'000) {
    return HazardReader(db_.database()).list(filter, at(now)).value().items;
  }
  std::vector<std::string> history(const HazardId& id) {
    std::vector<std::string> words;
    for (const auto& event : get(id).history) words.push_back(event.what);
    return words;
  }
  /// From dispatched to closed.
  void close(const HazardId& id) {
    ASSERT_TRUE(act(id, "start", kPrincipal, kPlanJson));
    ASSERT_TRUE(act(id, "self_check", kPrincipal));
    const auto closed = act(id, "accept", kDistrict);
    ASSERT_TRUE(closed) << closed.error().message;
  }

  RecordsDb db_;
  EdgeRef edge_{"tj-bh-017-a", "tj-bh-017"};
  std::optional<AlertBook> book_;
  std::optional<HazardDesk> desk_;
  std::uint64_t ids_ = 0, sequence_ = 0;
};

TEST_F(HazardDeskTest, AnOrangeAlertOpensOneHazardGradedForReviewAndDispatched) {
  const auto outcome = take(raised(1, Level::orange));
  ASSERT_EQ(outcome.changes.size(), 1u);
  const auto& hazard = outcome.changes[0].hazard;
  EXPECT_EQ(hazard.state, HazardState::dispatched);
  EXPECT_EQ(hazard.grade, HazardGrade::general);
  EXPECT_TRUE(hazard.needs_grading_review);
  EXPECT_EQ(hazard.site, "tj-bh-017");
  EXPECT_EQ(hazard.asset, "tj-bh-017/tank-3");
  EXPECT_EQ(hazard.responsible, "principal of tj-bh-017");
  EXPECT_EQ(hazard.deadline, at(1'000) + std::chrono::hours{24});
  EXPECT_EQ(history(hazard.id), (std::vector<std::string>{"reported", "graded", "dispatched"}));
  for (const auto& event : get(hazard.id).history) {
    EXPECT_EQ(event.actor.role, Role::SYS);
    EXPECT_FALSE(event.reason.empty());
  }
  EXPECT_EQ(get(hazard.id).hazard.active_alerts, 1);
  ASSERT_EQ(outcome.calls.size(), 1u);
  EXPECT_EQ(outcome.calls[0].hazard, hazard.id) << "who is told of the alert is told of the hazard";
}

TEST_F(HazardDeskTest, CountsOpenHazardsByStateAndThoseThatAreOverdue) {
  const auto first = take(raised(1, Level::orange)).changes.at(0).hazard.id;
  take(raised(2, Level::orange).rule("low"));
  ASSERT_TRUE(act(first, "start", kPrincipal, kPlanJson));
  const auto count = [&](HazardState state, std::int64_t now) {
    return HazardReader(db_.database()).counts(at(now)).open[static_cast<std::size_t>(state)];
  };
  EXPECT_EQ(count(HazardState::dispatched, 1'000), 1);
  EXPECT_EQ(count(HazardState::rectifying, 1'000), 1);
  EXPECT_EQ(count(HazardState::closed, 1'000), 0);
  EXPECT_EQ(HazardReader(db_.database()).counts(at(1'000)).overdue, 0);
  EXPECT_EQ(HazardReader(db_.database()).counts(at(25 * 3'600'000)).overdue, 1) << "24 h to start, 7 days to rectify";
}

TEST_F(HazardDeskTest, BlueAndYellowOpenNone) {
  const auto outcome = take(raised(1, Level::yellow));
  EXPECT_TRUE(outcome.changes.empty());
  ASSERT_EQ(outcome.calls.size(), 1u);
  EXPECT_FALSE(outcome.calls[0].hazard);
  EXPECT_TRUE(list().empty());
}

TEST_F(HazardDeskTest, WhatStandsUnderMaintenanceSpeaksForNoHazardUntilItReturns) {
  const auto outcome = take(raised(1, Level::red).maintenance(Level::none));
  EXPECT_TRUE(outcome.changes.empty());
  EXPECT_TRUE(outcome.calls.empty());
  take(latched(1, 2).maintenance(Level::none));
  EXPECT_TRUE(list().empty());
  const auto back = take(latched(1, 3));
  ASSERT_EQ(back.calls.size(), 1u);
  EXPECT_EQ(back.calls[0].ring.level, Level::red);
  EXPECT_EQ(list().size(), 1u);
}

TEST_F(HazardDeskTest, WhatTheMaintenanceAddsToALiveAlertRaisesNoHazard) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  EXPECT_TRUE(take(upgraded(1, 2, Level::red).maintenance(Level::orange)).calls.empty());
  const auto details = get(id);
  EXPECT_EQ(details.hazard.level, Level::orange);
  EXPECT_NE(details.evidence.back().text.find("(under maintenance)"), std::string::npos) << "nothing is hidden";
}

TEST_F(HazardDeskTest, FaultsOfTheSystemItselfOpenNone) {
  const auto outcome = db_.commit([&] {
    return desk_->on_alerts(book_->raise_technical(edge_, kRuleDiskFull, Level::red, "full", at(0), at(0)), at(0));
  });
  EXPECT_EQ(outcome.changes.size(), 0u);
  EXPECT_EQ(outcome.calls.size(), 1u) << "but people are told";
  EXPECT_EQ(list().size(), 0u);
}

TEST_F(HazardDeskTest, RepeatsOfTheSameAssetAndRuleAppendEvidence) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  take(upgraded(1, 2, Level::red));
  take(cleared(1, 3, Level::red));
  EXPECT_TRUE(take(raised(2, Level::yellow).source("tj-bh-017/tank-3/top")).changes.empty());
  const auto details = get(id);
  EXPECT_EQ(list().size(), 1u);
  EXPECT_EQ(details.evidence.size(), 4u);
  EXPECT_EQ(details.evidence[1].what, "upgraded");
  EXPECT_EQ(details.evidence[1].evidence.value, 82.5);
  EXPECT_EQ(details.hazard.level, Level::red);
  EXPECT_EQ(details.hazard.alerts, 2);
  EXPECT_EQ(details.hazard.version, 3) << "evidence is no step: nobody's If-Match breaks by it";
}

TEST_F(HazardDeskTest, AnotherAssetOrRuleIsAnotherHazard) {
  take(raised(1));
  take(raised(2).rule("low"));
  take(raised(3).asset("tj-bh-017/tank-4"));
  EXPECT_EQ(list().size(), 3u);
  EXPECT_EQ(list({.asset = "tj-bh-017/tank-4"}).size(), 1u);
}

TEST_F(HazardDeskTest, ItIsWalkedFromReportToClosedByTwoPeople) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  open();  // a restart on the way
  ASSERT_TRUE(act(id, "start", kPrincipal, kPlanJson));
  ASSERT_TRUE(act(id, "progress", {"赵强", Role::EP}, "", "valve ordered"));
  const auto checked = act(id, "self_check", kPrincipal, "", "valve replaced");
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->hazard.state, HazardState::awaiting) << "the system submits it at once";
  EXPECT_EQ(act(id, "accept", kDistrict).error().code, Errc::refused) << "the alert is still active";
  take(cleared(1, 2));
  EXPECT_EQ(act(id, "accept", {"李雷", Role::DA}).error().code, Errc::refused) << "he rectified it";
  ASSERT_TRUE(act(id, "accept", kDistrict, "", "no leak seen"));
  const auto details = get(id);
  EXPECT_EQ(details.hazard.state, HazardState::closed);
  EXPECT_EQ(details.hazard.closed_at, at(60'000));
  EXPECT_EQ(history(id), (std::vector<std::string>{"reported", "graded", "dispatched", "started", "progressed",
                                                   "self_checked", "submitted", "accepted"}));
  EXPECT_EQ(details.history.back().actor, kDistrict);
  EXPECT_EQ(details.history.back().reason, "no leak seen");
  EXPECT_EQ(details.history.back().version, details.hazard.version);
  EXPECT_NE(details.history[3].fields.find("replace the valve"), std::string::npos);
}

TEST_F(HazardDeskTest, AnUncertainAlertKeepsItOpen) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  db_.commit([&] { return desk_->on_alerts(book_->set_unclear(edge_, true, at(2'000)), at(2'000)); });
  ASSERT_TRUE(act(id, "start", kPrincipal, kPlanJson));
  ASSERT_TRUE(act(id, "self_check", kPrincipal));
  EXPECT_EQ(act(id, "accept", kDistrict).error().code, Errc::refused);
}

TEST_F(HazardDeskTest, AStaleVersionIsAConflictThatChangesNothing) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  ASSERT_TRUE(act(id, "redispatch", kDistrict, R"({"responsible": "赵强"})"));
  const auto stale = act(id, "start", kPrincipal, kPlanJson, "go", 3);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Errc::conflict);
  EXPECT_NE(stale.error().message.find("at version 4, you saw 3"), std::string::npos) << stale.error().message;
  EXPECT_EQ(get(id).hazard.state, HazardState::dispatched);
}

TEST_F(HazardDeskTest, WhoActsHasANameAndARoleOfPeople) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  EXPECT_EQ(act(id, "start", {" ", Role::EP}, kPlanJson).error().code, Errc::invalid_argument);
  EXPECT_EQ(act(id, "start", {"a\nb", Role::EP}, kPlanJson).error().code, Errc::invalid_argument);
  EXPECT_EQ(act(id, "start", system_actor(), kPlanJson).error().code, Errc::refused);
  EXPECT_EQ(act(id, "start", kPrincipal, "{").error().code, Errc::invalid_argument);
  EXPECT_EQ(db_.commit([&] { return desk_->act({1, 1}, "start", kPrincipal, "", "", 1, at(0)); }).error().code,
            Errc::not_found);
}

TEST_F(HazardDeskTest, ARecurrenceSoonAfterClosingReopensAndALaterOneIsNew) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  take(cleared(1, 2));
  close(id);
  const std::int64_t day = 86'400'000;
  const auto again = take(raised(2).when(2 * day), 2 * day);
  ASSERT_EQ(again.changes.size(), 1u);
  EXPECT_EQ(again.changes[0].hazard.id, id);
  EXPECT_EQ(again.changes[0].hazard.state, HazardState::reopened);
  EXPECT_EQ(get(id).hazard.reopenings, 1);
  EXPECT_EQ(again.calls.at(0).hazard, id);
  take(cleared(2, 2).when(2 * day + 1'000), 2 * day);
  const auto plan = R"({"measures": "m", "responsible_person": "李雷", "funds": "0", "contingency_plan": "c",
                        "time_limit": "2026-11-28T00:00:00Z"})";
  ASSERT_TRUE(act(id, "start", kPrincipal, plan, "again", {}, 2 * day));
  ASSERT_TRUE(act(id, "self_check", kPrincipal, "", "done", {}, 2 * day));
  ASSERT_TRUE(act(id, "accept", kDistrict, "", "fine", {}, 2 * day));
  const auto later = take(raised(3).when(40 * day), 40 * day);
  ASSERT_EQ(later.changes.size(), 1u);
  EXPECT_NE(later.changes[0].hazard.id, id);
}

TEST_F(HazardDeskTest, ALateAlertThatWasOverOpensAHazardToo) {
  take(cleared(1, 2, Level::red).when(9'000), 3'600'000);
  ASSERT_EQ(list().size(), 1u);
  const auto hazard = list()[0];
  EXPECT_EQ(hazard.level, Level::red);
  EXPECT_EQ(hazard.active_alerts, 0);
}

TEST_F(HazardDeskTest, ALateAlertFromBeforeTheClosingIsEvidenceOfTheClosedOne) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  take(cleared(1, 2));
  close(id);
  EXPECT_TRUE(take(cleared(2, 2).when(500), 100'000).changes.empty());
  EXPECT_EQ(get(id).hazard.state, HazardState::closed);
  EXPECT_EQ(get(id).hazard.alerts, 2);
  EXPECT_EQ(list().size(), 1u);
}

TEST_F(HazardDeskTest, APersonReportsAndTheDistrictDecides) {
  const auto report = [&](HazardReport r) { return db_.commit([&] { return desk_->report(r, kEmployee, at(0)); }); };
  const auto missing = report({.site = "tj bh"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::invalid_argument);
  EXPECT_NE(missing.error().message.find("site"), std::string::npos);
  EXPECT_NE(missing.error().message.find("description; location or category"), std::string::npos)
      << missing.error().message;

  const auto first = report({.site = "tj-bh-017", .description = "应急通道堵塞", .location = "3号库"}).value().hazard;
  EXPECT_EQ(first.state, HazardState::reported);
  EXPECT_EQ(first.title, "应急通道堵塞");
  EXPECT_EQ(get(first.id).history[0].actor, kEmployee);
  const auto graded = act(first.id, "grade", kDistrict, R"({"grade": "general", "responsible": "李雷"})");
  ASSERT_TRUE(graded) << graded.error().message;
  EXPECT_EQ(graded->hazard.state, HazardState::dispatched) << "the system dispatches what is graded";
  EXPECT_EQ(graded->hazard.responsible, "李雷");
  EXPECT_FALSE(graded->hazard.needs_grading_review);

  const auto second = report({.site = "tj-bh-017", .description = "同一处", .location = "3号库"}).value().hazard;
  EXPECT_EQ(act(second.id, "merge", kDistrict, R"({"into": ")" + second.id.hex() + "\"}").error().code, Errc::refused);
  ASSERT_TRUE(act(second.id, "merge", kDistrict, R"({"into": ")" + first.id.hex() + "\"}", "the same place"));
  EXPECT_EQ(get(second.id).hazard.merged_into, first.id);
  EXPECT_EQ(get(first.id).evidence.at(0).what, "merged");

  const auto third = report({.site = "tj-bh-017", .description = "x", .category = "fire"}).value().hazard;
  ASSERT_TRUE(act(third.id, "reject", kDistrict, "", "no such place"));
  EXPECT_EQ(act(third.id, "grade", kDistrict, R"({"grade": "major"})").error().code, Errc::refused);
}

TEST_F(HazardDeskTest, ReopeningByHandIsRefusedWhereAnotherIsOpenForTheSame) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  take(cleared(1, 2));
  close(id);
  take(raised(2).when(100'000), 100'000);
  EXPECT_EQ(get(id).hazard.state, HazardState::reopened);
  EXPECT_EQ(act(id, "reopen", kDistrict).error().code, Errc::refused);
}

TEST_F(HazardDeskTest, DeadlinesAreWatchedOverRestartsAndEachIsSaidOnce) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  ASSERT_TRUE(act(id, "start", kPrincipal, kPlanJson));  // due 2026-11-25T10:00:00Z
  const auto due = get(id).hazard.deadline.value();
  std::vector<std::string> words;
  const auto look = [&](WallTime now) {
    db_.commit([&] { return desk_->on_time(now, 100); });
    const auto history = get(id).history;
    words.clear();
    for (const auto& event : history)
      if (event.what == "reminded" || event.what == "overdue" || event.what == "escalated")
        words.push_back(event.what + " " + std::to_string((event.at - due) / std::chrono::hours{1}));
  };
  for (int hours = -80; hours < 60; hours += 4) {
    open();
    look(due + std::chrono::hours{hours});
    look(due + std::chrono::hours{hours});
  }
  std::vector<std::string> expected{"reminded -24", "overdue 4", "escalated 4"};
  if (due - at(60'000) > std::chrono::hours{72}) expected.insert(expected.begin(), "reminded -72");
  EXPECT_EQ(words, expected);
  EXPECT_EQ(get(id).hazard.version, 4) << "nobody's edit is stale because somebody was reminded";
  EXPECT_EQ(db_.commit([&] { return desk_->on_time(due + std::chrono::days{30}, 100); }), 0)
      << "nothing is left to say";
}

TEST_F(HazardDeskTest, WhatAStepChangesIsThereAfterARestart) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  ASSERT_TRUE(act(id, "grade", kDistrict, R"({"grade": "major"})"));
  ASSERT_TRUE(act(id, "submit_plan", kPrincipal,
                  R"({"measures": "m", "responsible_person": "李雷", "funds": "1", "contingency_plan": "c",
                      "time_limit": "2026-11-25T00:00:00Z", "interim_control": "closed"})"));
  ASSERT_TRUE(act(id, "supervise", kCity));
  ASSERT_TRUE(act(id, "downgrade", kCity));
  open();
  const auto hazard = get(id).hazard;
  EXPECT_EQ(hazard.plan_by, kPrincipal.name);
  EXPECT_EQ(hazard.interim_control, "closed");
  EXPECT_TRUE(hazard.supervised);
  EXPECT_EQ(hazard.downgrade_by, kCity.name);
  EXPECT_TRUE(hazard.dispatched_at);
  ASSERT_TRUE(act(id, "approve_plan", kDistrict));
  EXPECT_TRUE(get(id).hazard.plan_approved);
}

TEST_F(HazardDeskTest, ListsFilterSearchAndPage) {
  take(raised(1));
  take(raised(2).asset("tj-bh-017/tank-4"));
  take(raised(3).asset("tj-bh-017/tank-5"));
  const std::int64_t two_days = 2 * 86'400'000;
  EXPECT_EQ(list({.overdue = true}).size(), 0u);
  EXPECT_EQ(list({.overdue = true}, two_days).size(), 3u);
  EXPECT_EQ(list({.overdue = false}, two_days).size(), 0u);
  EXPECT_EQ(list({.states = {HazardState::dispatched}, .site = "tj-bh-017"}).size(), 3u);
  EXPECT_EQ(list({.states = {HazardState::closed}}).size(), 0u);
  EXPECT_EQ(list({.text = "tank-4"}).size(), 1u);
  EXPECT_EQ(list({.text = "3号罐"}).size(), 3u);
  EXPECT_EQ(list({.text = "%"}).size(), 0u) << "a search text is no pattern";
  const HazardReader reader(db_.database());
  auto page = reader.list({.limit = 2}, at(0)).value();
  ASSERT_EQ(page.items.size(), 2u);
  page = reader.list({.limit = 2, .cursor = page.next.value()}, at(0)).value();
  EXPECT_EQ(page.items.size(), 1u);
  EXPECT_FALSE(page.next);
  EXPECT_EQ(reader.list({.limit = 0}, at(0)).error().code, Errc::invalid_argument);
  EXPECT_EQ(reader.list({.cursor = "x"}, at(0)).error().code, Errc::invalid_argument);
}

TEST_F(HazardDeskTest, EveryStepIsInTheChangeFeed) {
  const auto id = take(raised(1)).changes.at(0).hazard.id;
  std::vector<std::string> states;
  for (const auto& change : changes::after(db_.database(), 0, 100))
    if (change.kind == "hazard") {
      EXPECT_EQ(change.subject, id.hex());
      states.push_back(change.body.substr(change.body.find("\"what\"")));
    }
  EXPECT_EQ(states, (std::vector<std::string>{"\"what\":\"reported\"}", "\"what\":\"graded\"}",
                                              "\"what\":\"dispatched\"}", "\"what\":\"evidence\"}"}));
}

}  // namespace
}  // namespace anlan::collector
