// Every cell of the table, written down a second time in another way: by action, who reaches what; who is not named may
// not.
#include "collector/people/permission_table.hpp"

#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

/// "SA:all DA:district": what the rest of the documents promise.
const std::map<std::string_view, std::string> kExpected{
    {"self.use", "SA:own CR:own DA:own GO:own EP:own RE:own EM:own"},
    {"permissions.read", "SA:all CR:all DA:all GO:all EP:all RE:all EM:all IN:all CL:all"},
    {"people.manage", "SA:all"},
    {"clients.manage", "SA:all"},
    {"places.read", "SA:all CR:all DA:district GO:grid EP:company RE:company CL:granted"},
    {"places.manage", "SA:all"},
    {"system.read", "SA:all CR:all CL:granted"},
    {"audit.read", "SA:all CR:all"},
    {"sites.read", "SA:all CR:all DA:district GO:grid EP:company RE:company CL:granted"},
    {"telemetry.read", "SA:all CR:all DA:district GO:grid EP:company RE:company CL:granted"},
    {"alerts.read", "SA:all CR:all DA:district GO:grid EP:company RE:company CL:granted"},
    {"alerts.acknowledge", "CR:all DA:district GO:grid EP:company RE:company"},
    {"alerts.reset", "CR:all DA:district EP:company"},
    {"hazards.read", "SA:all CR:all DA:district GO:grid EP:company RE:company IN:task CL:granted"},
    {"hazards.report", "SA:all CR:all DA:district GO:grid EP:company RE:company EM:company CL:granted"},
    {"hazards.act", "CR:all DA:district GO:grid EP:company RE:company IN:task"},
    {"hazards.downgrade", "CR:all DA:district"},
    {"hazards.appoint", "CR:all DA:district"},
    {"events.read", "SA:all CR:all DA:district GO:grid EP:company RE:company CL:granted"},
};

TEST(PermissionTable, HasEveryCellAsExpected) {
  EXPECT_EQ(kPermissions.size(), kExpected.size());
  for (const Permission& row : kPermissions) {
    const auto expected = kExpected.find(row.action);
    ASSERT_NE(expected, kExpected.end()) << row.action;
    std::map<std::string, std::string> named;
    std::istringstream words(expected->second);
    for (std::string word; words >> word;) named[word.substr(0, 2)] = word.substr(3);
    for (const Capacity capacity : kCapacities) {
      const auto cell = named.find(std::string(to_string(capacity)));
      EXPECT_EQ(to_string(row.scopes[static_cast<std::size_t>(capacity)]), cell == named.end() ? "none" : cell->second)
          << row.action << " " << to_string(capacity);
    }
  }
}

TEST(PermissionTable, NamesEachActionOnce) {
  std::set<std::string_view> seen;
  for (const Permission& row : kPermissions) {
    EXPECT_TRUE(seen.insert(row.action).second) << row.action;
    EXPECT_FALSE(row.what.empty()) << row.action;
  }
  EXPECT_FALSE(find_permission("people.delete"));
  EXPECT_EQ(Action("alerts.reset").name(), "alerts.reset");
  EXPECT_EQ(Action("alerts.reset").scope(Capacity::DA), Scope::district);
}

TEST(PermissionTable, KeepsEachWithinTheirOwn) {
  const auto within = [](Capacity capacity, std::set<Scope> allowed) {
    for (const Permission& row : kPermissions) {
      if (row.action == "permissions.read") continue;  // it says nothing of anybody's things
      EXPECT_TRUE(allowed.contains(row.scopes[static_cast<std::size_t>(capacity)]))
          << row.action << " " << to_string(capacity);
    }
  };
  within(Capacity::DA, {Scope::none, Scope::own, Scope::district});
  within(Capacity::GO, {Scope::none, Scope::own, Scope::grid});
  within(Capacity::EP, {Scope::none, Scope::own, Scope::company});
  within(Capacity::RE, {Scope::none, Scope::own, Scope::company});
  within(Capacity::EM, {Scope::none, Scope::own, Scope::company});
  within(Capacity::IN, {Scope::none, Scope::task});
  within(Capacity::CL, {Scope::none, Scope::granted});
}

}  // namespace
}  // namespace anlan::collector
