// One case per arrow of edge/score/limit_track.hpp, and per doubt about data. Limits: blue 40, yellow 60, orange 75,
// red 90, deadband 2, on-delay 10 s, off-delay 20 s, unless the case says otherwise.
#include "edge/score/limit_track.hpp"

#include <gtest/gtest.h>

#include "tests/unit/edge/score/trace.hpp"

namespace anlan::edge {
namespace {

std::string high(const std::string& trace, Limits limits = usual_limits()) {
  LimitEngine engine(one_point(limits), counting_ids());
  return play(engine, trace);
}

TEST(LimitTrack, StaysIdleBelowItsLimits) { EXPECT_EQ(high("0=39.9 100=0 200=39.99"), ""); }

TEST(LimitTrack, RaisesWhenTheOnDelayHasPassed) { EXPECT_EQ(high("0=41 5=41 9.999=41 10=41"), "10 raised blue"); }

TEST(LimitTrack, ExceedsAtTheLimitItself) { EXPECT_EQ(high("0=40 10=40"), "10 raised blue"); }

TEST(LimitTrack, RaisesAtOnceWithoutADelay) {
  Limits limits = usual_limits();
  limits.on_delay = Millis{0};
  EXPECT_EQ(high("0=41", limits), "0 raised blue");
}

TEST(LimitTrack, ForgetsAnExceedanceThatAGoodValueInterrupts) {
  EXPECT_EQ(high("0=41 9=39 10=41 19=41 20=41"), "20 raised blue");
}

TEST(LimitTrack, RaisesRedAtTheFirstSample) { EXPECT_EQ(high("0=20 1=90"), "1 raised red"); }

TEST(LimitTrack, RaisesOrangeNotBlueAfterAJump) { EXPECT_EQ(high("0=80 10=80"), "10 raised orange"); }

TEST(LimitTrack, RaisesTheHighestLevelWhoseOwnDelayHasPassed) {
  EXPECT_EQ(high("0=41 5=80 10=80 15=80"), "10 raised blue, 15 upgraded orange");
}

TEST(LimitTrack, StagesUpWhenAValueCreeps) {
  EXPECT_EQ(high("0=41 10=45 20=61 30=61 40=76 50=76 60=91"),
            "10 raised blue, 30 upgraded yellow, 50 upgraded orange, 60 upgraded red");
}

TEST(LimitTrack, UpgradesToRedAtOnceFromAnyLevel) {
  EXPECT_EQ(high("0=41 10=41 11=90"), "10 raised blue, 11 upgraded red");
  EXPECT_EQ(high("0=80 10=80 10.1=95"), "10 raised orange, 10.1 upgraded red");
}

TEST(LimitTrack, SkipsLevelsThatAreNotConfigured) {
  Limits limits = usual_limits();
  limits.high.at = {40, std::nullopt, 75, std::nullopt};
  EXPECT_EQ(high("0=61 10=500 20=500 30=0 50=0 70=0", limits),
            "10 raised blue, 20 upgraded orange, 50 downgraded blue, 70 cleared blue");
}

TEST(LimitTrack, LeavesOneLevelAtATimeEachAfterItsOffDelay) {
  EXPECT_EQ(high("0=80 10=80 20=10 39=10 40=10 59=10 60=10 79=10 80=10 200=10"),
            "10 raised orange, 40 downgraded yellow, 60 downgraded blue, 80 cleared blue");
}

TEST(LimitTrack, HoldsTheLevelThatTheValueNowHas) {
  EXPECT_EQ(high("0=80 10=80 20=65 40=65 100=65"), "10 raised orange, 40 downgraded yellow");
}

TEST(LimitTrack, LeavesOneLevelPerSampleWithoutAnOffDelay) {
  Limits limits = usual_limits();
  limits.off_delay = Millis{0};
  EXPECT_EQ(high("0=80 10=80 11=0 12=0 13=0", limits),
            "10 raised orange, 11 downgraded yellow, 12 downgraded blue, 13 cleared blue");
}

TEST(LimitTrack, DoesNotLeaveWithinTheDeadband) {
  EXPECT_EQ(high("0=41 10=41 20=38 100=38 200=39.9"), "10 raised blue");
  EXPECT_EQ(high("0=41 10=41 20=37.9 40=37.9"), "10 raised blue, 40 cleared blue");
}

TEST(LimitTrack, BeginsTheOffDelayAnewWhenTheValueComesBackIntoTheDeadband) {
  EXPECT_EQ(high("0=41 10=41 20=30 39=38 40=30 59=30 60=30"), "10 raised blue, 60 cleared blue");
}

TEST(LimitTrack, NeedsAWholeOnDelayAgainAfterAStepDown) {
  EXPECT_EQ(high("0=80 10=80 20=65 40=65 41=80 50=80 51=80"),
            "10 raised orange, 40 downgraded yellow, 51 upgraded orange");
}

TEST(LimitTrack, StartsANewAlertAfterOneIsOver) {
  EXPECT_EQ(high("0=41 10=41 20=0 40=0 50=41 60=41"), "10 raised blue, 40 cleared blue, 60 raised blue");
}

// ---- red latches ----------------------------------------------------------------------------------------------------

TEST(LimitTrack, LatchesRedInsteadOfLeavingIt) {
  EXPECT_EQ(high("0=95 10=20 29=20 30=20 9999=20"), "0 raised red, 30 latched red");
}

TEST(LimitTrack, LatchesWhenTheValueIsBackFromRedThoughStillOrange) {
  EXPECT_EQ(high("0=95 10=80 30=80"), "0 raised red, 30 latched red");
}

TEST(LimitTrack, IsRedAgainAtOnceWhileLatched) {
  EXPECT_EQ(high("0=95 10=20 30=20 31=90 40=20 60=20"),
            "0 raised red, 30 latched red, 31 upgraded red, 60 latched red");
}

TEST(LimitTrack, IgnoresLowerLevelsWhileLatched) {
  EXPECT_EQ(high("0=95 10=20 30=20 40=80 90=80"), "0 raised red, 30 latched red");
}

// ---- data in doubt --------------------------------------------------------------------------------------------------

TEST(LimitTrack, NeverClearsOnBadData) {
  EXPECT_EQ(high("0=80 10=80 20=? 1000=fault 2000=10~ 3000=nan 4000=-5! 5000=?"), "10 raised orange");
  EXPECT_EQ(high("0=95 10=? 1000=fault 2000=10~ 3000=-5!"), "0 raised red");
}

TEST(LimitTrack, NeverRaisesOnDataWithoutAValue) { EXPECT_EQ(high("0=99~ 10=99~ 20=99~ 30=?"), ""); }

TEST(LimitTrack, KeepsTheOnDelayRunningThroughMissingData) {
  EXPECT_EQ(high("0=41 5=? 9=? 10=? 12=41"), "12 raised blue");
}

TEST(LimitTrack, DoesNotCountMissingTimeTowardsTheOffDelay) {
  // back from 20; in doubt from 30 to 1000: 10 s have counted, 10 s are missing
  EXPECT_EQ(high("0=41 10=41 20=10 30=? 500=? 1000=10 1009=10 1010=10"), "10 raised blue, 1010 cleared blue");
}

TEST(LimitTrack, DoesNotClearOnTheFirstGoodSampleAfterALongGap) {
  EXPECT_EQ(high("0=95 1=? 9999=10 10018=10 10019=10"), "0 raised red, 10019 latched red");
}

TEST(LimitTrack, TakesAnOutOfRangeValueBeyondALimitForDangerAfterTheDelay) {
  EXPECT_EQ(high("0=120! 9=120! 10=120!"), "10 raised red");
}

TEST(LimitTrack, NeedsMoreThanOneWildReadingForRed) { EXPECT_EQ(high("0=65535! 1=20 2=65535! 3=20 30=20"), ""); }

TEST(LimitTrack, ConfirmsAnOutOfRangeRedByAGoodOne) { EXPECT_EQ(high("0=120! 1=95"), "1 raised red"); }

TEST(LimitTrack, StopsTheOffDelayWhenAnOutOfRangeValueExceeds) {
  EXPECT_EQ(high("0=41 10=41 20=10 35=500! 36=10 55=10 56=10"), "10 raised blue, 56 cleared blue");
}

TEST(LimitTrack, DoesNotTakeAnOutOfRangeValueOnTheSafeSideForSafe) {
  EXPECT_EQ(high("0=41 10=41 20=-500! 40=-500! 60=-500!"), "10 raised blue");
  EXPECT_EQ(high("0=41 5=-500! 10=41"), "10 raised blue");
}

TEST(LimitTrack, IsRedAgainByOutOfRangeOnlyAfterTheDelay) {
  EXPECT_EQ(high("0=95 10=20 30=20 31=500! 40=500! 41=500!"), "0 raised red, 30 latched red, 41 upgraded red");
}

// ---- low limits -----------------------------------------------------------------------------------------------------

Limits low_limits() {
  Limits limits = usual_limits();
  limits.high = {};
  limits.low.at = {20, 15, 10, 5};
  return limits;
}

TEST(LimitTrack, MirrorsEverythingForLowLimits) {
  EXPECT_EQ(high("0=20 10=20 20=9 30=9 31=5 40=6.9 60=6.9 61=7.1 80=7.1 81=7.1", low_limits()),
            "10 raised blue, 30 upgraded orange, 31 upgraded red, 81 latched red");
  EXPECT_EQ(high("0=15 10=15 20=22.1 40=22.1 60=22.1", low_limits()),
            "10 raised yellow, 40 downgraded blue, 60 cleared blue");
}

TEST(LimitTrack, RunsBothDirectionsOfAPointApart) {
  Limits limits = usual_limits();
  limits.low.at = {std::nullopt, std::nullopt, std::nullopt, 0};
  EXPECT_EQ(high("0=41 10=41 20=-1 40=-1 50=20 70=20", limits),
            "10 raised blue, 20 raised red, 40 cleared blue, 70 latched red");
}

// ---- time that is not as it should be
// ---------------------------------------------------------------------------------

TEST(LimitTrack, BeginsADelayAnewWhenTimeGoesBackwards) {
  EXPECT_EQ(high("100000=41 10=41 19=41 20=41"), "20 raised blue");
  EXPECT_EQ(high("0=41 10=41 100000=10 20=10 39=10 40=10"), "10 raised blue, 40 cleared blue");
}

TEST(LimitTrack, CountsDoubtThatEndsBeforeItBeganAsNothing) {
  EXPECT_EQ(high("0=41 10=41 20=10 30=? 25=10 39=10 40=10"), "10 raised blue, 40 cleared blue");
}

}  // namespace
}  // namespace anlan::edge
