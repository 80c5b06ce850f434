// Rules 11 and 12 of PROTOCOL.md, case by case. The random walk over the whole protocol is tests/crash.
#include "collector/alert/episode.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <variant>

#include <gtest/gtest.h>

#include "tests/support/alert_builder.hpp"

namespace anlan::collector {
namespace {

using namespace anlan::test;

std::vector<Level> rung(const Effects& effects) {
  std::vector<Level> levels;
  for (const auto& due : effects.due) levels.push_back(due.transition.level);
  return levels;
}

Shown shown(const EdgeAlerts& alerts, std::uint64_t id) { return alerts.view(alert_id(id)).shown; }

TEST(Episode, RaisedIsActiveAndRings) {
  EdgeAlerts alerts;
  const auto effects = alerts.on_transition(epoch(1), 0, raised(1));
  EXPECT_EQ(shown(alerts, 1), Shown::active);
  EXPECT_EQ(rung(effects), std::vector{Level::orange});
  ASSERT_EQ(effects.changes.size(), 1u);
  EXPECT_EQ(effects.changes[0].before.shown, Shown::over);
  EXPECT_EQ(effects.changes[0].after.newest.level, Level::orange);
}

TEST(Episode, UpgradeRingsAtItsOwnLevel) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  EXPECT_EQ(rung(alerts.on_transition(epoch(1), 1, upgraded(1, 2, Level::red))), std::vector{Level::red});
  EXPECT_EQ(alerts.view(alert_id(1)).newest.level, Level::red);
}

TEST(Episode, DowngradeDoesNotRingAgain) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1, Level::red));
  EXPECT_TRUE(alerts.on_transition(epoch(1), 1, downgraded(1, 2, Level::orange)).due.empty());
  EXPECT_EQ(alerts.view(alert_id(1)).newest.level, Level::orange);
}

TEST(Episode, DowngradeHeardFirstRingsAndWhatItSupersedesDoesNot) {
  EdgeAlerts alerts;
  EXPECT_EQ(rung(alerts.on_transition(epoch(1), 2, downgraded(1, 3, Level::orange))), std::vector{Level::orange});
  EXPECT_TRUE(alerts.on_transition(epoch(1), 1, upgraded(1, 2, Level::red)).due.empty());
  EXPECT_EQ(alerts.episodes.at(alert_id(1)).peak, Level::red) << "history knows the red";
}

TEST(Episode, LatchedStaysActive) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1, Level::red));
  EXPECT_TRUE(alerts.on_transition(epoch(1), 1, latched(1, 2)).due.empty());
  EXPECT_EQ(shown(alerts, 1), Shown::active);
}

TEST(Episode, ClearedIsOverAndStaysOverWhenTheRaiseComesLate) {
  EdgeAlerts alerts;
  EXPECT_TRUE(alerts.on_transition(epoch(1), 1, cleared(1, 2)).due.empty());
  EXPECT_TRUE(alerts.on_transition(epoch(1), 0, raised(1)).due.empty());
  EXPECT_EQ(shown(alerts, 1), Shown::over);
}

TEST(Episode, ALevelRingsOnceForGood) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  EXPECT_TRUE(alerts.on_transition(epoch(1), 0, raised(1)).due.empty());
  alerts.on_transition(epoch(1), 1, upgraded(1, 2, Level::red));
  alerts.on_transition(epoch(1), 2, downgraded(1, 3, Level::orange));
  EXPECT_TRUE(alerts.on_transition(epoch(1), 3, upgraded(1, 4, Level::red)).due.empty());
  EXPECT_TRUE(alerts.on_hello(hello_of(epoch(1), 4, {upgraded(1, 4, Level::red)})).due.empty());
}

TEST(Episode, AStartContinuesItsAlertsInTheNewEpoch) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  const auto effects = alerts.on_start(epoch(2), 0, start_of({epoch(1)}, {raised(1)}));
  EXPECT_TRUE(effects.due.empty());
  EXPECT_EQ(alerts.episodes.at(alert_id(1)).entries.at(epoch(1)).state, EntryState::continued);
  EXPECT_EQ(alerts.view(alert_id(1)).epoch, epoch(2));
  alerts.on_transition(epoch(2), 1, cleared(1, 2));
  EXPECT_EQ(shown(alerts, 1), Shown::over);
}

