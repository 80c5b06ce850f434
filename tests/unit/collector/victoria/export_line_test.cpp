#include "collector/store/victoria/export_line.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace anlan::collector::victoria {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;
using Samples = std::vector<std::pair<std::int64_t, double>>;

TEST(ExportLine, IsWhatTheEngineTakes) {
  std::string out;
  put_import_line(out, Labels{{"__name__", "anlan_value"}, {"site", "tj"}}, Samples{{1000, 1.5}, {2000, -0.1}});
  EXPECT_EQ(out,
            "{\"metric\":{\"__name__\":\"anlan_value\",\"site\":\"tj\"},\"values\":[1.5,-0.1],"
            "\"timestamps\":[1000,2000]}\n");
}

TEST(ExportLine, ReadsWhatTheEngineGives) {
  const auto line = parse_export_line(
      R"({"metric":{"__name__":"a","edge":"e\"1"}, "values":[1,-2.5e-7,null,9007199254740991],"timestamps":[1,2,3,1700000000001]})");
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->labels.at("edge"), "e\"1");
  EXPECT_EQ(line->values[1], -2.5e-7);
  EXPECT_TRUE(std::isnan(line->values[2]));
  EXPECT_EQ(line->values[3], 9007199254740991.0);
  EXPECT_EQ(line->times[3], 1700000000001);
  EXPECT_TRUE(parse_export_line(R"({"metric":{},"values":[],"timestamps":[]})"));
}

TEST(ExportLine, AnythingElseIsAnError) {
  const std::string whole = R"({"metric":{"a":"b"},"values":[1,2],"timestamps":[1,2]})";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_export_line(std::string_view(whole).substr(0, size))) << size;
  for (const char* text : {R"({"metric":{},"values":[1],"timestamps":[]})", R"({"metric":{},"other":1})", "null", "[]",
                           R"({"values":["x"],"timestamps":[1]})", R"({"values":[1],"timestamps":[1]}x)"})
    EXPECT_FALSE(parse_export_line(text)) << text;
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = whole;
    for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = static_cast<char>(random());
    if (const auto line = parse_export_line(damaged)) {
      EXPECT_EQ(line->values.size(), line->times.size());
    }
  }
}

}  // namespace
}  // namespace anlan::collector::victoria
