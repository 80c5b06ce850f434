// What the centre raises by itself: silent edges, two boxes under one identity.
#include <gtest/gtest.h>

#include "collector/alert/alert_book.hpp"
#include "collector/alert/alert_reader.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/store/changes.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/records_db.hpp"

namespace anlan::collector {
namespace {

using namespace anlan::test;

constexpr Millis kAfter{90'000};

class TechnicalAlertTest : public ::testing::Test {
 protected:
  TechnicalAlertTest() : db_({{"audit", audit_schema()}, {"changes", change_schema()}, {"alert", alert_schema()}}) {
    start(0);
  }

  void start(int second) {
    book_.reset();
    db_.reopen();
    book_.emplace(db_.database(), [this] { return AlertId{0xCE, ++ids_}; }, mono_from_ms(second * 1000));
  }
  AlertOutcome heard(int second) {
    return db_.commit([&] { return book_->on_heard(edge_, at(second * 1000), mono_from_ms(second * 1000)); });
  }
  AlertOutcome check(int second) {
    return db_.commit([&] { return book_->check_silence(at(second * 1000), mono_from_ms(second * 1000), kAfter); });
  }
  std::vector<std::string> silent() { return AlertReader(db_.database()).silent_edges(); }

  RecordsDb db_;
  EdgeRef edge_{"tj-bh-017-a", "tj-bh-017"};
  std::optional<AlertBook> book_;
  std::uint64_t ids_ = 0;
};

TEST_F(TechnicalAlertTest, ASilentEdgeRaisesOneYellowAlertAndItsReturnClearsIt) {
  heard(0);
  EXPECT_TRUE(check(90).changes.empty());
  const auto raised = check(91);
  ASSERT_EQ(raised.changes.size(), 1u);
  const auto& alert = raised.changes[0].alert;
  EXPECT_EQ(alert.level, Level::yellow);
  EXPECT_EQ(alert.source, "tj-bh-017/tj-bh-017-a");
  EXPECT_EQ(alert.rule, kRuleEdgeSilent);
  EXPECT_TRUE(alert.technical);
  ASSERT_EQ(raised.rings.size(), 1u);
  EXPECT_TRUE(check(95).changes.empty()) << "once";
  EXPECT_EQ(silent(), std::vector<std::string>{"tj-bh-017-a"});
  const auto back = heard(100);
  ASSERT_EQ(back.changes.size(), 1u);
  EXPECT_FALSE(is_active(back.changes[0].alert.state));
  EXPECT_TRUE(silent().empty());
}

TEST_F(TechnicalAlertTest, AfterARestartAnEdgeHasTheWholeTimeAndAnOldAlertStays) {
  heard(0);
  start(1000);
  EXPECT_TRUE(check(1090).changes.empty());
  EXPECT_EQ(check(1091).changes.size(), 1u);
  start(2000);
  EXPECT_TRUE(check(2091).changes.empty()) << "it is raised already";
  EXPECT_EQ(silent().size(), 1u);
  EXPECT_EQ(heard(2100).changes.size(), 1u);
}

TEST_F(TechnicalAlertTest, AReturnWhoseCommitFailedClearsAtTheNextMessage) {
  heard(0);
  check(91);
  db_.roll_back([&] { book_->on_heard(edge_, at(100'000), mono_from_ms(100'000)); });
  EXPECT_EQ(silent().size(), 1u);
  check(101);
  EXPECT_EQ(heard(102).changes.size(), 1u);
  EXPECT_TRUE(silent().empty());
}

TEST_F(TechnicalAlertTest, ASilentEdgeDoesNotDisturbTheAlertsItSent) {
  db_.commit([&] { return book_->on_transition(edge_, {{epoch(1), Stream::event}, 0}, raised(1), at(0)); });
  heard(0);
  check(91);
  db_.commit([&] { return book_->on_hello(hello_of(epoch(1), 1, {raised(1)}), at(92'000)); });
  EXPECT_EQ(silent().size(), 1u) << "a hello alone is no on_heard()";
  EXPECT_EQ(AlertReader(db_.database()).get(alert_id(1))->alert.state, AlertState::active_unacked);
}

TEST_F(TechnicalAlertTest, TwoBoxesIsRaisedOnceAndEndsWhenAPersonHasSeenIt) {
  const auto raise = [&] {
    return db_.commit(
        [&] { return book_->raise_technical(edge_, kRuleTwoBoxes, Level::yellow, "two boxes", at(0), at(0)); });
  };
  const auto first = raise();
  ASSERT_EQ(first.changes.size(), 1u);
  EXPECT_TRUE(raise().changes.empty());
  const auto& alert = first.changes[0].alert;
  const auto seen = db_.commit(
      [&] { return book_->acknowledge(alert.id, {"王芳", Role::DA}, "box replaced", alert.revision, at(1'000)); });
  ASSERT_TRUE(seen);
  EXPECT_EQ(AlertReader(db_.database()).get(alert.id)->alert.state, AlertState::over);
  EXPECT_EQ(raise().changes.size(), 1u) << "another suspicion is another alert";
}

}  // namespace
}  // namespace anlan::collector
