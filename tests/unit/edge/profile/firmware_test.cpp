#include "edge/sensor/firmware.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

using Words = std::vector<std::uint16_t>;

FirmwareRule exact(std::string text) { return {.exact = std::move(text)}; }
FirmwareRule prefix(std::string text) { return {.prefix = std::move(text)}; }
FirmwareRule range(std::optional<std::string> from, std::optional<std::string> below) {
  return {.from = std::move(from), .below = std::move(below)};
}

TEST(Firmware, FindsTheVersionInATextAsPeopleWriteIt) {
  EXPECT_EQ(version_in("V2.10.3 build 7"), (std::vector<int>{2, 10, 3}));
  EXPECT_EQ(version_in("3"), (std::vector<int>{3}));
  EXPECT_EQ(version_in("fw-1.2."), (std::vector<int>{1, 2}));
  EXPECT_EQ(version_in("1..2"), (std::vector<int>{1}));
  EXPECT_TRUE(version_in("").empty());
  EXPECT_TRUE(version_in("beta").empty());
  EXPECT_TRUE(version_in("1.12345678901").empty()) << "no version has such a part, and no int holds it";
}

TEST(Firmware, ComparesVersionsByTheirNumbers) {
  EXPECT_TRUE(matches(range("2.9", {}), "V2.10"));
  EXPECT_FALSE(matches(range("2.10", {}), "2.9"));
  EXPECT_TRUE(matches(range("2", "3"), "2"));
  EXPECT_TRUE(matches(range("2.0", "3"), "V2.99.1"));
  EXPECT_FALSE(matches(range("2", "3"), "3.0"));
  EXPECT_FALSE(matches(range("2", "3"), "3"));
  EXPECT_TRUE(matches(range({}, "3"), "0.1"));
  EXPECT_FALSE(matches(range("0", {}), "unknown")) << "what has no version lies in no range";
}

TEST(Firmware, ComparesTextsAsTheyAre) {
  EXPECT_TRUE(matches(exact("V1.2"), "V1.2"));
  EXPECT_FALSE(matches(exact("V1.2"), "V1.20"));
  EXPECT_TRUE(matches(exact(""), "")) << "the device refused the question";
  EXPECT_TRUE(matches(prefix("V1."), "V1.20"));
  EXPECT_FALSE(matches(prefix("V1."), "v1.2"));
}

TEST(Firmware, ReadsTheAnswerOfEveryType) {
  EXPECT_EQ(firmware_text({.type = ValueType::u16}, Words{210}), "210");
  EXPECT_EQ(firmware_text({.type = ValueType::bcd32}, Words{0x0001, 0x0203}), "10203");
  EXPECT_EQ(firmware_text({.type = ValueType::u64}, Words{0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}), "18446744073709551615");
  EXPECT_EQ(firmware_text({.type = ValueType::f32}, Words{0x3F8C, 0xCCCD}), "1.1");
  EXPECT_EQ(firmware_text({.type = ValueType::u16, .bits = BitField{8, 8}}, Words{0x0203}), "2");
  EXPECT_EQ(firmware_text({.type = ValueType::text, .length = 4}, Words{0x5632, 0x2E31, 0x3000, 0}), "V2.10");
  EXPECT_EQ(firmware_text({.type = ValueType::text, .order = ByteOrder::badc, .length = 2}, Words{0x3256, 0x312E}),
            "V2.1");
  EXPECT_EQ(firmware_text({.type = ValueType::text, .length = 1}, Words{0x41FF}), "A?");
  EXPECT_EQ(firmware_text({.type = ValueType::bcd16}, Words{0xFFFF}), "");
}

Profile family() {
  Profile profile;
  profile.points.resize(3);
  profile.points[0].name = "a";
  profile.points[1].name = "b";
  profile.points[2].name = "new";
  profile.revisions.absent = {2};
  profile.revisions.question = FirmwareQuestion{.object = 2, .source = {}};
  ProfilePoint moved = profile.points[0];
  moved.source = ModbusSource{.address = 100};
  profile.revisions.list = {{"v2", range("2", "3"), {{0, moved}, {2, profile.points[2]}}, {1}},
                            {"odd", prefix("2"), {}, {2}},
                            {"silent", exact(""), {}, {2}}};
  return profile;
}

std::optional<Variant> choose(const Profile& profile, std::string_view firmware) {
  return choose_revision(profile.points, profile.revisions, firmware);
}

TEST(Firmware, TheFirstRevisionThatMatchesIsTaken) {
  const auto variant = choose(family(), "2.5");
  ASSERT_TRUE(variant);
  EXPECT_EQ(variant->revision, "v2");
  EXPECT_EQ(std::get<ModbusSource>((*variant->points)[0].source).address, 100);
  EXPECT_EQ((*variant->points)[1], family().points[1]) << "absent, but in its place";
  EXPECT_EQ(variant->absent, std::set<std::size_t>{1});
}

TEST(Firmware, ADeviceThatRefusesTheQuestionIsARevisionToo) { EXPECT_EQ(choose(family(), "")->revision, "silent"); }

TEST(Firmware, WhereNothingMatchesNothingIsGuessedUnlessTheProfileSaysSo) {
  Profile profile = family();
  EXPECT_FALSE(choose(profile, "9.1"));
  profile.revisions.otherwise_base = true;
  EXPECT_EQ(choose(profile, "9.1"), base_of(profile.points, profile.revisions));
  EXPECT_EQ(base_of(profile.points, profile.revisions).absent, std::set<std::size_t>{2});
}

}  // namespace
}  // namespace anlan::edge
