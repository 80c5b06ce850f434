#include "collector/alert/transition_json.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/alert_builder.hpp"

namespace anlan::collector {
namespace {

using namespace anlan::test;

TEST(TransitionJson, ReadsBackExactly) {
  AlertTransition t = latched(7, 4).actor("李 \"雷\"\n").when(123'456);
  t.evidence.value = 0.1 + 0.2;
  t.evidence.quality = Quality::out_of_range;
  t.score = 99.5;
  EXPECT_EQ(parse_transition(transition_text(t)).value(), t);
}

TEST(TransitionJson, AnAbsentNumberStaysAbsent) {
  AlertTransition t = raised(1);
  t.evidence.value = t.evidence.limit = kNoValue;
  const auto back = parse_transition(transition_text(t)).value();
  EXPECT_TRUE(std::isnan(back.evidence.value));
  EXPECT_TRUE(std::isnan(back.evidence.limit));
}

TEST(TransitionJson, DamagedTextIsAnError) {
  for (const char* text : {"", "{", "{}", "[]", R"({"alert":"xx"})"}) {
    const auto parsed = parse_transition(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::storage_corrupt);
  }
  auto text = transition_text(raised(1));
  text.replace(text.find("\"step\":1"), 8, "\"step\":9");
  EXPECT_FALSE(parse_transition(text));
}

}  // namespace
}  // namespace anlan::collector
