// Every arrow of the table, every guard.
#include "collector/hazard/hazard_step.hpp"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/collector/hazard/hazard_builder.hpp"

namespace anlan::collector {
namespace {

using namespace testing_hazard;
using test::at;

const HazardPolicy kPolicy;

Result<Hazard> take(const Hazard& hazard, std::string_view action, const Act& act) {
  return step(hazard, action, act, kPolicy, at(1'000));
}

std::string refusal(const Hazard& hazard, std::string_view action, const Act& act, Errc code) {
  const auto result = take(hazard, action, act);
  if (result) return "it was allowed";
  EXPECT_EQ(result.error().code, code) << result.error().message;
  return result.error().message;
}

/// What docs/alerts-and-hazards.md shows operators.
struct Row {
  HazardState from;
  const char* action;
  HazardState to;
  const char* who;
  const char* event;
};
using enum HazardState;
const Row kTable[] = {
    {reported, "grade", graded, "SYS or DA", "graded"},
    {reported, "reject", rejected, "DA", "rejected"},
    {reported, "merge", merged, "DA", "merged"},
    {graded, "dispatch", dispatched, "SYS", "dispatched"},
    {dispatched, "redispatch", dispatched, "DA", "dispatched"},
    {dispatched, "grade", dispatched, "DA", "graded"},
    {dispatched, "start", rectifying, "EP", "started"},
    {rectifying, "grade", rectifying, "DA", "graded"},
    {rectifying, "progress", rectifying, "EP", "progressed"},
    {rectifying, "self_check", self_checked, "EP", "self_checked"},
    {self_checked, "submit", awaiting, "SYS", "submitted"},
    {awaiting, "accept", closed, "CR or DA", "accepted"},
    {awaiting, "fail", rectifying, "CR or DA", "failed"},
    {closed, "reopen", reopened, "SYS or CR or DA", "reopened"},
    {reopened, "start", rectifying, "EP", "started"},
};

TEST(TransitionTable, IsTheOneThatOperatorsRead) {
  ASSERT_EQ(hazard_arrows().size(), std::size(kTable));
  for (const auto& row : kTable) {
    const auto* arrow = find_arrow(row.from, row.action);
    ASSERT_NE(arrow, nullptr) << to_string(row.from) << " " << row.action;
    EXPECT_EQ(arrow->to, row.to) << row.action;
    EXPECT_EQ(roles_text(arrow->who), row.who) << row.action;
    EXPECT_EQ(arrow->event, row.event);
  }
}

TEST(TransitionTable, StandsOnTheOperatorsPageLineByLine) {
  const auto* source = std::getenv("ANLAN_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "run by ctest";
  const auto page = test::read_file(std::string(source) + "/docs/alerts-and-hazards.md");
  std::size_t lines = 0;
  for (const auto& arrow : hazard_arrows()) {
    const auto line = "\n| " + std::string(to_string(arrow.from)) + " | " + std::string(arrow.action) + " | " +
                      std::string(to_string(arrow.to)) + " | " + roles_text(arrow.who) + " | ";
    EXPECT_NE(page.find(line), std::string::npos) << line;
    ++lines;
  }
  const auto begin = page.find("| from | action |"), end = page.find("\n\n", begin);
  EXPECT_EQ(std::ranges::count(page.substr(begin, end - begin), '\n'), lines + 1) << "the page has other steps too";
}

TEST(TransitionTable, EachArrowLeadsWhereItSaysAndCountsTheVersion) {
  for (const auto& arrow : hazard_arrows()) {
    const auto after = take(hazard_in(arrow.from), arrow.action, act_for(arrow));
    ASSERT_TRUE(after) << to_string(arrow.from) << " " << arrow.action << ": " << after.error().message;
    EXPECT_EQ(after->state, arrow.to) << arrow.action;
    EXPECT_EQ(after->version, 8);
    EXPECT_EQ(after->updated_at, at(1'000));
  }
}

TEST(TransitionTable, EachRoleThatAnArrowDoesNotNameIsRefused) {
  for (const auto& arrow : hazard_arrows())
    for (const Role role : kRoles) {
      if (arrow.who & role_bit(role)) continue;
      auto act = act_for(arrow);
      act.actor = {"somebody", role};
      const auto why = refusal(hazard_in(arrow.from), arrow.action, act, Errc::refused);
      EXPECT_NE(why.find("is for " + roles_text(arrow.who)), std::string::npos) << why;
    }
}

TEST(TransitionTable, WhatIsNoArrowIsRefusedAndTheRefusalNamesWhatIsPossible) {
  for (const auto state : kHazardStates)
    for (const auto& arrow : hazard_arrows()) {
      if (find_arrow(state, arrow.action)) continue;
      const auto why = refusal(hazard_in(state), arrow.action, act_for(arrow), Errc::refused);
      EXPECT_NE(why.find("possible: " + actions_in(state)), std::string::npos) << why;
    }
  EXPECT_EQ(actions_in(awaiting), "accept, fail");
  EXPECT_EQ(actions_in(rejected), "nothing");
}

TEST(TransitionTable, EachArrowThatNeedsAReasonIsRefusedWithoutOne) {
  for (const auto& arrow : hazard_arrows()) {
    if (!(arrow.needs & needs_reason)) continue;
    auto act = act_for(arrow);
    act.reason = "  ";
    EXPECT_NE(refusal(hazard_in(arrow.from), arrow.action, act, Errc::invalid_argument).find("a reason is required"),
              std::string::npos)
        << arrow.action;
  }
}

TEST(HazardStep, RectificationStartsOnlyWithAllFiveElements) {
  const auto& start = *find_arrow(dispatched, "start");
  for (const char* element : {"measures", "responsible_person", "funds", "time_limit", "contingency_plan"}) {
    auto act = act_for(start);
    act.fields.erase(element);
    EXPECT_NE(
        refusal(hazard_in(dispatched), "start", act, Errc::invalid_argument).find(std::string(element) + " is missing"),
        std::string::npos);
  }
  const auto why =
      refusal(hazard_in(dispatched), "start", {kPrincipal, "", {{"colour", "blue"}}}, Errc::invalid_argument);
  for (const char* part : {"measures is missing", "contingency_plan is missing", "unknown field colour"})
    EXPECT_NE(why.find(part), std::string::npos) << "all faults at once: " << why;
  const auto after = take(hazard_in(dispatched), "start", act_for(start)).value();
  EXPECT_EQ(after.plan.funds, "5000");
  EXPECT_EQ(after.due_at, parse_time("2026-11-25T10:00:00Z").value()) << "the plan's limit is the due date";
  EXPECT_EQ(after.deadline, after.due_at);
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

TEST(HazardStep, AMajorHazardIsClosedByTheCityOnly) {
  const auto hazard = hazard_in(awaiting, HazardGrade::major);
  EXPECT_NE(refusal(hazard, "accept", {kDistrict, "fine", {}}, Errc::refused).find("CR only"), std::string::npos);
  EXPECT_TRUE(take(hazard, "accept", {kCity, "fine", {}}));
}

TEST(HazardStep, AMajorHazardIsNotDowngraded) {
  EXPECT_NE(refusal(hazard_in(rectifying, HazardGrade::major), "grade", {kDistrict, "less bad", {{"grade", "general"}}},
                    Errc::invalid_argument)
                .find("not downgraded"),
            std::string::npos);
  EXPECT_NE(refusal(hazard_in(reported), "grade", {kDistrict, "", {{"grade", "awful"}}}, Errc::invalid_argument)
                .find("neither general nor major"),
            std::string::npos);
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
