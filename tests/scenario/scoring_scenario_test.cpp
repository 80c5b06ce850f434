#include "tests/scenario/scoring_scenario.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace anlan::scenario {
namespace {

namespace fs = std::filesystem;

fs::path tree() {
  const char* source = std::getenv("ANLAN_SOURCE_DIR");
  return source ? source : ".";
}

std::string read(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A refusal may be given by its first words; everything else word for word.
bool matches(const std::string& expected, const std::string& actual) {
  return actual == expected || (expected.find(" refused: ") != std::string::npos && actual.starts_with(expected));
}

/// Empty where everything expected happened, in order, and nothing else.
std::string differences(const std::vector<std::string>& expected, const std::vector<std::string>& actual) {
  std::string text;
  for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
    const std::string wanted = i < expected.size() ? expected[i] : "nothing more";
    const std::string got = i < actual.size() ? actual[i] : "nothing more";
    if (!matches(wanted, got)) text += "expected: " + wanted + "\n     got: " + got + "\n";
  }
  return text;
}

TEST(ScoringScenarios, HappenAsTheyAreWritten) {
  int played = 0;
  for (const auto& entry : fs::directory_iterator(tree() / "tests/scenario/scoring")) {
    if (entry.path().extension() != ".scenario") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto scenario = parse(read(entry.path()));
    if (!scenario) {
      ADD_FAILURE() << scenario.error().message;
      continue;
    }
    EXPECT_EQ(differences(scenario->expected, play(*scenario)), "") << scenario->title;
    ++played;
  }
  EXPECT_GE(played, 15);
}

TEST(ScoringScenarios, TheExampleInTheDocumentHappensToo) {
  const std::string document = read(tree() / "docs/formats/scenarios.md");
  const auto begin = document.find("```\n"), end = document.find("```\n", begin + 4);
  ASSERT_NE(end, std::string::npos);
  const auto scenario = parse(document.substr(begin + 4, end - begin - 4));
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(differences(scenario->expected, play(*scenario)), "");
}

constexpr const char* kSmall = R"(scenario small
point tank-3/temperature 3号罐温度 unit Cel every 2s
  high blue 40 red 90
  deadband 2 on-delay 10s off-delay 1m
at 0s tank-3/temperature 41
at 10s tank-3/temperature 41  # a remark
)";

TEST(ScoringScenarioText, IsReadAsWritten) {
  const auto scenario = parse(kSmall);
  ASSERT_TRUE(scenario) << scenario.error().message;
  ASSERT_EQ(scenario->definition.points.size(), 1u);
  const PointDefinition& point = scenario->definition.points[0];
  EXPECT_EQ(point.path.str(), "site/tank-3/temperature");
  EXPECT_EQ(point.name, "3号罐温度");
  EXPECT_EQ(point.unit, "Cel");
  EXPECT_EQ(point.period, Millis{2000});
  EXPECT_EQ(point.limits.high, (LevelLimits{{40, std::nullopt, std::nullopt, 90}}));
  EXPECT_EQ(point.limits.deadband, 2);
  EXPECT_EQ(point.limits.on_delay, Millis{10'000});
  EXPECT_EQ(point.limits.off_delay, Millis{60'000});
  EXPECT_EQ(scenario->events.size(), 2u);
}

TEST(ScoringScenarioText, FailsWhereSomethingElseHappens) {
  const auto actual = play(*parse(kSmall));
  EXPECT_EQ(actual, std::vector<std::string>{"10s tank-3/temperature high raised blue"});
  EXPECT_NE(differences({}, actual), "");
  EXPECT_NE(differences({"10s tank-3/temperature high raised red"}, actual), "");
  EXPECT_NE(differences({actual[0], "11s horn on"}, actual), "");
  EXPECT_EQ(differences(actual, actual), "");
}

TEST(ScoringScenarioText, SaysWhichLineIsWrongAndHow) {
  const auto error = [](const std::string& line) {
    const auto scenario = parse(kSmall + line);
    return scenario ? "read" : scenario.error().message;
  };
  EXPECT_EQ(error("at 5x tank-3/temperature 1"), "line 7: '5x' is no time: write 250ms, 20s, 1m30s or 2h");
  EXPECT_EQ(error("at 5s tank-3/temperature warm"), "line 7: 'warm' is no number");
  EXPECT_EQ(error("at 5s tank-3/temperature"), "line 7: a value is missing at the end");
  EXPECT_EQ(error("at 5s tank-3/temperature 1 2"), "line 7: '2' does not belong here");
  EXPECT_EQ(error("at 5s reset tank-3/temperature high 王工"), "line 7: 'by' is expected where '王工' stands");
  EXPECT_EQ(error("high purple 3"), "line 7: 'purple' is no level: blue, yellow, orange or red");
  EXPECT_EQ(error("from 5s until 4s every 1s tank-3/temperature 1"), "line 7: this span holds no sample");
  EXPECT_TRUE(error("perhaps").starts_with("line 7: 'perhaps' begins no line"));
}

TEST(ScoringScenarioText, WritesTimesAsPeopleDo) {
  for (const char* text : {"0s", "250ms", "20s", "1m", "1m30s", "2h", "1h5s"})
    EXPECT_EQ(to_text(*time_from(text)), text);
}

}  // namespace
}  // namespace anlan::scenario
