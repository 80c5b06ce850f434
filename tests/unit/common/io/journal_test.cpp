#include "common/io/journal.hpp"

#include <gmock/gmock.h>

namespace anlan {
namespace {

std::vector<std::string> fields_of(log::Level level, log::Fields fields) {
  return journal_fields({level, "uplink: line lost tries=3", "uplink", fields});
}

TEST(Journal, AnEntryHasTheWholeTextThePriorityAndAFieldForEachPart) {
  EXPECT_THAT(fields_of(log::Level::warning, {{"broker", "127.0.0.1:1883"}, {"tries", 3}}),
              testing::ElementsAre("MESSAGE=uplink: line lost tries=3", "PRIORITY=4", "ANLAN_PART=uplink",
                                   "ANLAN_BROKER=127.0.0.1:1883", "ANLAN_TRIES=3"));
}

TEST(Journal, LevelsAreSyslogs) {
  const std::pair<log::Level, const char*> levels[] = {{log::Level::debug, "PRIORITY=7"},
                                                       {log::Level::info, "PRIORITY=6"},
                                                       {log::Level::warning, "PRIORITY=4"},
                                                       {log::Level::error, "PRIORITY=3"}};
  for (const auto& [level, priority] : levels) EXPECT_EQ(fields_of(level, {})[1], priority);
}

TEST(Journal, NamesAreThoseThatTheJournalTakesAndValuesStayAsTheyAre) {
  EXPECT_THAT(fields_of(log::Level::info, {{"data-dir", "a\nPRIORITY=0"}}),
              testing::Contains("ANLAN_DATA_DIR=a\nPRIORITY=0"));
  const std::string key(100, 'k');
  EXPECT_THAT(fields_of(log::Level::info, {{key, "v"}}), testing::Contains("ANLAN_" + std::string(58, 'K') + "=v"));
}

}  // namespace
}  // namespace anlan