TEST(Episode, ATransitionOfAContinuedEpochThatComesAfterTheStartRevivesNothing) {
  EdgeAlerts alerts;
  alerts.on_start(epoch(2), 0, start_of({epoch(1)}, {upgraded(1, 2, Level::red)}));
  alerts.on_transition(epoch(2), 1, cleared(1, 3, Level::red));
  alerts.on_transition(epoch(1), 0, raised(1));
  alerts.on_transition(epoch(1), 1, upgraded(1, 2, Level::red));
  EXPECT_EQ(shown(alerts, 1), Shown::over);
}

TEST(Episode, AnAlertThatTheStartDoesNotNameStaysUntilItsClearingArrives) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  alerts.on_start(epoch(2), 0, start_of({epoch(1)}));
  alerts.on_hello(hello_of(epoch(2), 1));
  EXPECT_EQ(shown(alerts, 1), Shown::active);
  alerts.on_transition(epoch(1), 1, cleared(1, 2));
  EXPECT_EQ(shown(alerts, 1), Shown::over);
}

TEST(Episode, ASecondBoxKeepsAContinuedAlertActiveForItsLease) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  alerts.on_start(epoch(2), 0, start_of({epoch(1)}, {raised(1)}));
  alerts.on_transition(epoch(2), 1, cleared(1, 2));
  const auto effects = alerts.on_hello(hello_of(epoch(1), 5, {raised(1)}));  // the first box still runs in epoch 1
  EXPECT_EQ(shown(alerts, 1), Shown::active);
  ASSERT_EQ(effects.changes.size(), 1u);
  for (std::uint64_t i = 1; i < kLease; ++i) {
    EXPECT_EQ(shown(alerts, 1), Shown::active) << i;
    alerts.on_hello(hello_of(epoch(2), 2));
  }
  EXPECT_EQ(shown(alerts, 1), Shown::active) << "the last hello of the lease";
  const auto ended = alerts.on_hello(hello_of(epoch(2), 2));
  EXPECT_EQ(shown(alerts, 1), Shown::over);
  ASSERT_EQ(ended.changes.size(), 1u);
  EXPECT_EQ(ended.changes[0].before.shown, Shown::active);
}

TEST(Episode, AHelloRingsWhatASecondBoxHasInAContinuedEpoch) {
  EdgeAlerts alerts;
  alerts.on_start(epoch(2), 0, start_of({epoch(1)}, {raised(1, Level::yellow)}));
  const auto effects = alerts.on_hello(hello_of(epoch(1), 5, {upgraded(1, 2, Level::red)}));
  EXPECT_EQ(rung(effects), std::vector{Level::red});
}

TEST(Episode, AStartTakesAwayTheListingsOfTheEpochsItNames) {
  EdgeAlerts alerts;
  alerts.on_hello(hello_of(epoch(1), 1, {raised(1)}));
  alerts.on_start(epoch(2), 0, start_of({epoch(1)}, {raised(1)}));
  alerts.on_transition(epoch(2), 1, cleared(1, 2));
  EXPECT_EQ(shown(alerts, 1), Shown::over);
}

TEST(Episode, AHelloTellsOfAnAlertWhoseRecordHasNotArrived) {
  EdgeAlerts alerts;
  const auto effects = alerts.on_hello(hello_of(epoch(1), 1, {raised(1, Level::red)}));
  EXPECT_EQ(rung(effects), std::vector{Level::red});
  EXPECT_EQ(shown(alerts, 1), Shown::active);
  EXPECT_TRUE(alerts.on_transition(epoch(1), 0, raised(1, Level::red)).due.empty()) << "told already";
}

TEST(Episode, AnOldHelloDoesNotReviveWhatIsCleared) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 1, cleared(1, 2));
  EXPECT_TRUE(alerts.on_hello(hello_of(epoch(1), 1, {raised(1)})).due.empty());
  EXPECT_EQ(shown(alerts, 1), Shown::over);
}

TEST(Episode, MissingFromAHelloIsNotCleared) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  for (int i = 0; i < 10; ++i) alerts.on_hello(hello_of(epoch(1), 1));
  EXPECT_EQ(shown(alerts, 1), Shown::active);
}

