#include "common/base/log.hpp"

#include <algorithm>
#include <regex>
#include <vector>

#include <gtest/gtest.h>

namespace anlan {
namespace {

template <class F>
std::string written(F log) {
  testing::internal::CaptureStderr();
  log();
  return testing::internal::GetCapturedStderr();
}

std::string with_value(std::string value) {
  return written([&] { log::info("uplink", "connected", {{"broker", std::move(value)}}); });
}

TEST(Log, WritesTimeLevelPartSentenceAndFieldsOnOneLine) {
  const std::string line = written(
      [] { log::warning("uplink", "line lost", {{"broker", "127.0.0.1:1883"}, {"tries", 3}, {"value", 1.5}}); });
  EXPECT_TRUE(std::regex_match(
      line,
      std::regex(
          R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S*WARN\S* uplink: line lost broker=127\.0\.0\.1:1883 tries=3 value=1\.5\n)",
          std::regex::icase)))
      << line;
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_EQ(written([] { log::debug("a", "b"); }), "");
  log::set_level(log::Level::error);
  EXPECT_EQ(written([] { log::warning("a", "b"); }), "");
  log::set_level(log::Level::info);
}

TEST(Log, QuotesValuesThatWouldReadAsMoreFields) {
  EXPECT_NE(with_value("x user=root").find(R"(broker="x user=root")"), std::string::npos);
  EXPECT_NE(with_value(R"(a"b\c)").find(R"(broker="a\"b\\c")"), std::string::npos);
  EXPECT_NE(with_value("").find(R"(broker="")"), std::string::npos);
}

TEST(Log, KeepsChineseAsItIs) { EXPECT_NE(with_value("储罐三").find("broker=储罐三"), std::string::npos); }

/// Everything that a terminal or a viewer may take for a new line or a command, and bytes that are no text.
TEST(Log, LetsNoHostileValueForgeALine) {
  for (const std::string& evil :
       {std::string("x\n2026-11-23T08:15:00.250Z INFO uplink: all is well"), std::string("x\r\nforged"),
        std::string("x\x1b[2Jforged"), std::string("x\0y", 3), std::string("x\x7fy"),
        std::string("x\xc2\x85"
                    "forged"),
        std::string("x\xc2\x9b"
                    "2J"),
        std::string("x\xe2\x80\xa8"
                    "forged"),
        std::string("x\xe2\x80\xae"
                    "gpj.exe"),
        std::string("x\x9b"
                    "2J"),
        std::string("x\xff\xfe")}) {
    for (const std::string& line : {with_value(evil), written([&] { log::info("uplink", "ignored " + evil, {}); })}) {
      EXPECT_EQ(std::ranges::count(line, '\n'), 1) << line;
      EXPECT_EQ(line.back(), '\n');
      for (const char* bad :
           {"\r", "\x1b[2J", "\x7f", "\xc2\x85", "\xc2\x9b", "\xe2\x80\xa8", "\xe2\x80\xae", "\x9b", "\xff"})
        EXPECT_EQ(line.find(bad), std::string::npos) << line;
      EXPECT_EQ(line.find('\0'), std::string::npos);
      EXPECT_NE(line.find("\\x"), std::string::npos) << "what was there stays readable: " << line;
    }
  }
}

TEST(Log, GoesToAWriterInsteadAndToStandardErrorWhereThatDoesNotTakeIt) {
  std::vector<std::string> taken;
  bool takes = true;
  log::write_to([&](const log::Line& line) {
    if (takes)
      taken.push_back(std::string(line.part) + "|" + std::string(line.text) + "|" + line.fields.begin()->value);
    return takes;
  });
  EXPECT_EQ(with_value("two words"), "");
  EXPECT_EQ(taken, std::vector<std::string>{"uplink|uplink: connected broker=\"two words\"|two words"});
  takes = false;
  EXPECT_NE(with_value("x").find("broker=x"), std::string::npos);
  log::write_to({});
}

TEST(Log, DoesNotTakeBracesForAFormat) {
  EXPECT_NE(with_value("{}{0}%s%n").find("broker={}{0}%s%n"), std::string::npos);
}

}  // namespace
}  // namespace anlan
