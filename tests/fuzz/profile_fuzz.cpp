// Any text is a valid profile or a list of faults; a valid one can be acquired by and scored with.
#include <cmath>
#include <cstdint>
#include <set>

#include "edge/sensor/firmware.hpp"
#include "edge/sensor/planner.hpp"
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

/// Every Modbus point that the base has is read by exactly one request, inside the device's limits.
void expect_planned(const Profile& profile) {
  std::set<std::size_t> read;
  for (const PollClass& poll_class : plan(profile))
    for (const Block& block : poll_class.blocks) {
      const bool bits = block.table == Table::coils || block.table == Table::discrete_inputs;
      ANLAN_EXPECT(block.count >= 1 && block.address + block.count <= 65536);
      ANLAN_EXPECT(block.count <= (bits ? profile.reading.max_bits : profile.reading.max_registers));
      for (const Block::Place& place : block.places) {
        ANLAN_EXPECT(read.insert(place.point).second && !profile.revisions.absent.contains(place.point));
        ANLAN_EXPECT(place.offset >= 0 && place.offset + place.count <= block.count);
      }
    }
  const bool modbus = std::holds_alternative<ModbusSource>(profile.points.front().source);
  ANLAN_EXPECT(read.size() + profile.revisions.absent.size() == profile.points.size() || !modbus);
}

/// Whatever a device answers, a variant describes the same points, or there is none.
void expect_sound_revisions(const Profile& profile) {
  ANLAN_EXPECT(profile.revisions.question.has_value() == !profile.revisions.list.empty());
  for (const Revision& revision : profile.revisions.list) {
    const auto& rule = revision.rule;
    const auto answer = rule.exact ? *rule.exact : rule.prefix ? *rule.prefix : rule.from ? *rule.from : "0";
    const auto variant = choose_revision(profile.points, profile.revisions, answer);
    if (!variant) continue;  // a range that holds nothing
    const std::vector<ProfilePoint>& points = variant->points;
    ANLAN_EXPECT(points.size() == profile.points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      expect_sound(points[i]);
      ANLAN_EXPECT(points[i].name == profile.points[i].name);
      ANLAN_EXPECT(points[i].unit == profile.points[i].unit);
      ANLAN_EXPECT(points[i].limits == profile.points[i].limits);
    }
    for (const std::size_t i : variant->absent) ANLAN_EXPECT(i < profile.points.size());
  }
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
  expect_planned(*profile);
  expect_sound_revisions(*profile);
  return 0;
}