TEST(Episode, WhereEventsMayBeMissingAnUnlistedAlertIsUncertainNeverCleared) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  alerts.on_hello(hello_of(epoch(1), 1));
  const auto effects = alerts.set_unclear(true);
  EXPECT_EQ(shown(alerts, 1), Shown::uncertain);
  ASSERT_EQ(effects.changes.size(), 1u);
  alerts.on_hello(hello_of(epoch(1), 1, {raised(1)}));
  EXPECT_EQ(shown(alerts, 1), Shown::active) << "a current hello lists it";
  alerts.on_hello(hello_of(epoch(1), 1));
  EXPECT_EQ(shown(alerts, 1), Shown::uncertain);
  alerts.set_unclear(false);
  EXPECT_EQ(shown(alerts, 1), Shown::active);
}

TEST(Episode, AListingOfAnyEpochMakesItCertain) {
  EdgeAlerts alerts;
  alerts.set_unclear(true);
  alerts.on_transition(epoch(1), 0, raised(1));
  alerts.on_hello(hello_of(epoch(2), 1, {raised(1)}));
  EXPECT_EQ(shown(alerts, 1), Shown::active);
}

TEST(Episode, AGapEndsTheAlertsThatItSummarisedInTheEpochsThatItVoids) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  Gap gap;
  gap.voids.push_back({{epoch(1), Stream::event}, LossReason::summarised, RangeSet(1, 3)});
  gap.ended.push_back(cleared(1, 3));
  alerts.on_gap(epoch(2), gap);
  EXPECT_EQ(shown(alerts, 1), Shown::over);
  alerts.on_transition(epoch(1), 1, upgraded(1, 2, Level::red));
  EXPECT_EQ(shown(alerts, 1), Shown::over) << "older than the summary";
}

TEST(Episode, AGapThatVoidsOtherRecordsEndsNothingElsewhere) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  Gap gap;
  gap.voids.push_back({{epoch(1), Stream::telemetry}, LossReason::thinned, RangeSet(1, 3)});
  gap.ended.push_back(cleared(2, 3));
  alerts.on_gap(epoch(2), gap);
  EXPECT_EQ(shown(alerts, 1), Shown::active);
  EXPECT_EQ(shown(alerts, 2), Shown::over);
}

// ---- rule 12
TEST(Episode, OnlyWhatAGapSummarisedNamesEpochsThatItsAlertsEndIn) {
  EdgeAlerts alerts;
  alerts.on_transition(epoch(1), 0, raised(1));
  Gap gap;
  gap.voids.push_back({{epoch(1), Stream::event}, LossReason::damaged, RangeSet(1, 3)});
  gap.voids.push_back({{epoch(1), Stream::telemetry}, LossReason::summarised, RangeSet(1, 3)});
  gap.ended.push_back(cleared(1, 3));
  alerts.on_gap(epoch(2), gap);
  EXPECT_EQ(shown(alerts, 1), Shown::active);
}

// ----------------------------------------------------------------------------------------------------------

TEST(Episode, ALateAlertThatTheHelloListsRingsAtOnce) {
  EdgeAlerts alerts;
  EXPECT_EQ(rung(alerts.on_hello(hello_of(epoch(1), 5, {raised(1, Level::red)}, 3'600'000))), std::vector{Level::red});
}

TEST(Episode, ALateAlertThatTheHelloDoesNotListOnlyUpdatesHistory) {
  EdgeAlerts alerts;
  alerts.on_hello(hello_of(epoch(1), 5, {}, 3'600'000));
  EXPECT_TRUE(alerts.on_transition(epoch(1), 0, raised(1, Level::red)).due.empty());
  EXPECT_TRUE(alerts.on_transition(epoch(1), 1, cleared(1, 2, Level::red)).due.empty());
  EXPECT_EQ(shown(alerts, 1), Shown::over);
}

TEST(Episode, WhatWasCommittedAfterTheHelloRings) {
  EdgeAlerts alerts;
  alerts.on_hello(hello_of(epoch(1), 5, {}, 3'600'000));
  EXPECT_EQ(alerts.on_transition(epoch(1), 5, raised(1, Level::red)).due.size(), 1u);
}

