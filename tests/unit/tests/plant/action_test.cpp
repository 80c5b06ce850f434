#include "tests/plant/action.hpp"

#include <gtest/gtest.h>

#include "tests/plant/number.hpp"

namespace anlan::plant {
namespace {

template <class A>
A parsed(std::string_view line) {
  const auto action = parse_action(line);
  EXPECT_TRUE(action) << line;
  return std::get<A>(*action);
}

TEST(Action, EveryVerbIsUnderstood) {
  EXPECT_EQ(std::get<Constant>(parsed<Move>("set tank-1/level 8.5").shape).value, 8.5);
  const auto ramp = std::get<Ramp>(parsed<Move>("ramp tank-1/level 80 20s").shape);
  EXPECT_EQ(ramp.to, 80);
  EXPECT_EQ(ramp.duration, Millis{20'000});
  EXPECT_EQ(std::get<Sine>(parsed<Move>("sine tank-1/level 5 2 1min").shape).period, Millis{60'000});
  EXPECT_EQ(std::get<Steps>(parsed<Move>("steps tank-1/level 250ms 1 -2 3e1").shape).values,
            (std::vector<double>{1, -2, 30}));
  EXPECT_EQ(parsed<MakeNoise>("noise tank-1/level 0.5").half_width, 0.5);
  EXPECT_EQ(parsed<Misbehave>("fault tank-1 late 500ms").how.late, Millis{500});
  EXPECT_EQ(parsed<Misbehave>("fault tank-1 exception 2").how.exception, 2);
  EXPECT_EQ(parsed<Misbehave>("fault farm gone").how.kind, Misbehaviour::Kind::gone);
  EXPECT_EQ(parsed<Show>("  show   tank-1 ").what, "tank-1");
  parsed<Quit>("quit");
}

TEST(Action, ALineThatIsWrongSaysWhatWouldBeRight) {
  for (const auto* line :
       {"", "sett a/b 1", "set a/b", "set a/b 1 2", "set a/b x", "set a/b nan", "ramp a/b 1 20", "ramp a/b 1 0s",
        "ramp a/b 1 -5s", "steps a/b 1s", "noise a/b -1", "fault a", "fault a late", "fault a exception 0",
        "fault a exception 256", "fault a hang now", "show a b", "quit now"}) {
    const auto action = parse_action(line);
    ASSERT_FALSE(action) << line;
    EXPECT_EQ(action.error().code, Errc::invalid_argument) << line;
    EXPECT_FALSE(action.error().message.empty()) << line;
  }
}

TEST(Action, ADurationTooLongForAnyPlantIsRefusedInsteadOfOverflowing) {
  EXPECT_FALSE(parse_duration("9223372036854775807h"));
  EXPECT_FALSE(parse_duration("99999999999999999999s"));
  EXPECT_EQ(parse_duration("24h"), Millis{86'400'000});
}

}  // namespace
}  // namespace anlan::plant
