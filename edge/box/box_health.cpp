#include "edge/box/box_health.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace anlan::edge {
namespace {

/// A number at the front of `text`, blanks before it skipped.
std::optional<double> number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// Names that the kernel's drivers give to the sensor in or at the processor.
bool is_processor(std::string_view name) {
  constexpr std::string_view kNames[] = {"x86_pkg_temp", "coretemp", "k10temp", "zenpower", "cpu", "soc", "acpitz"};
  return std::ranges::any_of(kNames, [name](std::string_view known) { return name.starts_with(known); });
}

std::optional<double> celsius(const ThermalSensor& sensor) {
  const auto value = number(sensor.millidegrees);
  if (!value || *value < -100'000 || *value > 200'000) return std::nullopt;
  return *value / 1000;
}

Limits limits(LevelLimits high, LevelLimits low, double deadband, Millis delay) {
  Limits made;
  made.high = high;
  made.low = low;
  made.deadband = deadband;
  made.on_delay = made.off_delay = delay;
  return made;
}

constexpr Millis kMinute{60'000};
constexpr auto kNone = std::nullopt;

Profile make_profile() {
  Profile profile;
  profile.id = "box";
  profile.vendor = "Anlan";
  profile.model = "the box itself";
  const auto add = [&](const char* name, const char* title, const char* unit, Limits of = {}) {
    ProfilePoint point;
    point.name = name;
    point.title = title;
    point.unit = unit;
    point.limits = std::move(of);
    profile.points.push_back(std::move(point));
  };
  add("cpu-temperature", "处理器温度", "Cel",
      limits({{kNone, 85.0, 95.0, kNone}}, {{-10.0, -20.0, -30.0, kNone}}, 2, kMinute));
  add("disk-free", "磁盘剩余", "MiB", limits({}, {{kNone, 512.0, 128.0, kNone}}, 16, kMinute));
  add("disk-used", "磁盘使用率", "%");
  add("memory-available", "可用内存", "MiB", limits({}, {{kNone, 48.0, 24.0, kNone}}, 4, kMinute));
  add("load", "负载", "1");
  add("uptime", "运行时间", "s");
  add("clock-synced", "时钟已同步", "1", limits({}, {{0.0, kNone, kNone, kNone}}, 0, 60 * kMinute));
  add("clock-step", "时钟跳变", "ms");
  add("buffer-due", "待传记录", "1");
  add("buffer-size", "缓存大小", "MiB");
  add("buffer-age", "最早待传时长", "s");
  return profile;
}

}  // namespace

const Profile& box_profile() {
  static const Profile profile = make_profile();
  return profile;
}

std::vector<Sample> box_samples(const BoxFacts& facts, std::uint32_t first, WallTime wall, MonoTime mono) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < kBoxPoints; ++i)
    samples.push_back({first + static_cast<std::uint32_t>(i), facts[i].value_or(kNoValue),
                       facts[i] ? Quality::good : Quality::device_fault, wall, mono});
  return samples;
}

std::optional<double> cpu_temperature(const std::vector<ThermalSensor>& sensors) {
  for (const bool processor : {true, false})
    for (const ThermalSensor& sensor : sensors) {
      if (processor && !is_processor(sensor.name)) continue;
      if (const auto value = celsius(sensor)) return value;
    }
  return std::nullopt;
}

std::optional<double> memory_available(std::string_view meminfo) {
  constexpr std::string_view kKey = "MemAvailable:";
  const auto at = meminfo.find(kKey);
  if (at == meminfo.npos) return std::nullopt;
  const auto kib = number(meminfo.substr(at + kKey.size()));
  return kib ? std::optional(*kib / 1024) : std::nullopt;
}

std::optional<double> load_per_processor(std::string_view loadavg, unsigned processors) {
  const auto load = number(loadavg);
  if (!load || *load < 0 || processors == 0) return std::nullopt;
  return *load / processors;
}

std::optional<double> uptime(std::string_view text) {
  const auto seconds = number(text);
  return seconds && *seconds >= 0 ? seconds : std::nullopt;
}

}  // namespace anlan::edge