TEST(Episode, WhatWasDecidedJustBeforeTheHelloRings) {
  EdgeAlerts alerts;
  alerts.on_hello(hello_of(epoch(1), 5, {}, kLateBeforeHello.count()));
  EXPECT_EQ(alerts.on_transition(epoch(1), 4, raised(1, Level::red)).due.size(), 1u);
}

TEST(Episode, WhereEventsMayBeMissingALateAlertRings) {
  EdgeAlerts alerts;
  alerts.set_unclear(true);
  alerts.on_hello(hello_of(epoch(1), 5, {}, 3'600'000));
  EXPECT_EQ(alerts.on_transition(epoch(1), 0, raised(1, Level::red)).due.size(), 1u);
}

TEST(Episode, WhenEventsTurnOutToBeMissingWhatWasTakenForOverRings) {
  EdgeAlerts alerts;  // a salvaged buffer greets without its list of alerts, then says that it lost events
  alerts.on_hello(hello_of(epoch(1), 5, {}, 3'600'000));
  ASSERT_TRUE(alerts.on_transition(epoch(1), 0, raised(1, Level::red)).due.empty());
  ASSERT_TRUE(alerts.on_transition(epoch(1), 1, raised(2, Level::red)).due.empty());
  alerts.on_transition(epoch(1), 2, cleared(2, 2, Level::red));
  const auto effects = alerts.set_unclear(true);
  ASSERT_EQ(effects.due.size(), 1u);
  EXPECT_EQ(effects.due[0].alert, alert_id(1));
  EXPECT_TRUE(alerts.set_unclear(true).due.empty());
}

TEST(Episode, WhatAnotherBoxStillListsRingsHoweverLate) {
  EdgeAlerts alerts;
  alerts.on_hello(hello_of(epoch(1), 1, {raised(1, Level::yellow)}, 3'600'000));
  auto other = hello_of(epoch(2), 1, {}, 3'600'000);
  other.ends.push_back({epoch(1), 1, 5, 0});
  alerts.on_hello(other);
  EXPECT_EQ(alerts.on_transition(epoch(1), 1, upgraded(1, 2, Level::red)).due.size(), 1u);
}

TEST(Episode, AHelloThatListsItLaterRingsWhatWasTakenForOver) {
  EdgeAlerts alerts;
  alerts.on_hello(hello_of(epoch(1), 5, {}, 3'600'000));  // of an imaged box that shares epoch 1
  ASSERT_TRUE(alerts.on_transition(epoch(1), 0, raised(1, Level::red)).due.empty());
  EXPECT_EQ(rung(alerts.on_hello(hello_of(epoch(1), 6, {raised(1, Level::red)}, 3'600'000))), std::vector{Level::red});
}

// ---- any order
// --------------------------------------------------------------------------------------------------------

struct Arrival {
  std::uint64_t in;
  std::uint64_t sequence;
  std::variant<AlertTransition, Start, Gap> body;
};

void take(EdgeAlerts& alerts, const Arrival& arrival) {
  if (const auto* t = std::get_if<AlertTransition>(&arrival.body))
    alerts.on_transition(epoch(arrival.in), arrival.sequence, *t);
  else if (const auto* start = std::get_if<Start>(&arrival.body))
    alerts.on_start(epoch(arrival.in), arrival.sequence, *start);
  else
    alerts.on_gap(epoch(arrival.in), std::get<Gap>(arrival.body));
}

