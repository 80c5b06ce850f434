#include "edge/sample/sampler.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

TEST(Sampler, KeepsPointAndTimeAndTellsWhatTheReadingIsWorth) {
  ProfilePoint level;
  level.source = ModbusSource{.table = Table::input_registers, .address = 7, .type = ValueType::u16, .order = {}};
  level.scale = 0.5;
  ProfilePoint dust;
  dust.source = MqttSource{.topic = "pm", .pointer = "/pm25"};
  dust.valid_max = 1000;
  const Sampler sampler({level, dust});

  Reading a{.point = 0,
            .form = Reading::Form::registers,
            .registers = {40},
            .time = wall_from_ms(5),
            .mono = mono_from_ms(6)};
  Reading b{
      .point = 1, .form = Reading::Form::number, .number = 2000, .time = wall_from_ms(7), .mono = mono_from_ms(8)};
  Reading c;
  c.quality = Quality::comm_failure;
  const auto samples = sampler(std::vector{a, b, c});

  ASSERT_EQ(samples.size(), 3u);
  EXPECT_EQ(samples[0].point, 0u);
  EXPECT_EQ(samples[0].value, 20);
  EXPECT_EQ(samples[0].time, wall_from_ms(5));
  EXPECT_EQ(samples[0].mono, mono_from_ms(6));
  EXPECT_EQ(samples[1].point, 1u);
  EXPECT_EQ(samples[1].value, 2000);
  EXPECT_EQ(samples[1].quality, Quality::out_of_range);
  EXPECT_TRUE(std::isnan(samples[2].value));
  EXPECT_EQ(samples[2].quality, Quality::comm_failure);
}

}  // namespace
}  // namespace anlan::edge
