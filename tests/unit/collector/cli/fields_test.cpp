#include "collector/cli/fields.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace anlan::collector::cli {
namespace {

TEST(Fields, AreTextForPeople) {
  const auto object =
      boost::json::parse(R"({"a": {"b": "x\ny", "n": 20.1, "i": 7, "t": true, "z": null, "l": [1, 2]}})");
  EXPECT_EQ(field(object, "a.b"), "x y");
  EXPECT_EQ(field(object, "a.n"), "20.1");
  EXPECT_EQ(field(object, "a.i"), "7");
  EXPECT_EQ(field(object, "a.t"), "yes");
  EXPECT_EQ(field(object, "a.z"), "");
  EXPECT_EQ(elements(object, "a.l").size(), 2u);
}

TEST(Fields, MeasuredValuesHaveTheDigitsThatTheInstrumentSent) {
  const auto point = [](const std::string& value, const std::string& unit) {
    return measured(boost::json::parse(R"({"v": )" + value + R"(, "u": ")" + unit + "\"}"), "v", "u");
  };
  EXPECT_EQ(point("0.9138492941856384", "%LEL"), "0.9138493 %LEL");
  EXPECT_EQ(point("25.1", "°C"), "25.1 °C");
  EXPECT_EQ(point("123456792", "Wh"), "123456792 Wh");
  EXPECT_EQ(point("1", "1"), "1");
  EXPECT_EQ(point("null", "V"), "");
}

TEST(Fields, ThatAreNotThereAreEmpty) {
  const auto object = boost::json::parse(R"({"a": 1})");
  EXPECT_EQ(field(object, "b"), "");
  EXPECT_EQ(field(object, "a.b"), "");
  EXPECT_EQ(member(object, "a.b.c"), nullptr);
  EXPECT_TRUE(elements(object, "a").empty());
}

}  // namespace
}  // namespace anlan::collector::cli
