#include "tests/plant/recording.hpp"

#include <gtest/gtest.h>

#include "edge/sensor/profile_file.hpp"

namespace anlan::plant {
namespace {

using Rows = std::vector<std::vector<double>>;
using Names = std::vector<std::string>;

TEST(Recording, LeavesATimeColumnOutAndFindsItsSeparator) {
  const auto semicolon = parse_recording("datetime;Pressure;Volume Flow\r\n2020-03-09 10:14:33;0.5;-32\r\n");
  ASSERT_TRUE(semicolon);
  EXPECT_EQ(semicolon->columns, (Names{"Pressure", "Volume Flow"}));
  EXPECT_EQ(semicolon->rows, (Rows{{0.5, -32}}));
  const auto epoch = parse_recording("\xEF\xBB\xBFTime,a\n1700000000,1e-3\n1700000001,2\n\n");
  ASSERT_TRUE(epoch);
  EXPECT_EQ(epoch->rows, (Rows{{0.001}, {2}}));
  const auto unnamed = parse_recording("when,a\nmonday,1\n");
  ASSERT_TRUE(unnamed);
  EXPECT_EQ(unnamed->columns, Names{"a"});
  const auto untimed = parse_recording("a,b\n1,2\n");
  ASSERT_TRUE(untimed);
  EXPECT_EQ(untimed->columns, (Names{"a", "b"}));
}

TEST(Recording, KeepsEveryBitOfADouble) {
  const auto recording = parse_recording("a,b,c\n0.1,-2.2250738585072014e-308,4.9406564584124654e-324\n");
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->rows, (Rows{{0.1, -2.2250738585072014e-308, 4.9406564584124654e-324}}));
}

TEST(Recording, AMalformedCellIsNamedByLineAndColumn) {
  const auto text = [](std::string_view csv) {
    const auto recording = parse_recording(csv);
    return recording ? "no error" : recording.error().message;
  };
  EXPECT_EQ(text("a,b\n1,2\n3,x\n"), "line 3, column b: 'x' is no finite number");
  EXPECT_EQ(text("a,b\n1,2\n3,\n"), "line 3, column b: '' is no finite number");
  EXPECT_EQ(text("a,b\n1,inf\n"), "line 2, column b: 'inf' is no finite number");
  EXPECT_EQ(text("a,b\n1,2\n3\n"), "line 3 has 1 cells; the header has 2");
  EXPECT_EQ(text("a,b\n1,2\n\n3,4\n"), "line 3 has 1 cells; the header has 2");
  EXPECT_EQ(text("1,2\n3,4\n"), "line 1 is all numbers; a header with the columns' names is needed");
  EXPECT_EQ(text("time\n1\n"), "line 1 names no column but the time");
  EXPECT_EQ(text("\"a\",b\n1,2\n"), "line 1: quoted cells are not read; write them without quotes");
  EXPECT_EQ(text(""), "a header and at least one row are needed");
}

TEST(Recording, NamesItsPointsByTheGrammarAndApart) {
  EXPECT_EQ(point_names({"Volume Flow RateRMS", "温度", "a_b", "A-B", "  ", "(x)", std::string(80, 'Z')}),
            (Names{"volume-flow-raterms", "column-2", "a-b", "a-b-2", "column-5", "x", std::string(63, 'z')}));
}

TEST(Recording, ItsProfileCountsFourRegistersAColumn) {
  const Recording recording{{"Pressure", "Flow \"1\""}, {{1, 2}}};
  const std::string toml = profile_toml(recording, "valve.csv");
  EXPECT_NE(toml.find("name = \"pressure\"\ntitle = \"Pressure\"\ntable = \"holding\"\naddress = 0\n"), toml.npos)
      << toml;
  EXPECT_NE(toml.find("name = \"flow-1\"\ntitle = \"Flow \\\"1\\\"\"\ntable = \"holding\"\naddress = 4\n"), toml.npos)
      << toml;
}

TEST(Recording, TheEdgeTakesItsProfile) {
  const Recording recording{{"Pressure", "温度 \"1\"", "a\\b"}, {{1, 2, 3}}};
  const auto document = Document::parse(profile_toml(recording, "valve \\ \"1\".csv"), "recording.toml");
  ASSERT_TRUE(document) << document.error().what;
  const auto profile = edge::read_profile(*document);
  ASSERT_TRUE(profile) << to_text(profile.error());
  ASSERT_EQ(profile->points.size(), 3u);
  EXPECT_EQ(profile->points[1].title, "温度 \"1\"");
  const auto& source = std::get<edge::ModbusSource>(profile->points[2].source);
  EXPECT_EQ(source.address, 8);
  EXPECT_EQ(source.type, edge::ValueType::f64);
}

}  // namespace
}  // namespace anlan::plant
