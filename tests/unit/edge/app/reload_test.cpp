#include "edge/app/reload.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

PointDefinition point(const std::string& device, const std::string& name) {
  PointDefinition made;
  made.path = {"s", device, name};
  made.limits.high.of(Level::red) = 90;
  return made;
}

Config config() {
  Config made;
  made.id = "e";
  made.site = "s";
  made.data_dir = "/d";
  made.definition.edit().points = {point("a", "p"), point("a", "q"), point("b", "p")};
  return made;
}

AlertTransition alert(const std::string& source, const std::string& rule, Level level = Level::red) {
  AlertTransition made;
  made.source = source;
  made.rule = rule;
  made.level = level;
  return made;
}

TEST(Reload, AnAlertGoesOnWhileItsPointAndItsLimitsAreThere) {
  Config fresh = config();
  EXPECT_TRUE(ended_by(config(), fresh, {alert("s/a/p", "high"), alert("s/a", "comm")}).empty());
  fresh.definition.edit().points[0].limits.high = {};
  fresh.definition.edit().points[0].limits.low.of(Level::red) = 10;
  const auto ended = ended_by(config(), fresh, {alert("s/a/p", "high"), alert("s/a/q", "high"), alert("s/a", "comm")});
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].source, "s/a/p");
}

TEST(Reload, ADevicesAlertGoesOnWhileItHasAPoint) {
  Config fresh = config();
  fresh.definition.edit().points.erase(fresh.definition->points.begin() + 2);
  EXPECT_EQ(ended_by(config(), fresh, {alert("s/b", "comm"), alert("s/a", "comm")}).size(), 1u);
}

TEST(Reload, WhoEndsAnAlertSaysHisName) {
  Config fresh = config();
  fresh.definition.edit().points[0].path.point = "renamed";
  const std::vector<AlertTransition> active{alert("s/a/p", "high")};
  EXPECT_TRUE(may_replace(config(), fresh, {}, ""));
  EXPECT_TRUE(may_replace(config(), fresh, active, "王工"));
  const auto refused = may_replace(config(), fresh, active, "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  for (const char* part : {"s/a/p high (red)", "anlan-edge reload --by NAME", "1 active alert "})
    EXPECT_NE(refused.error().message.find(part), std::string::npos) << refused.error().message;
}

TEST(Reload, AnAlertThatHasHadNoPlaceBeforeIsNotEndedByIt) {
  Config fresh = config();
  fresh.definition.edit().points.pop_back();
  EXPECT_TRUE(may_replace(config(), fresh, {alert("s/gone/p", "high")}, ""));
}

TEST(Reload, AnotherEdgeIsNoReload) {
  Config fresh = config();
  fresh.id = "other";
  EXPECT_FALSE(may_replace(config(), fresh, {}, "王工"));
}

TEST(Reload, NamesEachKeyThatWaitsForARestart) {
  EXPECT_TRUE(waiting_for_restart(config(), config()).empty());
  Config fresh = config();
  fresh.uplink.broker = "mqtts://other";
  fresh.uplink.command_key_file = "command.pub";
  fresh.uplink.window = 3;
  fresh.buffer.commit_every = Millis{100};
  fresh.annunciator.emplace();
  fresh.metrics_listen = "127.0.0.1:9";
  EXPECT_EQ(waiting_for_restart(config(), fresh),
            (std::vector<std::string>{"edge.metrics_listen", "uplink.broker", "uplink.command_key_file",
                                      "uplink.window", "buffer.commit_every_ms", "annunciator"}));
  Config was = fresh;
  fresh.annunciator->coil = 4;
  fresh.annunciator->beat = Millis{200};
  EXPECT_EQ(waiting_for_restart(was, fresh), (std::vector<std::string>{"annunciator.coil", "annunciator.beat_ms"}));
}

}  // namespace
}  // namespace anlan::edge
