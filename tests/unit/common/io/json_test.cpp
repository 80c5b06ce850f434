#include "common/io/json.hpp"

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(JsonObject, IsReadWholeOrRefusedWithAPlace) {
  EXPECT_TRUE(parse_json_object(R"( {"a": 1} )"));
  for (const char* text :
       {"", "null", "[]", "1", "{", "{\"a\":}", "{} {}", "{}x", "\"x\"", "{'a':1}", "{\"a\":1,}", "{\"a\":NaN}"})
    EXPECT_EQ(parse_json_object(text).error().code, Errc::malformed) << text;
  EXPECT_NE(parse_json_object("{\"a\":}").error().message.find("at byte 5"), std::string::npos)
      << parse_json_object("{\"a\":}").error().message;
}

TEST(JsonObject, RefusesDepthThatWouldExhaustAStack) {
  std::string deep = R"({"a":)" + std::string(100'000, '[');
  EXPECT_FALSE(parse_json_object(deep));
}

class JsonFieldsTest : public testing::Test {
 protected:
  const boost::json::object& object(const char* text) { return object_ = *parse_json_object(text); }
  boost::json::object object_;
};

TEST_F(JsonFieldsTest, ReadsWhatIsThere) {
  JsonFields fields(
      object(R"({"name": " 王芳 ", "note": null, "at": "2026-11-23T08:15:00+08:00", "when": 5, "in": {"x": "y"}})"));
  EXPECT_EQ(fields.text("name", 1, 10), "王芳");
  EXPECT_EQ(fields.optional_text("note", 10), "");
  EXPECT_EQ(fields.optional_text("absent", 10), "");
  EXPECT_EQ(to_rfc3339(*fields.optional_time("at")), "2026-11-23T00:15:00.000Z");
  EXPECT_EQ(to_ms(*fields.optional_time("when")), 5);
  ASSERT_NE(fields.optional_object("in"), nullptr);
  EXPECT_TRUE(fields.check());
}

TEST_F(JsonFieldsTest, ReportsEverythingThatIsWrongAtOnce) {
  JsonFields fields(object(R"({"a": 1, "b": "", "c": "toolong", "d": "x\u0000y", "e": "now", "f": [], "typo": 1})"));
  fields.text("a", 1, 10);
  fields.text("b", 1, 10);
  fields.text("c", 1, 3);
  fields.text("d", 1, 10);
  fields.optional_time("e");
  fields.optional_object("f");
  fields.text("g", 1, 10);
  const auto faults = fields.faults();
  ASSERT_EQ(faults.size(), 8u);
  EXPECT_EQ(faults[0], "a is no text");
  EXPECT_EQ(faults[1], "b is empty");
  EXPECT_EQ(faults[2], "c has 7 bytes; right would be 1 to 3");
  EXPECT_EQ(faults[6], "g is missing");
  EXPECT_EQ(faults[7], "typo is unknown; known are: a, b, c, d, e, f, g");
  EXPECT_EQ(fields.check().error().code, Errc::invalid_argument);
}

TEST_F(JsonFieldsTest, NamesWhereInnerFaultsAre) {
  JsonFields outer(object(R"({"actor": {"nam": "x"}})"));
  JsonFields inner(*outer.optional_object("actor"), "actor.");
  inner.text("name", 1, 10);
  outer.include(inner);
  EXPECT_EQ(outer.faults(),
            (std::vector<std::string>{"actor.name is missing", "actor.nam is unknown; known are: name"}));
}

}  // namespace
}  // namespace anlan
