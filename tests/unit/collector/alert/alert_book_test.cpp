// The alert book on a real database, restarts and rolled back commits included.
#include "collector/alert/alert_book.hpp"

#include <gtest/gtest.h>

#include "collector/alert/alert_reader.hpp"
#include "collector/alert/episode.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/store/changes.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/records_db.hpp"

namespace anlan::collector {
namespace {

using namespace anlan::test;

class AlertBookTest : public ::testing::Test {
 protected:
  AlertBookTest() : db_({{"audit", audit_schema()}, {"changes", change_schema()}, {"alert", alert_schema()}}) {
    open();
  }

  void open() {
    book_.emplace(db_.database(), [this] { return AlertId{0xCE, ++technical_}; }, mono_from_ms(0));
  }
  void restart() {
    book_.reset();
    db_.reopen();
    open();
  }

  AlertOutcome take(std::uint64_t in, std::uint64_t sequence, const AlertTransition& t, std::int64_t now = 1'000) {
    return db_.commit([&] { return book_->on_transition(edge_, {{epoch(in), Stream::event}, sequence}, t, at(now)); });
  }
  AlertOutcome take(std::uint64_t in, const Start& start, std::int64_t now = 1'000) {
    return db_.commit([&] { return book_->on_start(edge_, {{epoch(in), Stream::event}, 0}, start, at(now)); });
  }
  AlertOutcome take(const Hello& hello, std::int64_t now = 1'000) {
    return db_.commit([&] { return book_->on_hello(hello, at(now)); });
  }
  Result<AlertOutcome> acknowledge(std::uint64_t id, std::int64_t revision, Actor actor = {"王芳", Role::DA}) {
    return db_.commit([&] { return book_->acknowledge(alert_id(id), actor, "on my way", revision, at(9'000)); });
  }
  Result<AlertOutcome> ask_reset(std::uint64_t id, std::int64_t revision, Actor actor = {"王芳", Role::DA}) {
    return db_.commit([&] { return book_->ask_reset(alert_id(id), actor, "seen", revision, at(9'000)); });
  }
  AlertDetails details(std::uint64_t id) { return AlertReader(db_.database()).get(alert_id(id)).value(); }
  Alert alert(std::uint64_t id) { return details(id).alert; }
  std::vector<Alert> list(AlertFilter filter = {}) { return AlertReader(db_.database()).list(filter).value().items; }
  std::vector<std::string> history(std::uint64_t id) {
    std::vector<std::string> words;
    for (const auto& event : details(id).history) words.push_back(event.what + (event.late ? " late" : ""));
    return words;
  }

  RecordsDb db_;
  EdgeRef edge_{"tj-bh-017-a", "tj-bh-017"};
  std::optional<AlertBook> book_;
  std::uint64_t technical_ = 0;
};

TEST_F(AlertBookTest, ARaisedAlertIsStoredAsTheEdgeSaidIt) {
  const auto outcome = take(1, 0, raised(1), 2'000);
  ASSERT_EQ(outcome.changes.size(), 1u);
  EXPECT_FALSE(outcome.changes[0].before);
  const auto a = alert(1);
  EXPECT_EQ(a.origin.edge, "tj-bh-017-a");
  EXPECT_EQ(a.source, "tj-bh-017/tank-3/temperature");
  EXPECT_EQ(a.asset, "tj-bh-017/tank-3");
  EXPECT_EQ(a.state, AlertState::active_unacked);
  EXPECT_EQ(a.level, Level::orange);
  EXPECT_EQ(a.evidence, (Evidence{82.5, 80.0, "Cel", at(-5'000), Quality::good}));
  EXPECT_EQ(a.raised_at, at(0));
  EXPECT_EQ(a.heard_at, at(2'000));
  EXPECT_EQ(a.revision, 1);
  EXPECT_EQ(a.lead, a.id);
}

TEST_F(AlertBookTest, CountsActiveAlertsByLevelAndThoseThatNobodyAcknowledged) {
  take(1, 0, raised(1));
  take(1, 1, raised(2, Level::red).rule("low"));
  take(1, 2, raised(3, Level::yellow).rule("rate"));
  ASSERT_TRUE(acknowledge(2, alert(2).revision));
  take(1, 3, cleared(3, 2).rule("rate"));
  const AlertCounts counts = AlertReader(db_.database()).counts();
  EXPECT_EQ(counts.active, (std::array<std::int64_t, 5>{0, 0, 0, 1, 1})) << "over and unacknowledged is not active";
  EXPECT_EQ(counts.unacknowledged, 2);
}

TEST_F(AlertBookTest, ARingCarriesItsAgeAndWhetherItIsLate) {
  const auto fresh = take(1, 0, raised(1), 1'000).rings;
  ASSERT_EQ(fresh.size(), 1u);
  EXPECT_FALSE(fresh[0].late);
  EXPECT_EQ(fresh[0].age, Millis{1'000});
  const auto late = take(1, 1, upgraded(1, 2, Level::red).when(5'000), 3'600'000).rings;
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].level, Level::red);
  EXPECT_TRUE(late[0].late);
  EXPECT_EQ(late[0].age, Millis{3'600'000}) << "since it was raised";
}

TEST_F(AlertBookTest, TheAgeIsUnknownWhereTheEdgesClockIsAhead) {
  const auto rings = take(1, 0, raised(1).when(60'000), 1'000).rings;
  ASSERT_EQ(rings.size(), 1u);
  EXPECT_FALSE(rings[0].age);
}

TEST_F(AlertBookTest, HistoryTellsEveryTransitionWithBothTimesAndWhatCameLate) {
  take(1, 0, raised(1, Level::yellow), 1'000);
  take(1, 3, cleared(1, 4, Level::red).when(9'000).actor("李雷"), 10'000);
  take(1, 1, upgraded(1, 2, Level::red).when(4'000), 11'000);
  EXPECT_EQ(history(1), (std::vector<std::string>{"raised", "cleared", "upgraded late"}));
  const auto d = details(1);
  EXPECT_EQ(d.history[1].actor, (Actor{"李雷", Role::EP}));
  EXPECT_EQ(d.history[1].edge_time, at(9'000));
  EXPECT_EQ(d.history[1].at, at(10'000));
  EXPECT_EQ(d.history[0].actor.role, Role::SYS);
  EXPECT_EQ(d.alert.reset_by, "李雷");
  EXPECT_EQ(d.alert.peak, Level::red) << "history knows the red";
  EXPECT_EQ(d.alert.state, AlertState::cleared_unacked);
}

TEST_F(AlertBookTest, EverythingIsTheSameAfterARestart) {
  take(1, 0, raised(1));
  take(hello_of(epoch(1), 1, {raised(1)}));
  restart();
  EXPECT_TRUE(take(1, 0, raised(1)).rings.empty()) << "rung before the restart";
  take(2, start_of({epoch(1)}, {raised(1)}));
  restart();
  take(1, 1, upgraded(1, 2, Level::red));
  EXPECT_EQ(alert(1).level, Level::red) << "a newer version of epoch 1 than the start continued";
  take(2, 1, cleared(1, 2));
  EXPECT_EQ(alert(1).state, AlertState::active_unacked) << "epoch 1 says active at version 2";
}

TEST_F(AlertBookTest, TheLeaseOutlivesARestart) {
  take(1, 0, raised(1));
  take(2, start_of({epoch(1)}, {raised(1)}));
  take(2, 1, cleared(1, 2));
  take(hello_of(epoch(1), 5, {raised(1)}));
  EXPECT_EQ(alert(1).state, AlertState::active_unacked);
  for (std::uint64_t i = 1; i < kLease; ++i) {
    restart();
    take(hello_of(epoch(2), 2));
    EXPECT_EQ(alert(1).state, AlertState::active_unacked) << i;
  }
  const auto outcome = take(hello_of(epoch(2), 2));
  EXPECT_EQ(alert(1).state, AlertState::cleared_unacked);
  ASSERT_EQ(outcome.changes.size(), 1u);
  EXPECT_EQ(outcome.changes[0].what, "gone");
}

TEST_F(AlertBookTest, LateAndOverOnlyUpdatesHistoryEvenAcrossARestart) {
  take(hello_of(epoch(1), 5, {}, 3'600'000));
  restart();
  EXPECT_TRUE(take(1, 0, raised(1, Level::red), 3'601'000).rings.empty());
  EXPECT_TRUE(take(1, 1, cleared(1, 2, Level::red), 3'601'000).rings.empty());
  EXPECT_EQ(alert(1).state, AlertState::cleared_unacked);
}

TEST_F(AlertBookTest, UncertainIsShownAndLeavesTheStateActive) {
  take(1, 0, raised(1));
  const auto outcome = db_.commit([&] { return book_->set_unclear(edge_, true, at(5'000)); });
  ASSERT_EQ(outcome.changes.size(), 1u);
  EXPECT_EQ(outcome.changes[0].what, "uncertain");
  EXPECT_TRUE(alert(1).uncertain);
  EXPECT_EQ(alert(1).state, AlertState::active_unacked);
  EXPECT_TRUE(db_.commit([&] { return book_->set_unclear(edge_, true, at(6'000)); }).changes.empty());
  take(hello_of(epoch(1), 1, {raised(1)}));
  EXPECT_FALSE(alert(1).uncertain);
  EXPECT_EQ(history(1), (std::vector<std::string>{"raised", "uncertain", "certain"}));
}

TEST_F(AlertBookTest, AGapThatSummarisesEndsItsAlerts) {
  take(1, 0, raised(1));
  Gap gap;
  gap.voids.push_back({{epoch(1), Stream::event}, LossReason::summarised, RangeSet(1, 3)});
  gap.ended.push_back(cleared(1, 3));
  db_.commit([&] { return book_->on_gap(edge_, {{epoch(1), Stream::event}, 4}, gap, at(2'000)); });
  EXPECT_EQ(alert(1).state, AlertState::cleared_unacked);
  EXPECT_EQ(history(1).back(), "summarised");
}

TEST_F(AlertBookTest, ARolledBackTransitionLeavesNothingAndRingsWhenItComesAgain) {
  db_.roll_back([&] { book_->on_transition(edge_, {{epoch(1), Stream::event}, 0}, raised(1), at(0)); });
  EXPECT_TRUE(list().empty());
  EXPECT_EQ(changes::newest(db_.database()), 0);
  EXPECT_EQ(take(1, 0, raised(1)).rings.size(), 1u);
}

TEST_F(AlertBookTest, EveryChangeIsInTheChangeFeed) {
  take(1, 0, raised(1));
  ASSERT_TRUE(acknowledge(1, 1));
  take(1, 1, cleared(1, 2));
  const auto feed = changes::after(db_.database(), 0, 100);
  ASSERT_EQ(feed.size(), 3u);
  EXPECT_EQ(feed[0].kind, "alert");
  EXPECT_EQ(feed[0].subject, alert_id(1).hex());
  EXPECT_NE(feed[1].body.find("\"what\":\"acknowledged\""), std::string::npos) << feed[1].body;
  EXPECT_NE(feed[2].body.find("\"state\":\"over\""), std::string::npos) << feed[2].body;
}

// ---- acknowledging
// ----------------------------------------------------------------------------------------------------

TEST_F(AlertBookTest, AnAcknowledgementNamesItsAuthorAndCountsUpToThePeak) {
  take(1, 0, raised(1, Level::yellow));
  ASSERT_TRUE(acknowledge(1, 1));
  EXPECT_EQ(alert(1).state, AlertState::active_acked);
  EXPECT_EQ(alert(1).acknowledged->actor, (Actor{"王芳", Role::DA}));
  EXPECT_EQ(details(1).history.back().reason, "on my way");
  take(1, 1, upgraded(1, 2, Level::red));
  EXPECT_EQ(alert(1).state, AlertState::active_unacked) << "nobody has seen the red";
  ASSERT_TRUE(acknowledge(1, alert(1).revision));
  take(1, 2, latched(1, 3));
  EXPECT_EQ(alert(1).state, AlertState::latched);
  take(1, 3, cleared(1, 4, Level::red));
  EXPECT_EQ(alert(1).state, AlertState::over);
}

TEST_F(AlertBookTest, AnAcknowledgementOfWhatHasChangedSinceIsAConflict) {
  take(1, 0, raised(1, Level::yellow));
  take(1, 1, upgraded(1, 2, Level::red));
  const auto refused = acknowledge(1, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_NE(refused.error().message.find("at revision 2, you saw 1"), std::string::npos) << refused.error().message;
  EXPECT_EQ(alert(1).state, AlertState::active_unacked);
}

TEST_F(AlertBookTest, WhatNeedsNoAcknowledgementRefusesIt) {
  take(1, 0, raised(1));
  ASSERT_TRUE(acknowledge(1, 1));
  EXPECT_EQ(acknowledge(1, 2).error().code, Errc::refused);
  EXPECT_EQ(acknowledge(7, 1).error().code, Errc::not_found);
  EXPECT_EQ(acknowledge(1, 2, {" ", Role::DA}).error().code, Errc::invalid_argument);
  EXPECT_EQ(acknowledge(1, 2, {"anlan", Role::SYS}).error().code, Errc::refused);
}

// ---- the reset from the centre

TEST_F(AlertBookTest, AResetThatIsOrderedStandsInHistoryAndChangesNothing) {
  take(1, 0, raised(1, Level::red));
  take(1, 1, latched(1, 2));
  const auto outcome = ask_reset(1, 2);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->rings.empty());
  EXPECT_EQ(alert(1).state, AlertState::latched);
  EXPECT_EQ(alert(1).revision, 3);
  EXPECT_EQ(details(1).history.back().actor, (Actor{"王芳", Role::DA}));
  take(1, 2, cleared(1, 3, Level::red));
  EXPECT_EQ(history(1), (std::vector<std::string>{"raised", "latched", "reset-ordered", "cleared"}));
}

TEST_F(AlertBookTest, AResetIsOrderedOfWhatIsLatchedByANamedPersonOnly) {
  take(1, 0, raised(1, Level::red));
  EXPECT_EQ(ask_reset(1, 1).error().code, Errc::refused) << "it is still at red";
  take(1, 1, latched(1, 2));
  EXPECT_EQ(ask_reset(1, 1).error().code, Errc::conflict);
  EXPECT_EQ(ask_reset(7, 1).error().code, Errc::not_found);
  EXPECT_EQ(ask_reset(1, 2, {" ", Role::DA}).error().code, Errc::invalid_argument);
  EXPECT_EQ(ask_reset(1, 2, {"anlan", Role::SYS}).error().code, Errc::refused);
  EXPECT_EQ(history(1).back(), "latched");
}

TEST_F(AlertBookTest, WhatItsOwnEdgeRefusesStandsInHistory) {
  take(1, 0, raised(1, Level::red));
  take(1, 1, latched(1, 2));
  const auto refuse = [&](const EdgeRef& edge, std::uint64_t id) {
    return db_.commit(
        [&] { return book_->on_reset_refused(edge, alert_id(id), "王芳", "is still at red", at(8'000), at(9'000)); });
  };
  EXPECT_TRUE(refuse({"another", "tj-bh-017"}, 1).changes.empty()) << "no edge speaks for another";
  EXPECT_TRUE(refuse(edge_, 7).changes.empty());
  EXPECT_EQ(refuse(edge_, 1).changes.size(), 1u);
  const AlertEvent event = details(1).history.back();
  EXPECT_EQ(event.what, "reset-refused");
  EXPECT_EQ(event.reason, "is still at red");
  EXPECT_EQ(event.edge_time, at(8'000));
  EXPECT_EQ(alert(1).state, AlertState::latched);
}

// ---- one live alert per (source, rule)
// --------------------------------------------------------------------------------

TEST_F(AlertBookTest, TwoIdsOfOneSourceAndRuleAreShownAsOneLiveAlert) {
  take(1, 0, raised(1, Level::orange));
  take(2, 0, raised(2, Level::red));
  const auto live = list();
  ASSERT_EQ(live.size(), 1u);
  EXPECT_EQ(live[0].id, alert_id(2)) << "the higher level leads";
  EXPECT_EQ(live[0].episodes, std::vector{alert_id(1)});
  EXPECT_EQ(alert(1).lead, alert_id(2));
  ASSERT_TRUE(acknowledge(2, live[0].revision));
  EXPECT_EQ(alert(1).state, AlertState::active_acked) << "an acknowledgement counts for every episode shown";
  take(2, 1, cleared(2, 2, Level::red));
  EXPECT_EQ(list({.states = {AlertState::active_acked}}).at(0).id, alert_id(1)) << "the other one is still active";
}

TEST_F(AlertBookTest, AnEpisodeThatJoinsMakesAnOlderLookAtTheLeadingOneStale) {
  take(1, 0, raised(1, Level::red));
  const auto seen = alert(1).revision;
  take(2, 0, raised(2, Level::orange));
  EXPECT_EQ(acknowledge(1, seen).error().code, Errc::conflict);
}

TEST_F(AlertBookTest, OtherRulesAndSourcesStandForThemselves) {
  take(1, 0, raised(1));
  take(1, 1, raised(2).rule("low"));
  take(1, 2, raised(3).source("tj-bh-017/tank-4/temperature"));
  EXPECT_EQ(list().size(), 3u);
}

// ---- lists
// ------------------------------------------------------------------------------------------------------------

TEST_F(AlertBookTest, ListsFilterAndPage) {
  for (std::uint64_t i = 1; i <= 5; ++i)
    take(1, i,
         TransitionBuilder(i)
             .level(i % 2 ? Level::red : Level::blue)
             .source("tj-bh-017/tank-" + std::to_string(i) + "/level")
             .when(static_cast<std::int64_t>(i) * 1000));
  EXPECT_EQ(list({.at_least = Level::orange}).size(), 3u);
  EXPECT_EQ(list({.source_prefix = "tj-bh-017/tank-2"}).size(), 1u);
  EXPECT_EQ(list({.source_prefix = "tj-bh-017/tank_2"}).size(), 0u) << "a prefix is no pattern";
  EXPECT_EQ(list({.since = at(2'000), .until = at(4'000)}).size(), 2u);
  EXPECT_EQ(list({.site = "elsewhere"}).size(), 0u);
  EXPECT_EQ(list({.edge = "tj-bh-017-a"}).size(), 5u);
  const AlertReader reader(db_.database());
  auto page = reader.list({.limit = 2}).value();
  EXPECT_EQ(page.items.at(0).id, alert_id(5)) << "newest first";
  page = reader.list({.limit = 2, .cursor = page.next.value()}).value();
  EXPECT_EQ(page.items.at(0).id, alert_id(3));
  page = reader.list({.limit = 2, .cursor = page.next.value()}).value();
  EXPECT_EQ(page.items.size(), 1u);
  EXPECT_FALSE(page.next);
}

TEST_F(AlertBookTest, BadListRequestsSayWhatIsWrong) {
  const AlertReader reader(db_.database());
  EXPECT_EQ(reader.list({.limit = 0}).error().code, Errc::invalid_argument);
  EXPECT_EQ(reader.list({.limit = kMaxPage + 1}).error().code, Errc::invalid_argument);
  EXPECT_EQ(reader.list({.cursor = "1; DROP TABLE alert"}).error().code, Errc::invalid_argument);
  EXPECT_EQ(reader.get(alert_id(1)).error().code, Errc::not_found);
}

}  // namespace
}  // namespace anlan::collector
