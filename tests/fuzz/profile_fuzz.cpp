// Any text is a valid profile or a list of faults; a valid one can be acquired by and scored with.
#include <cmath>
#include <cstdint>
#include <set>

#include "edge/sensor/profile_file.hpp"
#include "tests/fuzz/faults.hpp"

namespace {

using namespace anlan::edge;

void expect_rises(const anlan::LevelLimits& limits, double sign) {
  double before = -INFINITY;
  for (const auto& limit : limits.at) {
    if (!limit) continue;
    ANLAN_EXPECT(std::isfinite(*limit) && *limit * sign > before);
    before = *limit * sign;
  }
}

void expect_sound(const ProfilePoint& point) {
  ANLAN_EXPECT(anlan::valid_name(point.name));
  ANLAN_EXPECT(!point.unit.empty() && point.every >= 1);
  ANLAN_EXPECT(std::isfinite(point.scale) && point.scale != 0 && std::isfinite(point.offset));
  if (const auto* modbus = std::get_if<ModbusSource>(&point.source)) {
    ANLAN_EXPECT(modbus->count() >= 1 && modbus->count() <= kMaxValueRegisters);
    ANLAN_EXPECT(modbus->address + modbus->count() <= 65536);
    if (const auto& bits = modbus->bits)
      ANLAN_EXPECT(bits->first >= 0 && bits->count >= 1 && bits->first + bits->count <= 16 * modbus->count());
  }
  expect_rises(point.limits.high, 1);
  expect_rises(point.limits.low, -1);
  ANLAN_EXPECT(point.limits.deadband >= 0 && point.limits.on_delay.count() >= 0 && point.limits.off_delay.count() >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = anlan::Document::parse({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  if (!document) {
    anlan::fuzz::expect_sound({document.error()});
    return 0;
  }
  const auto profile = read_profile(*document);
  if (!profile) {
    anlan::fuzz::expect_sound(profile.error());
    return 0;
  }
  std::set<std::string> names;
  for (const ProfilePoint& point : profile->points) {
    expect_sound(point);
    ANLAN_EXPECT(names.insert(point.name).second);
  }
  return 0;
}
