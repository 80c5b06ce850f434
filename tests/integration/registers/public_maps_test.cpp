// Register maps that people published (public_maps.py makes profiles of them): each becomes a profile whose every point
// is planned once and decoded whatever stands in the registers. Skipped where the maps are not at hand.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "edge/sample/decoder.hpp"
#include "edge/sensor/planner.hpp"
#include "edge/sensor/profile_file.hpp"

namespace anlan::edge {
namespace {

namespace fs = std::filesystem;

fs::path maps() {
  if (const char* folder = std::getenv("ANLAN_MODBUS_MAPS")) return folder;
  return fs::path(std::getenv("ANLAN_SOURCE_DIR")) / "../shared/data/modbus";
}

std::vector<std::string> converted() {
  const std::string script =
      std::string(std::getenv("ANLAN_SOURCE_DIR")) + "/tests/integration/registers/public_maps.py";
  const std::string command = "/usr/bin/python3 -B '" + script + "' '" + maps().string() + "'";
  std::FILE* pipe = popen(command.c_str(), "r");
  std::vector<std::string> texts;
  std::uint32_t length = 0;
  while (pipe != nullptr && std::fread(&length, 1, sizeof length, pipe) == sizeof length) {
    texts.emplace_back(length, ' ');
    if (std::fread(texts.back().data(), 1, length, pipe) != length) texts.pop_back();
  }
  const bool whole = pipe != nullptr && pclose(pipe) == 0;
  if (!whole) throw std::runtime_error("public_maps.py failed");
  return texts;
}

/// Every point is in exactly one block, wholly, and the block keeps the device's limits.
void expect_planned(const Profile& profile, const std::vector<PollClass>& classes) {
  std::multiset<std::size_t> read;
  for (const PollClass& poll_class : classes)
    for (const Block& block : poll_class.blocks) {
      const bool bits = block.table == Table::coils || block.table == Table::discrete_inputs;
      ASSERT_LE(block.count, bits ? profile.reading.max_bits : profile.reading.max_registers);
      for (const Block::Place& place : block.places) {
        ASSERT_LE(place.offset + place.count, block.count);
        read.insert(place.point);
      }
    }
  ASSERT_EQ(read.size(), profile.points.size());
  ASSERT_EQ(std::set(read.begin(), read.end()).size(), read.size());
}

TEST(PublicMaps, EveryMapIsPlannedAndDecoded) {
  if (!fs::exists(maps())) GTEST_SKIP() << "no maps in " << maps() << " (ANLAN_MODBUS_MAPS says where they are)";
  std::mt19937 random(1);
  std::size_t profiles = 0, points = 0;
  for (const std::string& text : converted()) {
    const auto profile = read_profile(Document::parse(text, "public-map.toml").value());
    ASSERT_TRUE(profile) << to_text(profile.error()) << text;
    expect_planned(*profile, plan(*profile));
    if (HasFatalFailure()) FAIL() << text;
    for (const ProfilePoint& point : profile->points) {
      const Decoder decode(point);
      const auto count = static_cast<std::size_t>(std::get<ModbusSource>(point.source).count());
      for (int round = 0; round < 200; ++round) {
        std::vector<std::uint16_t> words(count);
        for (auto& word : words) word = static_cast<std::uint16_t>(round == 0 ? 0 : round == 1 ? 0xFFFF : random());
        const Normalized made = decode(words);
        ASSERT_EQ(std::isfinite(made.value), made.quality != Quality::device_fault) << text;
      }
    }
    ++profiles;
    points += profile->points.size();
  }
  std::printf("%zu maps, %zu points\n", profiles, points);
  EXPECT_GE(profiles, 60u);
}

}  // namespace
}  // namespace anlan::edge
