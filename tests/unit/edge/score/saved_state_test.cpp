#include "edge/score/saved_state.hpp"

#include <gtest/gtest.h>

#include "tests/unit/edge/score/trace.hpp"

namespace anlan::edge {
namespace {

AlertTransition full_alert() {
  return {.alert = {0xFEDCBA9876543210u, 7},
          .version = 2'000'000'000,
          .step = AlertStep::latched,
          .level = Level::red,
          .source = "a/b/c",
          .asset = "a/b",
          .rule = "high",
          .name = "3号罐 \"温度\"\n",
          .evidence = {.value = 0.1 + 0.2,
                       .limit = -1e-300,
                       .unit = "Cel",
                       .since = wall_from_ms(-5),
                       .quality = Quality::stale},
          .score = 100.0 / 3,
          .at = wall_from_ms(kWallStart),
          .actor = "王工"};
}

SavedState full_state() {
  SavedState state{instant_at(12.345, {0x0123456789ABCDEFu, 0xFFFFFFFFFFFFFFFFu}), {}};
  SavedTrack track{.source = "a/b/c", .rule = "high", .timers = {}, .bad = {}, .alert = full_alert()};
  track.timers.above = {Moment{mono_from_ms(1), wall_from_ms(2)}, std::nullopt, std::nullopt,
                        Moment{mono_from_ms(-3), wall_from_ms(4)}};
  track.timers.back = Moment{mono_from_ms(5), wall_from_ms(6)};
  track.timers.doubt = mono_from_ms(7);
  state.tracks = {track, {.source = "a/b", .rule = "comm", .timers = {}, .bad = {"c", "d"}, .alert = std::nullopt}};
  return state;
}

TEST(SavedState, ComesBackBitForBit) {
  const auto back = decode(encode(full_state()));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, full_state());
}

TEST(SavedState, KeepsNoValueAsNoValue) {
  SavedState state = full_state();
  state.tracks[0].alert->evidence.limit = kNoValue;
  const auto back = decode(encode(state));
  ASSERT_TRUE(back);
  EXPECT_NE(back->tracks[0].alert->evidence.limit, back->tracks[0].alert->evidence.limit);
}

TEST(SavedState, GoldenTextOfFormat1StaysReadable) {
  const auto state = decode(
      R"({"format":1,"boot":"00000000000000010000000000000001","mono":15000,"wall":1800000015000,"tracks":[)"
      R"({"source":"site-a/tank-3/temperature","rule":"high","above":[[5000,1800000005000],null,null,null],"back":null,)"
      R"("doubt":null,"alert":{"id":"00000000000000000000000000000001","version":1,"step":"raised","level":"blue",)"
      R"("source":"site-a/tank-3/temperature","asset":"site-a/tank-3","rule":"high","name":"3号罐温度","value":"41.5",)"
      R"("limit":"40","unit":"Cel","since":1800000005000,"quality":0,"score":"41.5","at":1800000015000,"actor":""}}]})");
  ASSERT_TRUE(state) << state.error().message;
  LimitEngine engine(one_point(), counting_ids());
  play(engine, "5=41 15=41.5");
  EXPECT_EQ(state->at, instant_at(15));
  EXPECT_EQ(state->tracks, engine.tracks());
}

TEST(SavedState, RefusesEveryTruncationWithAnError) {
  const std::string text = encode(full_state());
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto state = decode(std::string_view(text).substr(0, length));
    ASSERT_FALSE(state) << length;
    EXPECT_EQ(state.error().code, Errc::malformed);
  }
}

TEST(SavedState, SurvivesEveryChangedByte) {
  const std::string text = encode(full_state());
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'\0', '"', '{', '9', '-', 'x', '\xFF'}) {
      std::string damaged = text;
      damaged[i] = c;
      if (const auto state = decode(damaged)) {
        EXPECT_TRUE(decode(encode(*state)).has_value()) << damaged;
      }
    }
  }
}

std::string error_of(std::string from, const std::string& to) {
  std::string text = encode(full_state());
  const auto place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from << " in " << text;
  text.replace(place, from.size(), to);
  const auto state = decode(text);
  return state ? "read" : state.error().message;
}

