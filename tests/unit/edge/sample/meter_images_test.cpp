// What meters of the shipped families have in their registers while they run, read as an edge reads it: planned
// requests, their answers cut into points, decoded. The registers are written out by hand.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "edge/sample/decoder.hpp"
#include "edge/sensor/planner.hpp"
#include "edge/sensor/profile_file.hpp"

namespace anlan::edge {
namespace {

using Words = std::vector<std::uint16_t>;
using Image = std::map<int, Words>;  // by first address; what is not said is 0

Profile load(const std::string& id) {
  const auto file = std::filesystem::path(std::getenv("ANLAN_SOURCE_DIR")) / "firmware-profiles" / (id + ".toml");
  auto profile = load_profile(file.string());
  if (!profile) throw std::runtime_error(to_text(profile.error()));
  return *profile;
}

std::map<std::string, Normalized> read(const Profile& profile, const Image& image) {
  Words registers(65536);
  for (const auto& [address, words] : image) std::ranges::copy(words, registers.begin() + address);
  std::map<std::string, Normalized> values;
  for (const PollClass& poll_class : plan(profile))
    for (const Block& block : poll_class.blocks)
      for (const Block::Place& place : block.places) {
        const auto first = registers.begin() + block.address + place.offset;
        const ProfilePoint& point = profile.points[place.point];
        values[point.name] = Decoder(point)(Words(first, first + place.count));
      }
  return values;
}

Normalized good(double value) { return {value, Quality::good}; }

TEST(MeterImages, ASinglePhaseEastronReadsRight) {
  for (const char* id : {"eastron-sdm120", "eastron-sdm230"}) {
    const auto values = read(load(id), {{0, {0x4366, 0x3333}},      // 230.2 V
                                        {6, {0x40AD, 0xC28F}},      // 5.43 A
                                        {12, {0xC49C, 0x3CCD}},     // -1249.9 W
                                        {30, {0x3F7C, 0xAC08}},     // 0.987
                                        {70, {0x4248, 0x147B}},     // 50.02 Hz
                                        {72, {0x4640, 0xE6B6}},     // 12345.678 kWh
                                        {342, {0x4640, 0xE6B6}}});  // the same
    EXPECT_EQ(values.at("voltage"), good(230.2f));
    EXPECT_EQ(values.at("current"), good(5.43f));
    EXPECT_EQ(values.at("active-power"), good(-1249.9f));
    EXPECT_EQ(values.at("power-factor"), good(0.987f));
    EXPECT_EQ(values.at("frequency"), good(50.02f));
    EXPECT_EQ(values.at("energy-import"), good(12345.678f));
    EXPECT_EQ(values.at("energy-total"), good(12345.678f));
    EXPECT_EQ(values.at("energy-export"), good(0));
  }
}

TEST(MeterImages, AThreePhaseEastronReadsRight) {
  for (const char* id : {"eastron-sdm630", "eastron-sdm72"}) {
    const auto values = read(load(id), {{0, {0x4366, 0x3333, 0x4366, 0x3333, 0, 0}},
                                        {10, {0x40AD, 0xC28F}},
                                        {52, {0xC49C, 0x3CCD}},
                                        {62, {0x3F7C, 0xAC08}},
                                        {70, {0x4248, 0x147B}},
                                        {74, {0x4640, 0xE6B6}},
                                        {204, {0x43C8, 0x0000}},  // 400 V
                                        {224, {0x3AC4, 0x9BA6}},  // 0.0015 A
                                        {344, {0x7FC0, 0x0000}}});
    EXPECT_EQ(values.at("voltage-l1"), good(230.2f));
    EXPECT_EQ(values.at("voltage-l2"), good(230.2f));
    EXPECT_EQ(values.at("voltage-l3"), good(0));
    EXPECT_EQ(values.at("current-l3"), good(5.43f));
    EXPECT_EQ(values.at("active-power"), good(-1249.9f));
    EXPECT_EQ(values.at("power-factor"), good(0.987f));
    EXPECT_EQ(values.at("frequency"), good(50.02f));
    EXPECT_EQ(values.at("energy-export"), good(12345.678f));
    EXPECT_EQ(values.at("voltage-l3-l1"), good(400));
    EXPECT_EQ(values.at("current-neutral"), good(0.0015f));
    EXPECT_EQ(values.at("reactive-energy-total").quality, Quality::device_fault);
  }
}

TEST(MeterImages, ASiemensPacReadsRight) {
  for (const char* id : {"siemens-pac2200", "siemens-pac3200", "siemens-pac3220", "siemens-pac4200"}) {
    const auto values = read(load(id), {{1, {0x4366, 0x3333}},
                                        {5, {0x7FC0, 0x0000}},  // a phase that is not connected
                                        {11, {0x43C8, 0x0000}},
                                        {13, {0x40AD, 0xC28F}},
                                        {25, {0xC49C, 0x3CCD}},
                                        {55, {0x4248, 0x147B}},
                                        {65, {0xC49C, 0x3CCD}},
                                        {69, {0x3F7C, 0xAC08}},
                                        {801, {0x419D, 0x6F34, 0x5600, 0x0000}},    // 123456789.5 Wh
                                        {809, {0x4236, 0xFEE0, 0xE52D, 0x4000}}});  // 98765432109.25 Wh
    EXPECT_EQ(values.at("voltage-l1"), good(230.2f));
    EXPECT_EQ(values.at("voltage-l3").quality, Quality::device_fault);
    EXPECT_EQ(values.at("voltage-l3-l1"), good(400));
    EXPECT_EQ(values.at("current-l1"), good(5.43f));
    EXPECT_EQ(values.at("active-power-l1"), good(-1249.9f));
    EXPECT_EQ(values.at("frequency"), good(50.02f));
    EXPECT_EQ(values.at("active-power"), good(-1249.9f));
    EXPECT_EQ(values.at("power-factor"), good(0.987f));
    EXPECT_EQ(values.at("energy-import"), good(123456789.5));
    EXPECT_EQ(values.at("energy-export"), good(98765432109.25));
  }
}

}  // namespace
}  // namespace anlan::edge
