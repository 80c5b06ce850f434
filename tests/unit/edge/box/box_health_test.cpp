// What the box says of itself, from files that stand for the system's.
#include "edge/box/box_health.hpp"

#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "edge/box/box_reader.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::edge {
namespace {

TEST(BoxHealth, TakesTheProcessorsOwnSensor) {
  EXPECT_EQ(cpu_temperature({{"iwlwifi", "51000"}, {"x86_pkg_temp", "-31500"}}), -31.5) << "and knows cold";
  EXPECT_EQ(cpu_temperature({{"gpu", "40000"}, {"cpu-thermal", "42123"}}), 42.123);
  EXPECT_EQ(cpu_temperature({{"nvme", "33000"}}), 33.0) << "better another one than none";
}

TEST(BoxHealth, KnowsASensorThatIsNoneOrSpeaksNonsense) {
  EXPECT_EQ(cpu_temperature({}), std::nullopt);
  EXPECT_EQ(cpu_temperature({{"coretemp", ""}, {"cpu-thermal", "hot"}, {"soc", "2147483647"}}), std::nullopt);
  EXPECT_EQ(cpu_temperature({{"coretemp", "-273200"}, {"other", "21000"}}), 21.0);
}

TEST(BoxHealth, ReadsWhatTheKernelWrites) {
  EXPECT_EQ(memory_available("MemTotal:  8000000 kB\nMemAvailable:    2048 kB\n"), 2.0);
  EXPECT_EQ(memory_available("MemTotal:  8000000 kB\n"), std::nullopt);
  EXPECT_EQ(load_per_processor("3.00 1.00 0.50 2/100 1234\n", 2), 1.5);
  EXPECT_EQ(load_per_processor("", 2), std::nullopt);
  EXPECT_EQ(load_per_processor("1.0", 0), std::nullopt);
  EXPECT_EQ(uptime("350735.47 234388.90\n"), 350735.47);
  EXPECT_EQ(uptime("-1 0"), std::nullopt);
}

TEST(BoxHealth, WhatIsNotKnownIsADeviceFaultAndHasNoValue) {
  BoxFacts facts;
  fact(facts, BoxPoint::uptime) = 7;
  const auto samples = box_samples(facts, 100, wall_from_ms(5), mono_from_ms(6));
  ASSERT_EQ(samples.size(), box_profile().points.size());
  for (const Sample& sample : samples) {
    const bool is_uptime = box_profile().points[sample.point - 100].name == "uptime";
    EXPECT_EQ(sample.quality, is_uptime ? Quality::good : Quality::device_fault);
    EXPECT_EQ(std::isnan(sample.value), !is_uptime);
    EXPECT_EQ(sample.time, wall_from_ms(5));
  }
}

TEST(BoxHealth, WarnsOfColdByDefault) {
  const auto& point = box_profile().points[static_cast<std::size_t>(BoxPoint::cpu_temperature)];
  EXPECT_EQ(point.name, "cpu-temperature");
  EXPECT_EQ(point.limits.low.of(Level::orange), -30.0);
}

TEST(BoxReader, FindsTheSensorsOfTheSystem) {
  const test::TempDir system;
  const auto put = [&](const std::string& file, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(system.file(file)).parent_path());
    test::write_file(system.file(file), text);
  };
  put("sys/class/thermal/cooling_device0/type", "Processor\n");
  put("sys/class/thermal/thermal_zone0/type", "gpu-thermal\n");
  put("sys/class/thermal/thermal_zone0/temp", "51000\n");
  put("sys/class/hwmon/hwmon3/name", "k10temp\n");
  put("sys/class/hwmon/hwmon3/temp1_input", "-12500\n");
  put("proc/meminfo", "MemTotal: 1 kB\nMemAvailable: 1024 kB\n");
  put("proc/loadavg", "0.00 0.00 0.00 1/1 1\n");
  put("proc/uptime", "12.5 1.0\n");
  BoxFacts facts = read_box({system.path().string(), system.file("sys"), system.file("proc")});
  EXPECT_EQ(fact(facts, BoxPoint::cpu_temperature), -12.5);
  EXPECT_EQ(fact(facts, BoxPoint::memory_available), 1.0);
  EXPECT_EQ(fact(facts, BoxPoint::load), 0.0);
  EXPECT_EQ(fact(facts, BoxPoint::uptime), 12.5);
  ASSERT_TRUE(fact(facts, BoxPoint::disk_free));
  EXPECT_GE(*fact(facts, BoxPoint::disk_used), 0);
  EXPECT_LE(*fact(facts, BoxPoint::disk_used), 100);
}

TEST(BoxReader, ABoxWithoutAnyOfItSaysSo) {
  const test::TempDir nothing;
  for (const auto& value : read_box({nothing.file("none"), nothing.file("sys"), nothing.file("proc")}))
    EXPECT_EQ(value, std::nullopt);
}

}  // namespace
}  // namespace anlan::edge