/// A box's life as records: alerts come and go, the process restarts, ended episodes are summarised.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) {
    const int steps = 5 + pick(30);
    for (int i = 0; i < steps; ++i) turn();
  }

  std::vector<Arrival> records;
  std::map<AlertId, AlertTransition> active;
  std::uint64_t in = 1, sequence = 0;

  Hello hello() const {
    std::vector<AlertTransition> listed;
    for (const auto& item : active) listed.push_back(item.second);
    auto hello = hello_of(epoch(in), sequence, listed, 3'600'000);
    hello.ends.insert(hello.ends.end(), earlier_.begin(), earlier_.end());
    return hello;
  }
  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

 private:
  void turn() {
    const int choice = pick(10);
    if (choice == 0) return restart();
    if (choice < 4 || active.empty()) return raise();
    auto at = std::next(active.begin(), pick(static_cast<int>(active.size())));
    auto t = at->second;
    ++t.version;
    t.step = choice < 7 ? AlertStep::upgraded : AlertStep::cleared;
    if (t.active()) {
      t.level = kLevels[static_cast<std::size_t>(pick(4))];
      at->second = t;
    } else {
      active.erase(at);
    }
    write(t);
  }
  void raise() {
    const AlertTransition t = raised(++alerts_, kLevels[static_cast<std::size_t>(pick(4))]);
    active[t.alert] = t;
    write(t);
  }
  void restart() {
    Start start;
    for (std::uint64_t e = 1; e <= in; ++e) start.before.push_back(epoch(e));
    for (const auto& item : active) start.active.push_back(item.second);
    earlier_.push_back({epoch(in), in, sequence, 0});
    ++in;
    sequence = 0;
    records.push_back({in, sequence++, start});
  }
  void write(const AlertTransition& t) { records.push_back({in, sequence++, t}); }

  std::mt19937_64 random_;
  std::uint64_t alerts_ = 0;
  std::vector<EpochEnd> earlier_;
};

std::map<AlertId, std::pair<Shown, Level>> shown_state(const EdgeAlerts& alerts) {
  std::map<AlertId, std::pair<Shown, Level>> out;
  for (const auto& item : alerts.episodes) {
    const auto view = alerts.view(item.first);
    out[item.first] = {view.shown, view.newest.level};
  }
  return out;
}

TEST(Episode, AnyOrderOfArrivalGivesTheSameShownStateAndItIsTheEdges) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Life life(seed);
    EdgeAlerts in_order;
    for (const auto& record : life.records) take(in_order, record);
    for (std::uint64_t i = 0; i <= kLease; ++i) in_order.on_hello(life.hello());
    for (const auto& [id, view] : shown_state(in_order))
      ASSERT_EQ(view.first == Shown::active, life.active.contains(id)) << "seed " << seed << " alert " << id.hex();

    std::mt19937_64 order(seed);
    for (int round = 0; round < 5; ++round) {
      auto records = life.records;
      std::ranges::shuffle(records, order);
      EdgeAlerts shuffled;
      const auto greeted = static_cast<std::size_t>(life.pick(static_cast<int>(records.size()) + 1));
      for (std::size_t i = 0; i < records.size(); ++i) {
        if (i == greeted) shuffled.on_hello(life.hello());
        take(shuffled, records[i]);
        if (life.pick(4) == 0) take(shuffled, records[static_cast<std::size_t>(life.pick(static_cast<int>(i) + 1))]);
      }
      for (std::uint64_t i = 0; i <= kLease; ++i) shuffled.on_hello(life.hello());
      ASSERT_EQ(shown_state(shuffled), shown_state(in_order)) << "seed " << seed;
    }
  }
}

TEST(Episode, WhatIsActiveAfterAnOutageRingsAtItsLevelOnceAndWhatIsOverDoesNotInAnyOrder) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Life life(seed);
    std::mt19937_64 order(seed);
    std::ranges::shuffle(life.records, order);
    EdgeAlerts alerts;
    std::set<std::pair<AlertId, Level>> keys;
    const auto collect = [&](const Effects& effects) {
      for (const auto& due : effects.due)
        ASSERT_TRUE(keys.emplace(due.alert, due.transition.level).second) << "twice under one key, seed " << seed;
    };
    collect(alerts.on_hello(life.hello()));
    for (const auto& record : life.records) {
      if (const auto* t = std::get_if<AlertTransition>(&record.body))
        collect(alerts.on_transition(epoch(record.in), record.sequence, *t));
      else
        collect(alerts.on_start(epoch(record.in), record.sequence, std::get<Start>(record.body)));
    }
    for (const auto& [id, transition] : life.active)
      EXPECT_TRUE(keys.contains({id, transition.level})) << "seed " << seed << " alert " << id.hex();
    for (const auto& [id, level] : keys)
      EXPECT_TRUE(life.active.contains(id)) << "over before we heard of it: seed " << seed;
  }
}

}  // namespace
}  // namespace anlan::collector
