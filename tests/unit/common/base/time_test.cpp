#include "common/base/time.hpp"

#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace anlan {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                       kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t ms(std::string_view text) {
  const auto t = parse_time(text);
  EXPECT_TRUE(t) << text;
  return t ? to_ms(*t) : 0;
}

TEST(Time, ReadsRfc3339InItsForms) {
  EXPECT_EQ(ms("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ms("2026-11-23T08:15:00.250Z"), 1795421700250);
  EXPECT_EQ(ms("2026-11-23 16:15:00.25+08:00"), 1795421700250);
  EXPECT_EQ(ms("2026-11-23t08:15:00.250999z"), 1795421700250) << "cut, not rounded: a time never moves forward";
  EXPECT_EQ(ms("2026-11-23T03:45:00.250-04:30"), 1795421700250);
  EXPECT_EQ(ms("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(ms("2016-12-31T23:59:60Z"), ms("2017-01-01T00:00:00Z")) << "POSIX has no leap second";
}

TEST(Time, ReadsWholeNumbersAsEpochMilliseconds) {
  EXPECT_EQ(ms("1795421700250"), 1795421700250);
  EXPECT_EQ(ms("-1"), -1);
  EXPECT_EQ(ms("0"), 0);
}

TEST(Time, RefusesWhatIsNoInstant) {
  for (const char* text : {"",
                           " ",
                           "today",
                           "2026-11-23",
                           "2026-11-23T08:15:00",
                           "2026-11-23T08:15Z",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-10T00:00:00Z",
                           "2026-11-00T00:00:00Z",
                           "2026-11-31T00:00:00Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T08:60:00Z",
                           "2026-11-23T08:15:61Z",
                           "2026-11-23T08:15:00.Z",
                           "2026-11-23T08:15:00+8:00",
                           "2026-11-23T08:15:00+24:00",
                           "2026-11-23T08:15:00+08:60",
                           "2026-11-23T08:15:00+0800",
                           "2026-11-23T08:15:00Zx",
                           " 2026-11-23T08:15:00Z",
                           "2026-11-23T08:15:00Z ",
                           "+5",
                           "1.5",
                           "0x10",
                           "9223372036854775808",
                           "99999999999999999999999",
                           "12026-11-23T08:15:00Z",
                           "-026-11-23T08:15:00Z",
                           "2026-11-23T08:15:00,5Z"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(Time, SaysWhatWouldBeRightAndShortensWhatWasGiven) {
  const auto refused = parse_time(std::string(100'000, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::malformed);
  EXPECT_LT(refused.error().message.size(), 300u);
  EXPECT_NE(refused.error().message.find("2026-11-23T08:15:00Z"), std::string::npos);
}

TEST(Time, PrintsUtcAndFixedOffsets) {
  const WallTime t = wall_from_ms(1795421700250);
  EXPECT_EQ(to_rfc3339(t), "2026-11-23T08:15:00.250Z");
  EXPECT_EQ(to_rfc3339(t, std::chrono::hours{8}), "2026-11-23T16:15:00.250+08:00");
  EXPECT_EQ(to_rfc3339(t, -std::chrono::minutes{570}), "2026-11-22T22:45:00.250-09:30");
  EXPECT_EQ(to_rfc3339(wall_from_ms(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Time, ReadsBackWhatItPrintsWhateverTheTime) {
  std::mt19937_64 random(1);
  std::vector<std::int64_t> times{0,
                                  -1,
                                  1,
                                  kLeast,
                                  kLeast + 1,
                                  kMost,
                                  kMost - 1,
                                  -62167219200000,
                                  -62167219200001,
                                  253402300799999,
                                  253402300800000};
  for (int i = 0; i < 2000; ++i) times.push_back(static_cast<std::int64_t>(random()) >> (random() % 63));
  for (const std::int64_t t : times)
    for (const auto offset : {std::chrono::minutes{0}, std::chrono::minutes{480}, std::chrono::minutes{-720}})
      EXPECT_EQ(ms(to_rfc3339(wall_from_ms(t), offset)), t);
}

TEST(Time, SaysDurationsInWords) {
  EXPECT_EQ(to_words(Millis{0}), "0 ms");
  EXPECT_EQ(to_words(Millis{999}), "999 ms");
  EXPECT_EQ(to_words(Millis{12'999}), "12 s");
  EXPECT_EQ(to_words(Millis{185'000}), "3 min 05 s");
  EXPECT_EQ(to_words(Millis{7'800'000}), "2 h 10 min");
  EXPECT_EQ(to_words(Millis{273'600'000}), "3 d 4 h");
  EXPECT_EQ(to_words(Millis{-12'000}), "-12 s");
  EXPECT_FALSE(to_words(Millis{kLeast}).empty());
  EXPECT_FALSE(to_words(Millis{kMost}).empty());
}

}  // namespace
}  // namespace anlan
