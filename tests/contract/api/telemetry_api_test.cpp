#include <cmath>
#include <limits>

#include "tests/contract/api/api_world.hpp"

namespace anlan::test {
namespace {

const std::string kTemperature = "/api/v1/telemetry?point=tj-bh-017/tank-3/temperature";

class TelemetryApi : public testing::Test {
 protected:
  TelemetryApi() {
    world_.edge("tj-bh-017-a", {"temperature"});
    std::vector<Sample> samples;
    for (int i = 0; i < 25; ++i) samples.push_back(sample(i * 1000, 20 + i / 3.0));
    samples[7].value = kNoValue;
    samples[7].quality = Quality::comm_failure;
    world_.samples({"temperature"}, 0, samples);
  }
  ApiWorld world_;
};

TEST_F(TelemetryApi, GivesEveryValueBackToTheLastBit) {
  const json::value body = world_.get(kTemperature).body;
  ASSERT_EQ(body.at("items").as_array().size(), 25u);
  for (int i = 0; i < 25; ++i) {
    const json::value& item = body.at("items").at(std::size_t(i));
    EXPECT_EQ(item.at("time").as_int64(), to_ms(at(i * 1000)));
    if (i == 7)
      EXPECT_TRUE(item.at("value").is_null());
    else
      EXPECT_EQ(item.at("value").to_number<double>(), 20 + i / 3.0);
  }
  EXPECT_EQ(body.at("items").at(7).at("quality"), "comm-failure");
}

TEST_F(TelemetryApi, TakesTimesInBothWaysAndLeavesOutTheEnd) {
  const auto count = [&](const std::string& more) {
    return world_.get(kTemperature + more).body.at("items").as_array().size();
  };
  EXPECT_EQ(count("&from=" + std::to_string(to_ms(at(5'000)))), 20u);
  EXPECT_EQ(count("&from=2026-11-23T08:00:05Z&to=2026-11-23T16:00:10%2B08:00"), 5u);
  EXPECT_EQ(world_.get(kTemperature + "&from=2026-11-23T09:00:00Z&to=2026-11-23T08:00:00Z").status, 400);
  EXPECT_EQ(world_.get(kTemperature + "&from=yesterday").status, 400);
  EXPECT_EQ(world_.get(kTemperature + "&from=99999999999999999").status, 400);
}

TEST_F(TelemetryApi, AChartHasStretchesOfLowestMeanAndHighest) {
  const std::string trend = "/api/v1/telemetry/trend?point=tj-bh-017/tank-3/temperature";
  const std::string times = "&from=" + std::to_string(to_ms(at(0))) + "&to=" + std::to_string(to_ms(at(30'000)));
  const json::value body = world_.get(trend + times + "&width=3").body;
  EXPECT_EQ(body.at("step_ms"), 10'000);
  ASSERT_EQ(body.at("items").as_array().size(), 3u);
  const json::value& first = body.at("items").at(0);
  EXPECT_EQ(first.at("time"), to_ms(at(0)));
  EXPECT_EQ(first.at("count"), 9) << "one of ten has no value";
  EXPECT_EQ(first.at("min").to_number<double>(), 20.0);
  EXPECT_EQ(first.at("max").to_number<double>(), 23.0);
  EXPECT_EQ(first.at("quality"), "comm-failure");
  EXPECT_EQ(body.at("items").at(2).at("quality"), "good");
  EXPECT_EQ(world_.get(trend + "&from=2026-11-23T09:00:00Z&to=2026-11-23T08:00:00Z").status, 400);
  EXPECT_EQ(world_.get(trend + "&width=10001").status, 400);
  EXPECT_EQ(world_.get(trend + "&format=csv").status, 400) << "a word that is not known";
}

TEST_F(TelemetryApi, GivesCsvWhosePagesJoinToTheWhole) {
  const std::string whole = world_.get(kTemperature, {{"Accept", "text/csv"}}).text;
  EXPECT_TRUE(
      whole.starts_with("time,point,value,quality\n2026-11-23T08:00:00.000Z,tj-bh-017/tank-3/temperature,20,good\n"))
      << whole;
  EXPECT_NE(whole.find("2026-11-23T08:00:07.000Z,tj-bh-017/tank-3/temperature,,comm-failure\n"), whole.npos);
  EXPECT_NE(whole.find(",20.333333333333332,good\n"), whole.npos);
  std::string joined, cursor;
  do {
    const Reply page = world_.get(kTemperature + "&format=csv&limit=7" + cursor);
    joined += page.text;
    cursor = page.headers.has("X-Anlan-Next") ? "&cursor=" + std::string(page.headers.get("X-Anlan-Next")) : "";
  } while (!cursor.empty());
  EXPECT_EQ(joined, whole);
}

TEST_F(TelemetryApi, PagesThroughJsonWithoutLosingOrRepeatingASample) {
  std::vector<std::int64_t> times;
  std::string cursor;
  do {
    const json::value page = world_.get(kTemperature + "&limit=4" + cursor).body;
    for (const json::value& item : page.at("items").as_array()) times.push_back(item.at("time").as_int64());
    cursor = page.at("next").is_null() ? "" : "&cursor=" + text_of(page.at("next"));
  } while (!cursor.empty());
  ASSERT_EQ(times.size(), 25u);
  EXPECT_TRUE(std::ranges::is_sorted(times));
}

TEST_F(TelemetryApi, RefusesWhatItCannotAnswer) {
  EXPECT_EQ(world_.get("/api/v1/telemetry").status, 400);
  EXPECT_EQ(world_.get("/api/v1/telemetry?point=tank-3").status, 400);
  EXPECT_EQ(world_.get("/api/v1/telemetry?point=tj-bh-017/tank-3/other").status, 404);
  EXPECT_EQ(world_.get(kTemperature + "&limit=10001").status, 400);
  EXPECT_EQ(world_.get(kTemperature + "&point=a/b/c").status, 400);
}

}  // namespace
}  // namespace anlan::test