TEST(SavedState, SaysWhereAndWhatIsWrong) {
  EXPECT_EQ(error_of("\"mono\":12345", "\"mono\":\"x\""), "saved state.mono is not a whole number in its range");
  EXPECT_EQ(error_of("\"mono\":12345", "\"mono\":9223372036854775807"),
            "saved state.mono is not a whole number in its range");
  EXPECT_EQ(error_of("\"latched\"", "\"cleared\""), "saved state.tracks[0].alert.step is no step of an active alert");
  EXPECT_EQ(error_of("\"level\":\"red\"", "\"level\":\"none\""), "saved state.tracks[0].alert.level is no level");
  EXPECT_EQ(error_of("\"level\":\"red\"", "\"level\":\"blue\""), "saved state.tracks[0].alert is latched but not red");
  EXPECT_EQ(error_of("\"version\":2000000000", "\"version\":0"),
            "saved state.tracks[0].alert.version is not a whole number in its range");
  EXPECT_EQ(error_of("\"score\":\"3", "\"score\":\"333"), "saved state.tracks[0].alert has a score outside 0 to 100");
  EXPECT_EQ(error_of("\"above\":[[1,2],", "\"above\":["), "saved state.tracks[0].above does not have four entries");
  EXPECT_EQ(error_of("\"source\":\"a/b/c\",\"rule\"", "\"source\":\"a/b/x\",\"rule\""),
            "saved state.tracks[0] holds the alert of another source or rule");
  EXPECT_EQ(error_of("\"format\":1", "\"format\":2"),
            "saved state has a format that this program does not know: it was written by a newer one");
}

TEST(SavedState, RefusesTheSameTrackTwice) {
  SavedState state = full_state();
  state.tracks.push_back(state.tracks[1]);
  const auto back = decode(encode(state));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().message, "saved state.tracks[2] is there twice");
}

TEST(SavedState, RefusesTheSameAlertTwice) {
  SavedState state = full_state();
  state.tracks.push_back(state.tracks[0]);
  state.tracks[2].source = state.tracks[2].alert->source = "x/y/z";
  const auto back = decode(encode(state));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().message, "saved state.tracks[2] holds an alert that another track holds");
}

TEST(SavedState, ReadsItsOwnTextWithANameThatIsNotUtf8) {
  SavedState state = full_state();
  state.tracks[0].alert->actor = "\xC3\x28";
  EXPECT_EQ(decode(encode(state)).value(), state);
}

// ---- another boot
// -----------------------------------------------------------------------------------------------------

/// A delay that began 30 s before the state was saved, and stood still for its last 10 s.
SavedState thirty_seconds_old() {
  SavedState state{instant_at(1000, {1, 1}),
                   {{.source = "a/b/c", .rule = "high", .timers = {}, .bad = {}, .alert = std::nullopt}}};
  state.tracks[0].timers.above[0] = state.tracks[0].timers.back =
      Moment{mono_from_ms(970'000), wall_from_ms(kWallStart + 970'000)};
  state.tracks[0].timers.doubt = mono_from_ms(990'000);
  return state;
}

TEST(SavedState, LeavesTimesAloneWithinOneBoot) {
  SavedState state = thirty_seconds_old();
  translate(state, instant_at(5000, {1, 1}));
  EXPECT_EQ(state, thirty_seconds_old());
}

TEST(SavedState, GoesOnByWallTimeAfterAnotherBoot) {
  SavedState state = thirty_seconds_old();
  const Instant now{
      wall_from_ms(kWallStart + 1'060'000), mono_from_ms(20'000), {2, 2}};  // a minute later, 20 s after boot
  translate(state, now);
  const Timers& timers = state.tracks[0].timers;
  EXPECT_EQ(now.mono - timers.above[0]->mono, Millis{90'000});
  EXPECT_EQ(now.mono - timers.back->mono, Millis{90'000});
  EXPECT_EQ(*timers.doubt - timers.back->mono, Millis{20'000}) << "what had counted still counts";
  EXPECT_EQ(timers.above[0]->wall, wall_from_ms(kWallStart + 970'000)) << "people are told the true time";
}

TEST(SavedState, NeverLetsADelayRunBackwards) {
  SavedState state = thirty_seconds_old();
  const Instant now{wall_from_ms(0), mono_from_ms(20'000), {2, 2}};  // the clock lost its battery
  translate(state, now);
  EXPECT_EQ(now.mono - state.tracks[0].timers.above[0]->mono, Millis{30'000});
}

}  // namespace
}  // namespace anlan::edge
