#include <gtest/gtest.h>

#include "edge/sensor/firmware.hpp"
#include "edge/sensor/planner.hpp"
#include "edge/sensor/profile_file.hpp"

namespace anlan::edge {
namespace {

constexpr std::string_view kHead = R"(
vendor = 'v'
model = 'm'
source = 's'
[[point]]
name = 'level'
unit = 'm'
table = 'input'
address = 1
type = 'i16'
scale = 0.01
fault_values = [0x7fff]
high.red = 5
[[point]]
name = 'flow'
table = 'input'
address = 2
type = 'u16'
)";
constexpr std::string_view kAsk = "[identify]\nobject = 2\n";

std::expected<Profile, std::vector<Fault>> read(std::string_view text) {
  return read_profile(Document::parse(std::string(kHead) + std::string(text), "family.toml").value());
}
std::string faults(std::string_view text) {
  const auto profile = read(text);
  return profile ? "" : to_text(profile.error());
}
std::string revision(std::string_view lines) {
  return faults(std::string(kAsk) + "[[revision]]\nname = 'v2'\nmatch = { from = '2' }\n" + std::string(lines));
}

TEST(Revisions, ChangeAddAndTakeAwayPoints) {
  const auto profile = read(R"(
[identify]
table = 'holding'
address = 100
type = 'text'
length = 20
otherwise = 'base'
[[revision]]
name = 'v1'
match = { below = '2.0' }
[[revision]]
name = 'v2'
match = { from = '2.0', below = '3' }
without = ['flow']
[[revision.point]]
name = 'level'
address = 10
type = 'f32'
order = 'cdab'
scale = 1
[[revision.point]]
name = 'density'
unit = 'kg/m³'
table = 'input'
address = 20
type = 'f32'
)");
  ASSERT_TRUE(profile) << to_text(profile.error());
  ASSERT_EQ(profile->points.size(), 3u) << "the points of all revisions";
  EXPECT_EQ(profile->points[2].name, "density");
  EXPECT_EQ(profile->revisions.question->source, (ModbusSource{.address = 100, .type = ValueType::text, .length = 20}));

  const auto v1 = choose_revision(profile->points, profile->revisions, "V1.7");
  EXPECT_EQ((*v1->points)[0], profile->points[0]);
  EXPECT_EQ(v1->absent, std::set<std::size_t>{2});
  const auto v2 = choose_revision(profile->points, profile->revisions, "V2.1");
  EXPECT_EQ(v2->absent, std::set<std::size_t>{1});
  EXPECT_EQ(std::get<ModbusSource>((*v2->points)[0].source),
            (ModbusSource{Table::input_registers, 10, ValueType::f32, ByteOrder::cdab}));
  EXPECT_EQ((*v2->points)[0].unit, "m");
  EXPECT_EQ((*v2->points)[0].scale, 1);
  EXPECT_TRUE((*v2->points)[0].fault_patterns.empty()) << "0x7fff was an i16's";
  EXPECT_EQ((*v2->points)[0].limits, profile->points[0].limits);
  EXPECT_EQ(choose_revision(profile->points, profile->revisions, "V4")->absent, std::set<std::size_t>{2});
}

TEST(Revisions, ThePlanReadsWhatTheBaseHas) {
  const auto profile = read(std::string(kAsk) +
                            "[[revision]]\nname = 'v2'\nmatch = { exact = '' }\n[[revision.point]]\nname = 'x'\n"
                            "table = 'coils'\naddress = 1\n");
  ASSERT_TRUE(profile) << to_text(profile.error());
  ASSERT_EQ(plan(*profile).size(), 1u);
  EXPECT_EQ(plan(*profile)[0].blocks.size(), 1u) << "no coil";
}

TEST(Revisions, TwoMayHaveTheSameNewPointEachInItsWay) {
  const auto profile = read(std::string(kAsk) +
                            "[[revision]]\nname = 'v2'\nmatch = { prefix = '2' }\n[[revision.point]]\nname = 'x'\n"
                            "table = 'coils'\naddress = 1\n"
                            "[[revision]]\nname = 'v3'\nmatch = { prefix = '3' }\n[[revision.point]]\nname = 'x'\n"
                            "address = 2\n");
  ASSERT_TRUE(profile) << to_text(profile.error());
  EXPECT_EQ(profile->points.size(), 3u);
  const auto v3 = choose_revision(profile->points, profile->revisions, "3");
  EXPECT_EQ(std::get<ModbusSource>((*v3->points)[2].source).address, 2);
  EXPECT_TRUE(v3->absent.empty());
}

TEST(Revisions, RefuseWhatIsNoRule) {
  const auto rule = [](std::string_view text) {
    return faults(std::string(kAsk) + "[[revision]]\nname = 'v2'\n" + std::string(text));
  };
  EXPECT_EQ(rule("match = { exact = '' }\n"), "");
  EXPECT_NE(rule(""), "");
  EXPECT_NE(rule("match = {}\n"), "");
  EXPECT_NE(rule("match = { exact = '1', prefix = '1' }\n"), "");
  EXPECT_NE(rule("match = { prefix = '' }\n"), "");
  EXPECT_NE(rule("match = { prefix = '1', from = '1' }\n"), "");
  EXPECT_NE(rule("match = { from = 'beta' }\n"), "");
  EXPECT_NE(rule("match = { exact = '1' }\n[[revision]]\nname = 'v3'\nmatch = { exact = '1' }\n"), "");
  EXPECT_NE(rule("match = { exact = '1' }\n[[revision]]\nname = 'v2'\nmatch = { exact = '2' }\n"), "");
}

TEST(Revisions, ComeWithAQuestionAndAQuestionWithThem) {
  EXPECT_NE(faults(kAsk), "");
  EXPECT_NE(faults("[[revision]]\nname = 'v2'\nmatch = { exact = '1' }\n"), "");
  EXPECT_NE(faults("[identify]\nobject = 256\n[[revision]]\nname = 'v2'\nmatch = { exact = '1' }\n"), "");
  EXPECT_NE(faults("[identify]\n[[revision]]\nname = 'v2'\nmatch = { exact = '1' }\n"), "");
}

TEST(Revisions, RefuseWhatWouldChangeThePointForPeople) {
  EXPECT_EQ(revision("[[revision.point]]\nname = 'level'\naddress = 7\n"), "");
  EXPECT_NE(revision("[[revision.point]]\nname = 'level'\nunit = 'cm'\n"), "");
  EXPECT_NE(revision("[[revision.point]]\nname = 'level'\nhigh.red = 4\n"), "");
  EXPECT_NE(revision("[[revision.point]]\nname = 'level'\nvalid_max = 4\n"), "") << "the red limit is 5";
}

TEST(Revisions, RefuseWhatContradictsItself) {
  EXPECT_NE(revision("without = ['nothing']\n"), "");
  EXPECT_NE(revision("without = [1]\n"), "");
  EXPECT_NE(revision("without = ['flow']\n[[revision.point]]\nname = 'flow'\naddress = 7\n"), "");
  EXPECT_NE(revision("[[revision.point]]\nname = 'flow'\n[[revision.point]]\nname = 'flow'\n"), "");
  EXPECT_NE(revision("[[revision.point]]\nname = 'flow'\nbit = 16\n"), "");
  EXPECT_NE(revision("[[revision.point]]\nname = 'new'\n"), "") << "a new point needs all";
  EXPECT_NE(revision("[[revision.point]]\nname = 'new'\npointer = '/a'\n"), "");
  EXPECT_NE(revision("[[revision.point]]\nname = 'level'\ntype = 'f64'\n[modbus]\nmax_registers = 2\n"), "");
}

}  // namespace
}  // namespace anlan::edge
