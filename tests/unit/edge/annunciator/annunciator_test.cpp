// One line per arrow of edge/annunciator/annunciator.hpp. The local alarm sounds from orange.
#include "edge/annunciator/annunciator.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "tests/unit/edge/annunciator/transitions.hpp"

namespace anlan::edge {
namespace {

constexpr MonoTime kNow{Millis{1000}};

/// "1 raised orange; silence; 1 upgraded red" → what is shown after each: "orange! orange red!" (! sounds).
std::string show(const std::string& story) {
  Annunciator annunciator(Level::orange, Millis{1000});
  std::string shown;
  std::istringstream events(story);
  for (std::string event; std::getline(events, event, ';');) {
    std::istringstream words(event);
    std::string first, step, level;
    words >> first >> step >> level;
    if (first == "silence") {
      EXPECT_TRUE(annunciator.silence("李工", kNow)) << story;
    } else {
      for (const AlertStep s :
           {AlertStep::raised, AlertStep::upgraded, AlertStep::downgraded, AlertStep::latched, AlertStep::cleared})
        if (to_string(s) == step) annunciator.apply(transition(std::stoull(first), s, *level_from(level)));
    }
    const AnnunciatorOutput output = annunciator.tick(kNow);
    shown += (shown.empty() ? "" : " ") + std::string(to_string(output.level)) + (output.sound ? "!" : "");
  }
  return shown;
}

TEST(Annunciator, SoundsPerArrow) {
  struct Case {
    const char *arrow, *story, *shown;
  };
  const Case table[] = {
      {"raised below the level: quiet", "1 raised yellow", "yellow"},
      {"raised at the level: sounds", "1 raised orange", "orange!"},
      {"raised above it: sounds", "1 raised red", "red!"},
      {"rises to the level: sounds", "1 raised blue; 1 upgraded orange", "blue orange!"},
      {"rises below the level: quiet", "1 raised blue; 1 upgraded yellow", "blue yellow"},
      {"silence: quiet, level stays shown", "1 raised orange; silence", "orange! orange"},
      {"rises after silence: sounds again", "1 raised orange; silence; 1 upgraded red", "orange! orange red!"},
      {"falls after silence: stays quiet", "1 raised red; 1 latched red; silence; 1 downgraded orange",
       "red! red! red orange"},
      {"falls unsilenced: goes on", "1 raised red; 1 latched red; 1 downgraded orange", "red! red! orange!"},
      {"falls below the level: quiet", "1 raised orange; 1 downgraded yellow", "orange! yellow"},
      {"falls below and rises again after silence: sounds",
       "1 raised orange; silence; 1 downgraded yellow; 1 upgraded orange", "orange! orange yellow orange!"},
      {"latches unsilenced: goes on", "1 raised red; 1 latched red", "red! red!"},
      {"latches silenced: stays quiet", "1 raised red; silence; 1 latched red", "red! red red"},
      {"red again after latching, silenced: sounds again", "1 raised red; silence; 1 latched red; 1 upgraded red",
       "red! red red red!"},
      {"cleared: quiet", "1 raised orange; 1 cleared orange", "orange! none"},
      {"cleared by a reset: quiet", "1 raised red; 1 latched red; 1 cleared red", "red! red! none"},
      {"a new alert after silence: sounds", "1 raised orange; silence; 2 raised orange", "orange! orange orange!"},
      {"a new alert below the level after silence: quiet", "1 raised orange; silence; 2 raised blue",
       "orange! orange orange"},
      {"one of two cleared: the other goes on", "1 raised orange; 2 raised red; 2 cleared red", "orange! red! orange!"},
      {"the sounding one of two cleared: quiet", "1 raised orange; silence; 2 raised red; 2 cleared red",
       "orange! orange red! orange"},
      {"silence covers all that sound", "1 raised orange; 2 raised red; silence", "orange! red! red"},
      {"the same source raised anew after clearing: sounds",
       "1 raised orange; silence; 1 cleared orange; 2 raised orange", "orange! orange none orange!"},
      {"known only from its newest transition (after a restart): sounds", "1 latched red", "red!"},
      {"the same, fallen: sounds", "1 downgraded orange", "orange!"},
      {"cleared without having been known: nothing", "1 cleared red", "none"},
  };
  for (const Case& c : table) EXPECT_EQ(show(c.story), c.shown) << c.arrow;
}

TEST(Annunciator, SaysWhoSilencedWhat) {
  Annunciator annunciator(Level::orange, Millis{1000});
  annunciator.apply(transition(1, AlertStep::raised, Level::orange));
  annunciator.apply(transition(2, AlertStep::raised, Level::blue));
  const auto done = annunciator.silence("李工", kNow);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->by, "李工");
  EXPECT_EQ(done->at, kNow);
  EXPECT_EQ(done->sources, std::vector<std::string>{"site-a/tank-1/temperature high"});
}

TEST(Annunciator, IsSilencedByANamedPersonOnly) {
  Annunciator annunciator(Level::orange, Millis{1000});
  annunciator.apply(transition(1, AlertStep::raised, Level::red));
  EXPECT_EQ(annunciator.silence("", kNow).error().code, Errc::invalid_argument);
  EXPECT_EQ(annunciator.silence("\xFF", kNow).error().code, Errc::invalid_argument);
  EXPECT_TRUE(annunciator.tick(kNow).sound);
}

TEST(Annunciator, RefusesToSilenceNothing) {
  Annunciator annunciator(Level::orange, Millis{1000});
  annunciator.apply(transition(1, AlertStep::raised, Level::yellow));
  EXPECT_EQ(annunciator.silence("李工", kNow).error().code, Errc::conflict);
  annunciator.apply(transition(1, AlertStep::upgraded, Level::orange));
  EXPECT_TRUE(annunciator.tick(kNow).sound) << "what comes later is not silenced in advance";
}

TEST(Annunciator, SoundsAtItsLowestLevelWhereConfiguredSo) {
  Annunciator annunciator(Level::blue, Millis{1000});
  annunciator.apply(transition(1, AlertStep::raised, Level::blue));
  EXPECT_TRUE(annunciator.tick(kNow).sound);
}

TEST(Annunciator, BeatsWithTimeAndWraps) {
  Annunciator annunciator(Level::orange, Millis{500});
  EXPECT_EQ(annunciator.tick(kNow).beat, 0);
  EXPECT_EQ(annunciator.tick(kNow + Millis{499}).beat, 0);
  EXPECT_EQ(annunciator.tick(kNow + Millis{500}).beat, 1);
  EXPECT_EQ(annunciator.tick(kNow + Millis{500} * 65'535).beat, 65'535);
  EXPECT_EQ(annunciator.tick(kNow + Millis{500} * 65'536).beat, 0);
}

TEST(Annunciator, SaysWhenTheNextBeatIs) {
  Annunciator annunciator(Level::orange, Millis{500});
  annunciator.tick(kNow);
  EXPECT_EQ(annunciator.until_next_beat(kNow), Millis{500});
  EXPECT_EQ(annunciator.until_next_beat(kNow + Millis{499}), Millis{1});
  EXPECT_EQ(annunciator.until_next_beat(kNow + Millis{1700}), Millis{300});
}

}  // namespace
}  // namespace anlan::edge
