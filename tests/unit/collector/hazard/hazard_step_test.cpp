// Every arrow of the table, every guard.
#include "collector/hazard/hazard_step.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/collector/hazard/hazard_builder.hpp"

namespace anlan::collector {
namespace {

using namespace testing_hazard;
using test::at;

const HazardPolicy kPolicy;
constexpr std::int64_t kHour = 3'600'000, kDay = 24 * kHour;

Result<Hazard> take(const Hazard& hazard, std::string_view action, const Act& act, std::int64_t now = 1'000) {
  return step(hazard, action, act, kPolicy, at(now));
}

std::string refusal(const Hazard& hazard, std::string_view action, const Act& act, Errc code,
                    std::int64_t now = 1'000) {
  const auto result = take(hazard, action, act, now);
  if (result) return "it was allowed";
  EXPECT_EQ(result.error().code, code) << result.error().message;
  return result.error().message;
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

using enum HazardState;

/// DOMAIN.md's life cycle, written once more by hand: the table has these arrows and no other.
struct Row {
  const char* from;
  const char* action;
  const char* to;
  const char* who;
  const char* event;
};
const Row kTable[] = {
    {"reported", "grade", "graded", "SYS or DA", "graded"},
    {"reported", "reject", "rejected", "DA", "rejected"},
    {"reported", "merge", "merged", "DA", "merged"},
    {"graded", "dispatch", "dispatched", "SYS", "dispatched"},
    {"dispatched", "redispatch", "(stays)", "DA", "dispatched"},
    {"dispatched, rectifying", "grade", "(stays)", "DA", "graded"},
    {"dispatched", "dispute", "disputed", "EP", "disputed"},
    {"disputed", "arbitrate", "dispatched", "CR", "arbitrated"},
    {"dispatched, reopened", "submit_plan", "(stays)", "EP", "planned"},
    {"dispatched, reopened", "approve_plan", "(stays)", "CR or DA", "plan_approved"},
    {"dispatched, reopened", "start", "rectifying", "EP", "started"},
    {"rectifying", "progress", "(stays)", "EP", "progressed"},
    {"rectifying", "extend", "(stays)", "EP", "extended"},
    {"rectifying", "ask_extension", "(stays)", "EP", "extension_asked"},
    {"rectifying", "grant_extension", "(stays)", "CR or DA", "extended"},
    {"rectifying", "deny_extension", "(stays)", "CR or DA", "extension_denied"},
    {"rectifying", "self_check", "self-checked", "EP", "self_checked"},
    {"self-checked", "submit", "awaiting", "SYS", "submitted"},
    {"awaiting", "request_inspection", "third-party", "SYS or CR or DA", "third_party_requested"},
    {"third-party", "assign_inspector", "(stays)", "CR or DA", "inspector_assigned"},
    {"third-party", "inspect", "awaiting", "anybody", "inspected"},
    {"awaiting", "accept", "closed", "CR or DA", "accepted"},
    {"awaiting", "fail", "rectifying", "CR or DA", "failed"},
    {"closed", "reopen", "reopened", "SYS or CR or DA", "reopened"},
    {"dispatched, rectifying, awaiting, reopened, third-party", "downgrade", "(stays)", "CR or DA", "downgrade_asked"},
    {"dispatched, rectifying, awaiting, reopened, third-party", "confirm_downgrade", "(stays)", "CR or DA",
     "downgraded"},
    {"dispatched, rectifying, awaiting, reopened, third-party", "refuse_downgrade", "(stays)", "CR or DA",
     "downgrade_refused"},
    {"dispatched, rectifying, awaiting, reopened, disputed, third-party", "supervise", "(stays)", "CR", "supervised"},
    {"dispatched, rectifying, awaiting, reopened, disputed, third-party", "end_supervision", "(stays)", "CR",
     "supervision_ended"},
    {"dispatched, rectifying, awaiting, reopened, disputed, third-party", "verify", "(stays)", "DA",
     "verification_begun"},
    {"reported, dispatched, rectifying, awaiting, reopened, disputed, third-party", "remind", "(stays)", "SYS",
     "reminded"},
    {"reported, dispatched, rectifying, awaiting, reopened, disputed, third-party", "overdue", "(stays)", "SYS",
     "overdue"},
    {"reported, dispatched, rectifying, awaiting, reopened, disputed, third-party", "report_city", "(stays)", "SYS",
     "escalated"},
};

TEST(TransitionTable, HasTheArrowsOfTheLifeCycleAndNoOther) {
  ASSERT_EQ(hazard_arrows().size(), std::size(kTable));
  for (std::size_t i = 0; i < std::size(kTable); ++i) {
    const auto text = in_words(hazard_arrows()[i], kPolicy);
    EXPECT_EQ(text.from, kTable[i].from) << text.action;
    EXPECT_EQ(text.action, kTable[i].action);
    EXPECT_EQ(text.to, kTable[i].to) << text.action;
    EXPECT_EQ(text.who, kTable[i].who) << text.action;
    EXPECT_EQ(text.event, kTable[i].event) << text.action;
  }
}

TEST(TransitionTable, HasOneArrowAtMostForEachStateAndAction) {
  std::set<std::pair<HazardState, std::string_view>> seen;
  for (const auto& arrow : hazard_arrows())
    for_each_state(arrow, [&](HazardState state) {
      EXPECT_TRUE(seen.insert({state, arrow.action}).second) << to_string(state) << " " << arrow.action;
    });
}

/// Where it differs the fresh page is written beside the build, to be copied.
TEST(TransitionTable, StandsOnTheOperatorsPageToTheLetter) {
  const auto* source = std::getenv("ANLAN_SOURCE_DIR");
  const auto* build = std::getenv("ANLAN_BINARY_DIR");
  ASSERT_TRUE(source && build) << "run by ctest";
  const auto page = test::read_file(std::string(source) + "/docs/alerts-and-hazards.md");
  const auto table = steps_as_markdown(kPolicy);
  if (page.find("\n" + table + "\n") != std::string::npos) return;
  std::ofstream(std::string(build) + "/hazard-steps.md") << table;
  ADD_FAILURE() << "docs/alerts-and-hazards.md is out of date; the fresh table is " << build << "/hazard-steps.md";
}

TEST(TransitionTable, EachArrowLeadsWhereItSaysAndCountsTheVersion) {
  for (const auto& arrow : hazard_arrows())
    for_each_state(arrow, [&](HazardState from) {
      const auto before = ready_for(arrow, from);
      const auto after = take(before, arrow.action, act_for(arrow));
      ASSERT_TRUE(after) << to_string(from) << " " << arrow.action << ": " << after.error().message;
      EXPECT_EQ(after->state, arrow.target(from)) << arrow.action;
      EXPECT_EQ(after->version, is_remark(arrow) ? 7 : 8) << arrow.action;
      EXPECT_EQ(after->updated_at, at(1'000));
    });
}

TEST(TransitionTable, EachRoleThatAnArrowDoesNotNameIsRefused) {
  for (const auto& arrow : hazard_arrows())
    for_each_state(arrow, [&](HazardState from) {
      for (const Role role : kRoles) {
        if (arrow.who & role_bit(role)) continue;
        auto act = act_for(arrow);
        act.actor = {"somebody", role};
        EXPECT_SAYS(refusal(ready_for(arrow, from), arrow.action, act, Errc::refused),
                    "is for " + roles_text(arrow.who));
      }
    });
}

TEST(TransitionTable, WhatIsNoArrowIsRefusedAndTheRefusalNamesWhatIsPossible) {
  for (const auto state : kHazardStates)
    for (const auto& arrow : hazard_arrows()) {
      if (find_arrow(state, arrow.action)) continue;
      const auto why = refusal(hazard_in(state), arrow.action, act_for(arrow), Errc::refused);
      EXPECT_SAYS(why, "possible: ");
      for (const auto& action : actions_in(state)) EXPECT_SAYS(why, action);
    }
  EXPECT_EQ(actions_in(closed), std::vector<std::string>{"reopen"});
  EXPECT_EQ(actions_in(rejected), std::vector<std::string>{});
}

TEST(TransitionTable, EachArrowIsRefusedWithoutAnyOfWhatItNeeds) {
  for (const auto& arrow : hazard_arrows())
    for_each_state(arrow, [&](HazardState from) {
      if (arrow.needs & needs_reason) {
        auto act = act_for(arrow);
        act.reason = "  ";
        EXPECT_SAYS(refusal(ready_for(arrow, from), arrow.action, act, Errc::invalid_argument), "a reason is required");
      }
      for (const auto& field : fields_for(arrow)) {
        auto act = act_for(arrow);
        act.fields.erase(field.first);
        EXPECT_SAYS(refusal(ready_for(arrow, from), arrow.action, act, Errc::invalid_argument),
                    field.first + " is missing");
      }
      auto act = act_for(arrow);
      act.fields["colour"] = "blue";
      EXPECT_SAYS(refusal(ready_for(arrow, from), arrow.action, act, Errc::invalid_argument), "unknown field colour");
    });
}

TEST(HazardStep, AllFaultsAreSaidAtOnce) {
  const auto why =
      refusal(hazard_in(dispatched), "start", {kPrincipal, "", {{"colour", "blue"}}}, Errc::invalid_argument);
  for (const char* part : {"measures is missing", "contingency_plan is missing", "unknown field colour"})
    EXPECT_SAYS(why, part);
  const auto after = take(hazard_in(dispatched), "start", act_for(*find_arrow(dispatched, "start"))).value();
  EXPECT_EQ(after.plan.funds, "5000");
  EXPECT_EQ(after.due_at, parse_time("2026-11-25T10:00:00Z").value()) << "the plan's limit is the due date";
  EXPECT_EQ(after.deadline, after.due_at);
}

// ---- dispute
// ---------------------------------------------------------------------------------------------------------

TEST(HazardStep, ADisputeStopsTheClockAndArbitrationLetsItRunOn) {
  const auto hazard = hazard_in(dispatched);
  const auto disputed_ = take(hazard, "dispute", act_for(*find_arrow(dispatched, "dispute")), 2 * kHour).value();
  EXPECT_EQ(disputed_.deadline, at(2 * kHour) + std::chrono::hours{48}) << "the arbitration's";
  auto act = act_for(*find_arrow(disputed, "arbitrate"));
  act.fields["responsible"] = "市政处";
  const auto after = take(disputed_, "arbitrate", act, 32 * kHour).value();
  EXPECT_EQ(after.state, dispatched);
  EXPECT_EQ(after.responsible, "市政处");
  EXPECT_EQ(*after.deadline, *hazard.deadline + std::chrono::hours{30});
  EXPECT_EQ(*after.due_at, *hazard.due_at + std::chrono::hours{30});
  EXPECT_SAYS(refusal(hazard, "dispute", act_for(*find_arrow(dispatched, "dispute")), Errc::refused, kDay + 1),
              "dispatched longer ago than");
}

// ---- major
// -----------------------------------------------------------------------------------------------------------

TEST(HazardStep, AMajorHazardStartsWithAPlanThatSomebodyElseApproved) {
  const auto hazard = hazard_in(dispatched, HazardGrade::major);
  EXPECT_SAYS(refusal(hazard, "start", {kPrincipal, "", {}}, Errc::refused), "approved plan");
  const auto planned = take(hazard, "submit_plan", act_for(*find_arrow(dispatched, "submit_plan"))).value();
  EXPECT_EQ(planned.interim_control, "filling stopped");
  EXPECT_SAYS(refusal(planned, "start", {kPrincipal, "", {}}, Errc::refused), "approved plan");
  EXPECT_SAYS(refusal(planned, "approve_plan", {{kPrincipal.name, Role::DA}, "fine", {}}, Errc::refused), "took part");
  EXPECT_SAYS(refusal(hazard, "approve_plan", {kDistrict, "fine", {}}, Errc::refused), "no plan waits");
  const auto approved = take(planned, "approve_plan", {kDistrict, "fine", {}}).value();
  const auto started = take(approved, "start", {kPrincipal, "", {}}).value();
  EXPECT_EQ(started.due_at, parse_time("2026-11-25T10:00:00Z").value());
  const auto again = take(approved, "submit_plan", act_for(*find_arrow(dispatched, "submit_plan"))).value();
  EXPECT_FALSE(again.plan_approved) << "another plan is approved anew";
  EXPECT_SAYS(
      refusal(hazard_in(dispatched), "submit_plan", act_for(*find_arrow(dispatched, "submit_plan")), Errc::refused),
      "it is not major");
}

TEST(HazardStep, AMajorHazardIsInspectedByItselfBeforeTheCityAcceptsIt) {
  auto hazard = hazard_in(awaiting, HazardGrade::major);
  EXPECT_SAYS(refusal(hazard, "accept", {kCity, "fine", {}}, Errc::refused), "third party");
  const auto* next = arrow_at_once(hazard, kPolicy, at(1'000));
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->action, "request_inspection");
  EXPECT_EQ(arrow_at_once(hazard_in(awaiting), kPolicy, at(1'000)), nullptr) << "a general one is not";
  hazard = take(hazard, "request_inspection", {system_actor(), "", {}}).value();
  EXPECT_EQ(hazard.deadline, at(1'000) + std::chrono::hours{24});
  EXPECT_SAYS(refusal(hazard, "inspect", {kInspector, "tight", {{"report", "x"}}}, Errc::refused),
              "inspector who was named");
  hazard = take(hazard, "assign_inspector", {kDistrict, "", {{"inspector", "孙检"}}}).value();
  EXPECT_EQ(hazard.deadline, at(1'000) + std::chrono::days{5});
  EXPECT_SAYS(refusal(hazard, "inspect", {kDistrict, "tight", {{"report", "x"}}}, Errc::refused),
              "inspector who was named");
  hazard = take(hazard, "inspect", {kInspector, "tight", {{"report", "x"}}}).value();
  EXPECT_EQ(hazard.state, awaiting);
  EXPECT_EQ(arrow_at_once(hazard, kPolicy, at(1'000)), nullptr) << "once";
  EXPECT_SAYS(refusal(hazard, "accept", {kDistrict, "fine", {}}, Errc::refused), "CR only");
  EXPECT_TRUE(take(hazard, "accept", {kCity, "fine", {}}));
  const auto failed = take(hazard, "fail", {kCity, "still leaking", {}}).value();
  const auto checked = take(failed, "self_check", {kPrincipal, "done", {}}).value();
  EXPECT_FALSE(take(checked, "submit", {system_actor(), "", {}}).value().inspected) << "each round is inspected";
}

TEST(HazardStep, ADowngradeTakesTwoPersons) {
  const auto hazard = hazard_in(rectifying, HazardGrade::major);
  EXPECT_SAYS(refusal(hazard, "grade", {kDistrict, "less bad", {{"grade", "general"}}}, Errc::invalid_argument),
              "two persons");
  EXPECT_SAYS(refusal(hazard, "confirm_downgrade", {kDistrict, "yes", {}}, Errc::refused), "no downgrade is asked for");
  const auto asked = take(hazard, "downgrade", {kDistrict, "by the checklist", {}}).value();
  EXPECT_EQ(asked.grade, HazardGrade::major);
  for (const char* name : {"王芳", " 王芳 "})
    EXPECT_SAYS(refusal(asked, "confirm_downgrade", {{name, Role::CR}, "yes", {}}, Errc::refused), "a second person");
  EXPECT_SAYS(refusal(asked, "downgrade", {kCity, "again", {}}, Errc::refused), "asked for already");
  EXPECT_EQ(take(asked, "confirm_downgrade", {kCity, "yes", {}}).value().grade, HazardGrade::general);
  const auto refused = take(asked, "refuse_downgrade", {kDistrict, "on second thought", {}}).value();
  EXPECT_EQ(refused.grade, HazardGrade::major);
  EXPECT_EQ(refused.downgrade_by, "");
}

TEST(HazardStep, SupervisedListingIsTheCitysAndOfMajorOnes) {
  const auto listed = take(hazard_in(rectifying, HazardGrade::major), "supervise", {kCity, "repeated", {}}).value();
  EXPECT_TRUE(listed.supervised);
  EXPECT_SAYS(refusal(listed, "supervise", {kCity, "again", {}}, Errc::refused), "listed already");
  EXPECT_SAYS(refusal(hazard_in(rectifying), "supervise", {kCity, "x", {}}, Errc::refused), "not major");
  EXPECT_FALSE(take(listed, "end_supervision", {kCity, "done", {}}).value().supervised);
}

// ---- extensions
// ------------------------------------------------------------------------------------------------------

TEST(HazardStep, TheFirstShortExtensionOfAGeneralOneIsGrantedByItselfAndNoOther) {
  const auto hazard = hazard_in(rectifying);
  const auto until = [](std::int64_t days) { return to_rfc3339(at(0) + std::chrono::days{days}); };
  const auto ask = [&](const Hazard& h, const char* action, std::int64_t days, std::int64_t now = 1'000) {
    return take(h, action, {kPrincipal, "the valve is late", {{"until", until(days)}, {"interim_control", "closed"}}},
                now);
  };
  EXPECT_EQ(ask(hazard, "extend", 14).value().due_at, at(0) + std::chrono::days{14});
  EXPECT_SAYS(ask(hazard, "extend", 15).error().message, "ask_extension");
  EXPECT_SAYS(ask(hazard, "extend", 7).error().message, "not later than the due date");
  EXPECT_SAYS(ask(hazard, "extend", 9, 7 * kDay).error().message, "the due date has passed");
  EXPECT_SAYS(ask(hazard_in(rectifying, HazardGrade::major), "extend", 9).error().message, "it is major");
  const auto once = ask(hazard, "extend", 10).value();
  EXPECT_EQ(once.deadline, at(0) + std::chrono::days{10});
  EXPECT_SAYS(ask(once, "extend", 12).error().message, "extended before");
  const auto asked = ask(once, "ask_extension", 30).value();
  EXPECT_EQ(asked.deadline, once.deadline) << "not yet";
  EXPECT_SAYS(ask(asked, "ask_extension", 31).error().message, "asked for already");
  const auto granted = take(asked, "grant_extension", {kDistrict, "agreed", {}}).value();
  EXPECT_EQ(granted.deadline, at(0) + std::chrono::days{30});
  EXPECT_SAYS(ask(granted, "ask_extension", 40).error().message, "2 times already");
  EXPECT_EQ(take(asked, "deny_extension", {kDistrict, "no", {}}).value().extension_until, std::nullopt);
  EXPECT_SAYS(refusal(asked, "grant_extension", {{kPrincipal.name, Role::DA}, "ok", {}}, Errc::refused), "took part");
  auto major = ask(hazard_in(rectifying, HazardGrade::major), "ask_extension", 30).value();
  EXPECT_SAYS(refusal(major, "grant_extension", {kDistrict, "ok", {}}, Errc::refused), "CR only");
  EXPECT_TRUE(take(major, "grant_extension", {kCity, "ok", {}}));
}

// ---- deadlines
// -------------------------------------------------------------------------------------------------------

/// What the system does by time until `end`, with the hour of each.
std::vector<std::string> said(Hazard hazard, std::int64_t end, std::int64_t every = kHour) {
  std::vector<std::string> words;
  for (std::int64_t now = 0; now <= end; now += every)
    while (const auto action = timed_action(hazard, kPolicy, at(now))) {
      words.push_back(*action + " " + std::to_string(now / kHour));
      hazard = take(hazard, *action, {system_actor(), "", {}}, now).value();
    }
  return words;
}

Hazard due_in(std::int64_t hours, HazardGrade grade = HazardGrade::general) {
  auto hazard = hazard_in(rectifying, grade);
  hazard.due_at = hazard.deadline = at(hours * kHour);
  hazard.said = 0;
  return hazard;
}

TEST(HazardStep, RemindsAndReportsOnceEach) {
  EXPECT_EQ(said(due_in(100), 300 * kHour),
            (std::vector<std::string>{"remind 28", "remind 76", "overdue 101", "report_city 101"}));
}

TEST(HazardStep, ACollectorThatWasDownMissesNone) {
  EXPECT_EQ(said(due_in(100), 400 * kHour, 200 * kHour),
            (std::vector<std::string>{"remind 200", "remind 200", "overdue 200", "report_city 200"}));
}

TEST(HazardStep, TheNextLookIsNeverLaterThanWhatIsDueAndEndsWithIt) {
  auto hazard = due_in(100);
  std::vector<std::string> words;
  while (const auto at_ = next_look(hazard, kPolicy)) {
    const auto action = timed_action(hazard, kPolicy, *at_);
    ASSERT_TRUE(action);
    EXPECT_FALSE(timed_action(hazard, kPolicy, *at_ - Millis{1}));
    words.push_back(*action);
    hazard = step(hazard, *action, {system_actor(), "", {}}, kPolicy, *at_).value();
  }
  EXPECT_EQ(words, (std::vector<std::string>{"remind", "remind", "overdue", "report_city"}));
}

TEST(HazardStep, ADistrictsVerificationHoldsTheReportOfAGeneralOneForTwoDaysOnce) {
  const Act verify{kDistrict, "we go and look first", {}};
  auto held = take(due_in(100), "verify", verify, 90 * kHour).value();
  EXPECT_EQ(said(held, 300 * kHour),
            (std::vector<std::string>{"remind 28", "remind 76", "overdue 101", "report_city 138"}));
  EXPECT_SAYS(refusal(held, "verify", verify, Errc::refused, 140 * kHour), "held it before");
  EXPECT_SAYS(refusal(due_in(100, HazardGrade::major), "verify", verify, Errc::refused), "it is major");
  held.grade = HazardGrade::major;
  EXPECT_EQ(said(held, 300 * kHour).back(), "report_city 101") << "major never waits";
}

TEST(HazardStep, ANewDeadlineIsRemindedOfAnewAndAShortOneIsNot) {
  auto hazard = due_in(100);
  hazard.said = kSaidFirst | kSaidLast | kSaidOverdue | kSaidCity;
  hazard.deadline = hazard.due_at = at(100 * kHour);
  const auto extended = take(hazard, "ask_extension",
                             {kPrincipal, "late", {{"until", to_rfc3339(at(400 * kHour))}, {"interim_control", "x"}}})
                            .value();
  const auto granted = take(extended, "grant_extension", {kDistrict, "ok", {}}).value();
  EXPECT_EQ(granted.said, 0);
  EXPECT_EQ(take(hazard_in(graded), "dispatch", {system_actor(), "", {}}).value().said, kSaidFirst | kSaidLast)
      << "24 h to start: nobody is reminded three days before";
}

TEST(HazardStep, TheTimeLimitIsATimeAheadAndNotBeyondTheDueDate) {
  auto act = act_for(*find_arrow(dispatched, "start"));
  act.fields["time_limit"] = "next week";
  EXPECT_NE(refusal(hazard_in(dispatched), "start", act, Errc::invalid_argument).find("is no time"), std::string::npos);
  act.fields["time_limit"] = "2026-11-01T00:00:00Z";
  EXPECT_NE(refusal(hazard_in(dispatched), "start", act, Errc::invalid_argument).find("not in the future"),
            std::string::npos);
  act.fields["time_limit"] = "2027-11-01T00:00:00Z";
  EXPECT_NE(refusal(hazard_in(dispatched), "start", act, Errc::invalid_argument).find("later than the due date"),
            std::string::npos);
}

TEST(HazardStep, WhoRectifiedDoesNotAccept) {
  auto hazard = hazard_in(awaiting);
  hazard.plan.responsible_person = "赵强";
  for (const char* name : {"李雷", " 李雷 ", "赵强", "principal of tj-bh-017"})
    EXPECT_NE(refusal(hazard, "accept", {{name, Role::DA}, "fine", {}}, Errc::refused).find("somebody else"),
              std::string::npos)
        << name;
  hazard.rectifiers = {"Li Lei"};
  EXPECT_FALSE(take(hazard, "accept", {{"LI LEI", Role::DA}, "fine", {}}));
  EXPECT_TRUE(take(hazard, "accept", {kDistrict, "fine", {}}));
}

TEST(HazardStep, WhoTookPartIsRemembered) {
  auto hazard = hazard_in(rectifying);
  hazard = take(hazard, "progress", {{"赵强", Role::EP}, "half done", {}}).value();
  hazard = take(hazard, "self_check", {{"钱伟", Role::EP}, "done", {}}).value();
  EXPECT_EQ(hazard.rectifiers, (std::vector<std::string>{"李雷", "赵强", "钱伟"}));
}

TEST(HazardStep, NothingIsClosedWhileALinkedAlertIsActive) {
  auto hazard = hazard_in(awaiting);
  hazard.alerts = 3;
  hazard.active_alerts = 1;
  EXPECT_NE(
      refusal(hazard, "accept", {kDistrict, "fine", {}}, Errc::refused).find("1 linked alert(s) are still active"),
      std::string::npos);
}

TEST(HazardStep, AGradeIsOneOfTwo) {
  EXPECT_SAYS(refusal(hazard_in(reported), "grade", {kDistrict, "", {{"grade", "awful"}}}, Errc::invalid_argument),
              "neither general nor major");
}

TEST(HazardStep, TheSystemsGradeAsksForAReviewAndAPersonsGradeAnswersIt) {
  auto hazard = take(hazard_in(reported), "grade", {system_actor(), "default", {{"grade", "general"}}}).value();
  EXPECT_TRUE(hazard.needs_grading_review);
  hazard.state = dispatched;
  hazard = take(hazard, "grade", {kDistrict, "by the checklist", {{"grade", "general"}}}).value();
  EXPECT_FALSE(hazard.needs_grading_review);
}

TEST(HazardStep, DispatchSetsTheDeadlinesOfItsGrade) {
  const auto general = take(hazard_in(graded), "dispatch", {system_actor(), "", {}}).value();
  EXPECT_EQ(general.deadline, at(1'000) + std::chrono::hours{24});
  EXPECT_EQ(general.due_at, at(1'000) + std::chrono::days{7});
  const auto major = take(hazard_in(graded, HazardGrade::major), "dispatch", {system_actor(), "", {}}).value();
  EXPECT_EQ(major.deadline, at(1'000) + std::chrono::minutes{30});
  EXPECT_EQ(major.due_at, at(1'000) + std::chrono::days{30});
  const auto raised = take(hazard_in(dispatched), "grade", {kDistrict, "it is worse", {{"grade", "major"}}}).value();
  EXPECT_EQ(raised.deadline, at(1'000) + std::chrono::minutes{30});
}

TEST(HazardStep, AFailedAcceptanceCountsAndGivesANewDueDate) {
  auto after = take(hazard_in(awaiting), "fail", {kDistrict, "still leaking", {}}).value();
  EXPECT_EQ(after.failures, 1);
  EXPECT_EQ(after.deadline, at(1'000) + std::chrono::days{7});
  after = take(hazard_in(awaiting), "fail", {kDistrict, "still leaking", {{"due", "2026-11-24T00:00:00Z"}}}).value();
  EXPECT_EQ(after.due_at, parse_time("2026-11-24T00:00:00Z").value());
}

TEST(HazardStep, ReopeningIsForThirtyDays) {
  auto hazard = hazard_in(closed);
  const auto again = take(hazard, "reopen", {kDistrict, "it leaks again", {}}).value();
  EXPECT_EQ(again.reopenings, 1);
  EXPECT_FALSE(again.closed_at);
  hazard.closed_at = at(0) - std::chrono::days{31};
  EXPECT_NE(refusal(hazard, "reopen", {kDistrict, "it leaks again", {}}, Errc::refused).find("report a new hazard"),
            std::string::npos);
}

TEST(HazardStep, WhatHasEndedHasNoDeadlineAndIsNeverOverdue) {
  for (const auto& [state, action] : {std::pair{reported, "reject"}, {awaiting, "accept"}}) {
    const auto after = take(hazard_in(state), action, act_for(*find_arrow(state, action))).value();
    EXPECT_FALSE(after.deadline);
    EXPECT_FALSE(after.overdue(at(0) + std::chrono::days{1000}));
  }
  const auto open = hazard_in(dispatched);
  EXPECT_FALSE(open.overdue(*open.deadline));
  EXPECT_TRUE(open.overdue(*open.deadline + Millis{1}));
}

TEST(ActFields, AreAFlatObjectOfTextAndNumbers) {
  EXPECT_TRUE(parse_fields("").value().empty());
  EXPECT_EQ(parse_fields(R"({"funds": 12.5, "measures": "  a "})").value(),
            (ActFields{{"funds", "12.5"}, {"measures", "a"}}));
  for (const char* bad : {"{", "[1]", "\"x\"", R"({"a": [1]})", R"({"a": null})", R"({"a": true})"}) {
    const auto parsed = parse_fields(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace anlan::collector
