#include "edge/sensor/profile_file.hpp"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/support/reference_page.hpp"

namespace anlan::edge {
namespace {

constexpr std::string_view kHead = "vendor = 'v'\nmodel = 'm'\nsource = 's'\n";

std::expected<Profile, std::vector<Fault>> read(std::string_view points, const std::string& file = "acme-lt200.toml") {
  const auto document = Document::parse(std::string(kHead) + std::string(points), file);
  if (!document) return std::unexpected(std::vector{document.error()});
  return read_profile(*document);
}

/// The faults of one point with these lines; "" where there is none. The point's header is line 4, its name line 5.
std::string faults_of(std::string_view lines) {
  const auto profile = read("[[point]]\nname = 'p'\n" + std::string(lines));
  return profile ? "" : to_text(profile.error());
}

std::string modbus(std::string_view lines) {
  return faults_of("table = 'holding'\naddress = 0\ntype = 'u16'\n" + std::string(lines));
}

TEST(ProfileFile, ReadsAModbusPointWhole) {
  const auto profile = read(R"(
[[point]]
name = "temperature"
title = "温度"
unit = "°C"
table = "input"
address = 0x10
type = "i32"
order = "cdab"
scale = 0.1
offset = -40
valid_min = -50
valid_max = 150
fault_values = [0x7fffffff]
meanings = { 0 = "off" }
high = { blue = 45, red = 75 }
low.orange = -10
deadband = 0.5
on_delay_ms = 2000
off_delay_ms = 5000
every = 3
)");
  ASSERT_TRUE(profile) << to_text(profile.error());
  EXPECT_EQ(profile->id, "acme-lt200");
  ASSERT_EQ(profile->points.size(), 1u);
  const ProfilePoint& point = profile->points.front();
  EXPECT_EQ(point.name, "temperature");
  EXPECT_EQ(point.title, "温度");
  EXPECT_EQ(point.unit, "°C");
  EXPECT_EQ(std::get<ModbusSource>(point.source),
            (ModbusSource{Table::input_registers, 16, ValueType::i32, ByteOrder::cdab}));
  EXPECT_EQ(point.scale, 0.1);
  EXPECT_EQ(point.offset, -40);
  EXPECT_EQ(point.valid_min, -50);
  EXPECT_EQ(point.valid_max, 150);
  EXPECT_EQ(point.fault_patterns, std::vector<std::uint64_t>{0x7fffffff});
  EXPECT_EQ(point.meanings, (std::map<std::int64_t, std::string>{{0, "off"}}));
  EXPECT_EQ(point.limits.high.of(Level::blue), 45);
  EXPECT_EQ(point.limits.high.of(Level::yellow), std::nullopt);
  EXPECT_EQ(point.limits.high.of(Level::red), 75);
  EXPECT_EQ(point.limits.low.of(Level::orange), -10);
  EXPECT_EQ(point.limits.deadband, 0.5);
  EXPECT_EQ(point.limits.on_delay, Millis{2000});
  EXPECT_EQ(point.limits.off_delay, Millis{5000});
  EXPECT_EQ(point.every, 3);
}

TEST(ProfileFile, BitsNeedNoType) {
  const auto profile = read(
      "[[point]]\nname = 'a'\ntable = 'coils'\naddress = 65535\n"
      "[[point]]\nname = 'b'\ntable = 'holding'\naddress = 1\nbit = 15\n");
  ASSERT_TRUE(profile) << to_text(profile.error());
  EXPECT_EQ(std::get<ModbusSource>(profile->points[0].source).type, ValueType::boolean);
  EXPECT_EQ(std::get<ModbusSource>(profile->points[1].source),
            (ModbusSource{.address = 1, .type = ValueType::u16, .bits = BitField{15, 1}}));
}

TEST(ProfileFile, ReadsAFieldOfBits) {
  const auto profile = read(
      "[[point]]\nname = 'a'\ntable = 'input'\naddress = 1\nbits = [4, 7]\nmeanings = { 15 = 'x' }\n"
      "[[point]]\nname = 'b'\ntable = 'input'\naddress = 1\ntype = 'u32'\norder = 'cdab'\nbits = [0, 31]\n");
  ASSERT_TRUE(profile) << to_text(profile.error());
  EXPECT_EQ(std::get<ModbusSource>(profile->points[0].source).bits, (BitField{4, 4}));
  EXPECT_EQ(std::get<ModbusSource>(profile->points[1].source).bits, (BitField{0, 32}));
  const std::string at = "table = 'input'\naddress = 1\n";
  EXPECT_NE(faults_of(at + "bits = [7, 4]\n"), "");
  EXPECT_NE(faults_of(at + "bits = [1]\n"), "");
  EXPECT_NE(faults_of(at + "bits = [0, 16]\n"), "");
  EXPECT_NE(faults_of(at + "bits = [0, 3]\nbit = 1\n"), "");
  EXPECT_NE(faults_of(at + "bits = [0, 3]\nmeanings = { 16 = 'x' }\n"), "");
}

TEST(ProfileFile, ReadsTextsAndBinaryCodedDecimals) {
  const auto profile = read(
      "[[point]]\nname = 'a'\ntable = 'input'\naddress = 1\ntype = 'text'\nlength = 8\norder = 'badc'\n"
      "[[point]]\nname = 'b'\ntable = 'input'\naddress = 1\ntype = 'bcd32'\nfault_values = [99999999, "
      "'0xffffffff']\n");
  ASSERT_TRUE(profile) << to_text(profile.error());
  EXPECT_EQ(std::get<ModbusSource>(profile->points[0].source).count(), 8);
  EXPECT_EQ(profile->points[1].fault_patterns, (std::vector<std::uint64_t>{0x99999999, 0xffffffff}));
  EXPECT_NE(faults_of("table = 'holding'\naddress = 1\ntype = 'text'\n"), "");
  EXPECT_NE(faults_of("table = 'holding'\naddress = 1\ntype = 'text'\nlength = 9\n"), "");
  EXPECT_NE(faults_of("table = 'holding'\naddress = 1\ntype = 'u32'\nlength = 2\n"), "");
  EXPECT_NE(faults_of("table = 'holding'\naddress = 65530\ntype = 'text'\nlength = 8\n"), "");
}

TEST(ProfileFile, ReadsFaultValuesOfEveryType) {
  const auto patterns = [](const std::string& lines) {
    const auto profile = read("[[point]]\nname = 'p'\ntable = 'holding'\naddress = 1\n" + lines);
    if (!profile) throw std::runtime_error(to_text(profile.error()));
    return profile->points[0].fault_patterns;
  };
  using Patterns = std::vector<std::uint64_t>;
  EXPECT_EQ(patterns("type = 'i16'\nfault_values = [-1, -32768, '0x7fff']\n"), (Patterns{0xffff, 0x8000, 0x7fff}));
  EXPECT_EQ(patterns("type = 'u64'\nfault_values = ['0xffffffffffffffff', 5]\n"), (Patterns{~0ull, 5}));
  EXPECT_EQ(patterns("type = 'f32'\nfault_values = [9.96921e36, '0xffc00000', -9999, nan, inf]\n"),
            (Patterns{0x7CF00000, 0xffc00000, 0xC61C3C00}));
  EXPECT_EQ(patterns("type = 'f32'\nfault_values = [0]\n"), (Patterns{0, 0x80000000}));
  EXPECT_EQ(patterns("type = 'f64'\nfault_values = [1.5]\n"), (Patterns{0x3FF8000000000000}));
  EXPECT_EQ(patterns("type = 'text'\nlength = 3\nfault_values = [9999.5]\n"), (Patterns{0x40C387C000000000}));
}

TEST(ProfileFile, ReadsMqttPoints) {
  const auto profile = read("[[point]]\nname = 'a'\npointer = '/a~1b/0'\n[[point]]\nname = 'b'\ntopic = ''\n");
  ASSERT_TRUE(profile) << to_text(profile.error());
  EXPECT_EQ(std::get<MqttSource>(profile->points[0].source), (MqttSource{"", "/a~1b/0"}));
  EXPECT_EQ(std::get<MqttSource>(profile->points[1].source), (MqttSource{"", ""}));
}

TEST(ProfileFile, RefusesAddressesBeyondTheTable) {
  EXPECT_EQ(faults_of("table = 'holding'\naddress = 65535\ntype = 'f32'\n"),
            "acme-lt200.toml:7: point.address is 65535 for a value of 2 registers; right would be: at most 65534: the "
            "table ends at "
            "65535\n");
  EXPECT_EQ(faults_of("table = 'holding'\naddress = 65534\ntype = 'f32'\n"), "");
  EXPECT_EQ(faults_of("table = 'holding'\naddress = 65536\ntype = 'u16'\n"),
            "acme-lt200.toml:7: point.address is 65536; right would be: 0 to 65535\n");
  EXPECT_NE(faults_of("table = 'holding'\naddress = -1\ntype = 'u16'\n"), "");
}

TEST(ProfileFile, RefusesTypesThatDoNotFitTheTable) {
  EXPECT_NE(faults_of("table = 'coils'\naddress = 1\ntype = 'u16'\n"), "");
  EXPECT_NE(faults_of("table = 'discrete'\naddress = 1\nbit = 1\n"), "");
  EXPECT_NE(faults_of("table = 'holding'\naddress = 1\ntype = 'boolean'\n"), "");
  EXPECT_NE(faults_of("table = 'holding'\naddress = 1\ntype = 'u32'\nbit = 32\n"), "");
  EXPECT_NE(faults_of("table = 'holding'\naddress = 1\nbit = 16\n"), "");
  EXPECT_NE(faults_of("table = 'holding'\naddress = 1\ntype = 'i16'\nbit = 1\n"), "");
  EXPECT_NE(faults_of("table = 'coils'\naddress = 1\norder = 'cdab'\n"), "");
  EXPECT_EQ(faults_of("table = 'holding'\naddress = 1\n"),
            "acme-lt200.toml:4: point.type is missing; right would be: one of boolean, u16, i16, u32, i32, u64, i64, "
            "f32, f64, bcd16, bcd32, bcd64, text\n");
  EXPECT_NE(faults_of("table = 'holdings'\naddress = 1\ntype = 'u16'\n"), "");
}

TEST(ProfileFile, RefusesNumbersThatMeanNothing) {
  EXPECT_EQ(modbus("scale = 0\n"), "acme-lt200.toml:9: point.scale is 0; right would be: a number that is not 0\n");
  EXPECT_NE(modbus("scale = nan\n"), "");
  EXPECT_NE(modbus("offset = inf\n"), "");
  EXPECT_NE(modbus("valid_min = 5\nvalid_max = 5\n"), "");
  EXPECT_NE(modbus("every = 0\n"), "");
  EXPECT_NE(modbus("deadband = -1\n"), "");
  EXPECT_NE(modbus("on_delay_ms = -1\n"), "");
  EXPECT_NE(modbus("unit = ''\n"), "");
}

TEST(ProfileFile, RefusesRawNumbersThatTheRegisterCannotHold) {
  EXPECT_EQ(modbus("fault_values = [65536]\n"),
            "acme-lt200.toml:9: point.fault_values has 65536, which the register cannot hold; right would be: 0 to "
            "65535 (before "
            "scale and offset)\n");
  EXPECT_NE(modbus("meanings = { -1 = 'x' }\n"), "");
  EXPECT_NE(faults_of("table = 'holding'\naddress = 1\nbit = 1\nmeanings = { 2 = 'x' }\n"), "");
  EXPECT_NE(faults_of("table = 'holding'\naddress = 1\ntype = 'f32'\nfault_values = ['0x100000000']\n"), "");
  EXPECT_NE(faults_of("topic = ''\nfault_values = ['0x1']\n"), "");
  EXPECT_NE(modbus("fault_values = [1.5]\n"), "");
  EXPECT_NE(modbus("fault_values = ['ffff']\n"), "");
  EXPECT_NE(modbus("fault_values = ['0x']\n"), "");
  EXPECT_NE(modbus("fault_values = [true]\n"), "");
  EXPECT_EQ(faults_of("table = 'holding'\naddress = 1\ntype = 'i16'\nfault_values = [-32768]\n"), "");
}

TEST(ProfileFile, RefusesLimitsOutOfOrder) {
  EXPECT_EQ(modbus("high = { blue = 45, orange = 40, red = 75 }\n"),
            "acme-lt200.toml:9: point.high.orange is 40 while blue is 45; right would be: high limits that rise from "
            "blue to red\n");
  EXPECT_EQ(modbus("low.blue = 5\nlow.red = 5\n"),
            "acme-lt200.toml:10: point.low.red is 5 while blue is 5; right would be: low limits that fall from blue to "
            "red\n");
  EXPECT_EQ(modbus("high.red = 10\nlow.blue = 10\n"),
            "acme-lt200.toml:10: point: the lowest high limit is 10, the highest low limit 10; right would be: high "
            "limits above all "
            "low limits\n");
  EXPECT_NE(modbus("high.red = 10\nlow.blue = 8\ndeadband = 2\n"), "");
  EXPECT_EQ(modbus("high.red = 10\nlow.blue = 8\ndeadband = 1.9\n"), "");
  EXPECT_NE(modbus("high.crimson = 10\n"), "");
}

TEST(ProfileFile, RefusesLimitsThatNoGoodValueReaches) {
  EXPECT_EQ(modbus("valid_max = 100\nhigh.orange = 90\nhigh.red = 120\n"),
            "acme-lt200.toml:11: point.high.red is 120, which no good value reaches; right would be: a limit inside "
            "the valid range, "
            "at most 100\n");
  EXPECT_NE(modbus("valid_min = 0\nlow.red = -1\n"), "");
  EXPECT_EQ(modbus("valid_min = 0\nvalid_max = 1\nhigh.red = 1\n"), "");
}

TEST(ProfileFile, RefusesTopicsAndPointersThatNeverMatch) {
  for (const char* topic : {"/a", "a/", "a//b", "a/+", "#"})
    EXPECT_NE(faults_of("topic = '" + std::string(topic) + "'\n"), "") << topic;
  for (const char* pointer : {"a", "/~", "/~2", "/a~"})
    EXPECT_NE(faults_of("pointer = '" + std::string(pointer) + "'\n"), "") << pointer;
  EXPECT_EQ(faults_of("topic = 'a/b'\npointer = '/~01'\n"), "");
}

TEST(ProfileFile, ReadsWhatTheDeviceAcceptsInOneRequest) {
  const std::string point = "[[point]]\nname = 'a'\ntable = 'holding'\naddress = 10\ntype = 'f32'\n[modbus]\n";
  const std::string range = "[[modbus.forbidden]]\ntable = 'holding'\n";
  const auto profile = read(point + "max_registers = 8\nmax_bits = 16\nmax_gap = 3\npause_ms = 20\n" + range +
                            "first = 12\nlast = 20\n");
  ASSERT_TRUE(profile) << to_text(profile.error());
  EXPECT_EQ(profile->reading, (ModbusReading{.max_registers = 8,
                                             .max_bits = 16,
                                             .max_gap = 3,
                                             .pause = Millis{20},
                                             .forbidden = {{Table::holding_registers, 12, 20}}}));
  EXPECT_EQ(read(point)->reading, ModbusReading{});
  EXPECT_FALSE(read(point + "max_registers = 1\n")) << "the value takes two";
  EXPECT_FALSE(read(point + "max_registers = 126\n"));
  EXPECT_FALSE(read(point + "max_gap = -1\n"));
  EXPECT_FALSE(read(point + "multiple = false\nmax_gap = 1\n"));
  EXPECT_FALSE(read(point + "multiple = false\n")->reading.multiple);
  EXPECT_FALSE(read(point + range + "first = 11\nlast = 11\n")) << "a point lies there";
  EXPECT_FALSE(read(point + range + "first = 9\nlast = 8\n"));
  EXPECT_FALSE(read("[[point]]\nname = 'a'\ntopic = ''\n[modbus]\nmax_gap = 1\n"));
}

TEST(ProfileFile, AWritablePointIsWrittenByTheFunctionOfItsTableAndLength) {
  const auto function = [](const std::string& lines) {
    const auto profile = read("[[point]]\nname = 'p'\naddress = 1\nwritable = true\n" + lines);
    return profile ? profile->points[0].write_function : -1;
  };
  EXPECT_EQ(function("table = 'coils'\n"), 5);
  EXPECT_EQ(function("table = 'coils'\nwrite_function = 15\n"), 15);
  EXPECT_EQ(function("table = 'holding'\ntype = 'u16'\n"), 6);
  EXPECT_EQ(function("table = 'holding'\ntype = 'u16'\nwrite_function = 16\n"), 16);
  EXPECT_EQ(function("table = 'holding'\ntype = 'f32'\n"), 16);
  EXPECT_EQ(function("table = 'holding'\ntype = 'f32'\nwrite_function = 6\n"), -1);
  EXPECT_EQ(function("table = 'holding'\ntype = 'u16'\nwrite_function = 5\n"), -1);
  EXPECT_EQ(function("table = 'holding'\ntype = 'u16'\nwrite_function = 7\n"), -1);
  EXPECT_EQ(function("table = 'coils'\nwrite_function = 6\n"), -1);
  EXPECT_EQ(function("table = 'holding'\nbit = 3\n"), -1) << "its neighbours would be written too";
  EXPECT_EQ(function("table = 'input'\ntype = 'u16'\n"), -1);
  EXPECT_EQ(function("table = 'discrete'\n"), -1);
  EXPECT_NE(faults_of("table = 'coils'\naddress = 1\nwrite_function = 5\n"), "") << "not declared writable";
  EXPECT_EQ(read("[[point]]\nname = 'p'\naddress = 1\ntable = 'coils'\n")->points[0].write_function, 0);
  EXPECT_NE(faults_of("topic = ''\nwritable = true\n"), "");
}

TEST(ProfileFile, RefusesANameTwiceAndBothTransportsInOneFile) {
  const auto profile =
      read("[[point]]\nname = 'a'\ntopic = 't'\n[[point]]\nname = 'a'\ntable = 'coils'\naddress = 0\n");
  ASSERT_FALSE(profile);
  EXPECT_EQ(to_text(profile.error()),
            "acme-lt200.toml:7: point mixes Modbus and MQTT in one file; right would be: one file for each transport\n"
            "acme-lt200.toml:8: point.name is \"a\" again (line 5); right would be: a name that no other point of this "
            "file has\n");
}

TEST(ProfileFile, ReportsFaultsOfAllPointsTogether) {
  const auto profile = read(
      "[[point]]\nname = 'A'\ntable = 'holding'\naddress = 0\ntype = 'u16'\nunit = ''\nhigh.red = 1\nhigh.blue = 2\n"
      "[[point]]\nname = 'b'\ntopic = ''\nscael = 2\n");
  ASSERT_FALSE(profile);
  std::vector<int> lines;
  for (const Fault& fault : profile.error()) lines.push_back(fault.line);
  std::ranges::sort(lines);
  EXPECT_EQ(lines, (std::vector<int>{5, 9, 11, 12, 15}));
}

TEST(ProfileFile, NeedsPointsAndAFileNameThatIsAnId) {
  EXPECT_EQ(to_text(read("").error()), "acme-lt200.toml:1: point is missing; right would be: one [[point]] for each\n");
  EXPECT_FALSE(read("[[point]]\nname = 'a'\ntopic = ''\n", "Acme LT.toml"));
  EXPECT_FALSE(load_profile("/nonexistent/x.toml"));
}

TEST(ProfileFile, ReferencePageIsUpToDate) {
  test::expect_reference("profile.md", "Firmware profiles", describe_profile());
}

TEST(ProfileFile, DescribesEverySetting) {
  const auto descriptions = describe_profile();
  EXPECT_GE(descriptions.size(), 30u);
  for (const auto& setting : descriptions) EXPECT_FALSE(setting.help.empty()) << setting.key;
}

}  // namespace
}  // namespace anlan::edge
