#include "collector/audit/entry.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

AuditEntry example() {
  AuditEntry entry;
  entry.number = 17;
  entry.deed = {
      wall_from_ms(1'764'586'465'123),           {"王芳", Role::DA}, "hazard.graded", "hazard/4a", "按标准 \"A\"\n",
      {{"grade", "major"}, {"from", "reported"}}};
  entry.previous = sha256("x");
  return entry;
}

TEST(AuditEntry, HasOneFormThatPeopleCanReadAndAnybodyCanHash) {
  EXPECT_EQ(to_line(example()),
            R"({"number":17,"at":"2025-12-01T10:54:25.123Z","actor":"王芳","role":"DA","act":"hazard.graded",)"
            R"("subject":"hazard/4a","reason":"按标准 \"A\"\u000a","data":{"from":"reported","grade":"major"},)"
            R"("previous":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"})");
}

TEST(AuditEntry, ComesBackAsItWas) {
  AuditEntry entry = example();
  EXPECT_EQ(parse_entry(to_line(entry)), entry);
  entry.deed = {};
  EXPECT_EQ(parse_entry(to_line(entry)), entry);
  entry.deed.at = wall_from_ms(-9'000'000'000'000'000);
  entry.number = ~0ull;
  entry.deed.reason = std::string("\0\x1f\x7f\\/\"", 6);
  EXPECT_EQ(parse_entry(to_line(entry)), entry);
}

TEST(AuditEntry, WhatIsNoUtf8IsReplacedAndStillReadBack) {
  AuditEntry entry = example();
  entry.deed.reason =
      "a\xFF"
      "b\xE5\xBC";
  entry.deed.data["\xFFkey"] = "\xC0\x80";
  const auto back = parse_entry(to_line(entry));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->deed.reason, "a\uFFFDb\uFFFD\uFFFD");
  EXPECT_EQ(back->deed.data.at("\uFFFDkey"), "\uFFFD\uFFFD");
}

TEST(AuditEntry, AnyOtherWayToWriteTheSameIsRefused) {
  const std::string line = to_line(example());
  const auto with = [&line](std::string_view what, std::string_view other) {
    std::string text = line;
    return text.replace(text.find(what), what.size(), other);
  };
  for (const std::string& text :
       {line + " ", " " + line, with(",\"at\"", ", \"at\""), with("17", "17.0"), with("\\u000a", "\\n"),
        with("major", "m\\u0061jor"), with(".123Z", ".123+00:00"), with("\"DA\"", "\"DG\""),
        with("\"from\":\"reported\",", "\"from\":\"x\",\"from\":\"reported\","), with("2d71", "2D71"),
        with(",\"data\"", ",\"more\":\"\",\"data\""), std::string("{}"), std::string("[1]"), std::string()})
    EXPECT_FALSE(parse_entry(text)) << text;
}

}  // namespace
}  // namespace anlan::collector
