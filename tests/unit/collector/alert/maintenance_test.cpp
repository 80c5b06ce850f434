// What stands under maintenance in the centre, whatever the order of arrival (docs/decisions/0029-maintenance.md).
#include <algorithm>

#include <gtest/gtest.h>

#include "collector/alert/alert_book.hpp"
#include "collector/alert/alert_reader.hpp"
#include "collector/alert/maintenance_log.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/store/changes.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/records_db.hpp"

namespace anlan::collector {
namespace {

using namespace anlan::test;

class MaintenanceTest : public ::testing::Test {
 protected:
  MaintenanceTest() : db_({{"audit", audit_schema()}, {"changes", change_schema()}, {"alert", alert_schema()}}) {
    book_.emplace(db_.database(), [] { return AlertId{0xCE, 1}; }, mono_from_ms(0));
  }

  std::vector<Level> take(std::uint64_t sequence, const AlertTransition& t) {
    return rung(
        db_.commit([&] { return book_->on_transition(edge_, {{epoch(1), Stream::event}, sequence}, t, at(1'000)); }));
  }
  std::vector<Level> take(const Hello& hello) {
    return rung(db_.commit([&] { return book_->on_hello(hello, at(1'000)); }));
  }
  static std::vector<Level> rung(const AlertOutcome& outcome) {
    std::vector<Level> levels;
    for (const auto& ring : outcome.rings) levels.push_back(ring.level);
    return levels;
  }
  AlertDetails details() { return AlertReader(db_.database()).get(alert_id(1)).value(); }
  Alert alert() { return details().alert; }

  bool note(EdgeEvent event, EdgeRef edge = {"tj-bh-017-a", "tj-bh-017"}) {
    return db_.commit([&] { return note_maintenance(db_.database(), edge, event, at(1'000)); });
  }
  std::vector<MaintenanceRow> windows(MaintenanceFilter filter = {}, std::int64_t now = 1'000) {
    return list_maintenance(db_.database(), filter, at(now)).value().items;
  }

  RecordsDb db_;
  EdgeRef edge_{"tj-bh-017-a", "tj-bh-017"};
  std::optional<AlertBook> book_;
};

using Levels = std::vector<Level>;

EdgeEvent window_event(std::uint64_t id, std::optional<std::int64_t> ended = std::nullopt) {
  MaintenanceWindow window{{0, id}, "王工", "标定", at(0), at(60'000), std::nullopt};
  if (ended) window.ended = at(*ended);
  return {"tj-bh-017/tank-3", ended ? "maintenance-end" : "maintenance-begin", "", ended ? "李工" : "王工", window};
}

TEST_F(MaintenanceTest, ARedOfTestGasRingsNowhereAndNeedsNobody) {
  EXPECT_EQ(take(0, raised(1, Level::red).maintenance(Level::none)), Levels{});
  EXPECT_EQ(alert().state, AlertState::out_of_service);
  EXPECT_EQ(alert().level, Level::red) << "what happened is shown";
  EXPECT_EQ(alert().peak, Level::none) << "and counts for nothing";
  const auto refused =
      db_.commit([&] { return book_->acknowledge(alert_id(1), {"王芳", Role::DA}, "", alert().revision, at(2'000)); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_EQ(take(1, latched(1, 2).maintenance(Level::none)), Levels{});
  EXPECT_EQ(take(2, cleared(1, 3, Level::red).maintenance(Level::none).actor("王工")), Levels{});
  EXPECT_EQ(alert().state, AlertState::over);
  const auto history = details().history;
  ASSERT_EQ(history.size(), 3u) << "nothing is hidden from history";
  EXPECT_TRUE(std::ranges::all_of(history, [](const AlertEvent& e) { return e.maintenance.has_value(); }));
}

TEST_F(MaintenanceTest, WhatIsStillThereAtTheEndRingsThen) {
  take(0, raised(1, Level::red).maintenance(Level::none));
  take(1, latched(1, 2).maintenance(Level::none));
  EXPECT_EQ(take(2, latched(1, 3)), Levels{Level::red});
  EXPECT_EQ(alert().state, AlertState::latched);
  EXPECT_EQ(alert().peak, Level::red);
  EXPECT_EQ(details().history.back().what, "returned-to-service");
}

TEST_F(MaintenanceTest, ALiveAlertKeepsItsLevelWhateverTheWorkAdds) {
  EXPECT_EQ(take(0, raised(1, Level::yellow)), Levels{Level::yellow});
  EXPECT_EQ(take(1, upgraded(1, 2, Level::red).maintenance(Level::yellow)), Levels{});
  EXPECT_EQ(alert().state, AlertState::active_unacked);
  EXPECT_EQ(alert().peak, Level::yellow);
  EXPECT_EQ(take(2, upgraded(1, 3, Level::red)), Levels{Level::red});
}

TEST_F(MaintenanceTest, ALiveLevelRingsThoughTheMarkedTransitionArrivesFirst) {
  EXPECT_EQ(take(1, upgraded(1, 2, Level::red).maintenance(Level::yellow)), Levels{Level::yellow});
  EXPECT_EQ(take(0, raised(1, Level::yellow)), Levels{});
  EXPECT_EQ(alert().peak, Level::yellow);
}

TEST_F(MaintenanceTest, AMarkedTransitionThatArrivesAfterTheReturnChangesNothing) {
  EXPECT_EQ(take(1, TransitionBuilder(1, 2).level(Level::red).when(5'000)), Levels{Level::red});
  EXPECT_EQ(take(0, raised(1, Level::red).maintenance(Level::none)), Levels{});
  EXPECT_EQ(alert().state, AlertState::active_unacked);
}

TEST_F(MaintenanceTest, AHelloThatListsItMarkedDoesNotRingIt) {
  EXPECT_EQ(take(hello_of(epoch(1), 5, {raised(1, Level::red).maintenance(Level::none)})), Levels{});
  EXPECT_EQ(alert().state, AlertState::out_of_service);
  EXPECT_EQ(take(hello_of(epoch(1), 6, {TransitionBuilder(1, 2).level(Level::red)})), Levels{Level::red});
}

TEST_F(MaintenanceTest, WindowsAreKeptWithTheirEnds) {
  EXPECT_TRUE(note(window_event(1)));
  ASSERT_EQ(windows({.open = true}).size(), 1u);
  EXPECT_TRUE(windows({.open = true}, 60'000).empty()) << "an end that never arrives does not outlive its time";
  EXPECT_TRUE(note(window_event(1, 30'000)));
  EXPECT_TRUE(windows({.open = true}).empty());
  const auto row = windows({.open = false}).at(0);
  EXPECT_EQ(row.device, "tj-bh-017/tank-3");
  EXPECT_EQ(row.window.by, "王工");
  EXPECT_EQ(row.window.ended, at(30'000));
  EXPECT_EQ(row.ended_by, "李工");
}

TEST_F(MaintenanceTest, AnEndThatArrivesFirstWins) {
  EXPECT_TRUE(note(window_event(1, 30'000)));
  EXPECT_TRUE(note(window_event(1)));
  EXPECT_EQ(windows().size(), 1u);
  EXPECT_EQ(windows().at(0).window.ended, at(30'000));
}

TEST_F(MaintenanceTest, AnotherSitesDeviceIsIgnored) {
  EXPECT_FALSE(note(window_event(1), {"tj-x-a", "tj-x"}));
  EXPECT_TRUE(windows().empty());
}

TEST_F(MaintenanceTest, PagesFollowEachOther) {
  for (std::uint64_t id = 1; id <= 5; ++id) note(window_event(id));
  MaintenanceFilter filter{.limit = 2};
  std::vector<std::uint64_t> seen;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = list_maintenance(db_.database(), filter, at(0)).value();
    for (const auto& row : page.items) seen.push_back(row.window.id.low);
    if (!page.next) break;
    filter.cursor = *page.next;
  }
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{5, 4, 3, 2, 1}));
  EXPECT_EQ(list_maintenance(db_.database(), {.cursor = "x"}, at(0)).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace anlan::collector
