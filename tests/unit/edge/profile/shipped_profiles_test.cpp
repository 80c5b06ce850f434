// Every profile in firmware-profiles/ loads, and says where it comes from.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "edge/sensor/profile_file.hpp"

namespace anlan::edge {
namespace {

std::filesystem::path shipped() { return std::filesystem::path(std::getenv("ANLAN_SOURCE_DIR")) / "firmware-profiles"; }

Profile load(const std::string& id) {
  auto profile = load_profile((shipped() / (id + ".toml")).string());
  if (!profile) throw std::runtime_error(to_text(profile.error()));
  return *profile;
}

const ProfilePoint& point(const Profile& profile, std::string_view name) {
  const auto found = std::ranges::find(profile.points, name, &ProfilePoint::name);
  if (found == profile.points.end()) throw std::runtime_error("no point " + std::string(name));
  return *found;
}

TEST(ShippedProfiles, AllLoadAndNameTheirSourceAndLicence) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shipped())) {
    if (entry.path().extension() != ".toml") continue;
    const auto profile = load_profile(entry.path().string());
    ASSERT_TRUE(profile) << to_text(profile.error());
    EXPECT_EQ(profile->id, entry.path().stem().string());
    EXPECT_TRUE(profile->source.contains("MIT") || profile->source.contains("Apache-2.0")) << entry.path();
    for (const ProfilePoint& p : profile->points) EXPECT_FALSE(p.title.empty()) << entry.path() << " " << p.name;
    ++count;
  }
  EXPECT_GE(count, 8);
}

TEST(ShippedProfiles, SdmAddressesAreTheModiconNumbersLess30001) {
  const Profile profile = load("eastron-sdm630");
  EXPECT_EQ(std::get<ModbusSource>(point(profile, "voltage-l1").source),
            (ModbusSource{Table::input_registers, 30001 - 30001, ValueType::f32}));
  EXPECT_EQ(std::get<ModbusSource>(point(profile, "energy-import").source).address, 30073 - 30001);
  EXPECT_EQ(std::get<ModbusSource>(point(profile, "current-neutral").source).address, 30225 - 30001);
}

TEST(ShippedProfiles, TheDriveIsReadInShortRequestsWithoutGaps) {
  EXPECT_EQ(load("schneider-atv312").reading, (ModbusReading{.max_registers = 8, .max_gap = 0}));
}

TEST(ShippedProfiles, DemonstrationTankHasItsFourLevels) {
  const Profile profile = load("demo-tank");
  const ProfilePoint& temperature = point(profile, "temperature");
  EXPECT_EQ(temperature.limits.high.at, (std::array<std::optional<double>, 4>{45, 55, 65, 75}));
  EXPECT_EQ(temperature.scale, 0.1);
  EXPECT_EQ(temperature.fault_patterns, std::vector<std::uint64_t>{0x7fff});
  EXPECT_EQ(std::get<ModbusSource>(point(profile, "pump").source),
            (ModbusSource{.address = 6, .bits = BitField{0, 1}}));
}

TEST(ShippedProfiles, DemonstrationSensorsSpeakJsonAndPlainScalars) {
  EXPECT_EQ(std::get<MqttSource>(point(load("demo-dust"), "pm25").source), (MqttSource{"", "/pm25"}));
  EXPECT_EQ(std::get<MqttSource>(point(load("demo-crane"), "load").source), (MqttSource{"load", ""}));
}

}  // namespace
}  // namespace anlan::edge
