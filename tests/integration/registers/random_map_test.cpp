// Random maps over a slave of other people's making (Debian's python3-pymodbus), some of whose registers it refuses,
// read as an edge reads them: real requests, splitting of what is refused, decoding. What the slave wrote down must
// come out.
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "edge/sample/sampler.hpp"
#include "edge/sensor/modbus_bus.hpp"
#include "edge/sensor/poller.hpp"
#include "edge/sensor/profile_file.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/process.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::edge {
namespace {

constexpr int kPoints = 200;  // of a unit

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoi(text);
}

struct Expected {
  double value = kNoValue;
  std::string quality;
};

std::vector<Expected> read_expected(const std::string& file) {
  std::ifstream in(file);
  std::vector<Expected> all;
  std::string number, quality;
  while (in >> number >> quality) all.push_back({std::strtod(number.c_str(), nullptr), quality});
  return all;
}

struct Maps {
  std::vector<Poller::Device> devices;
  std::vector<ProfilePoint> points;
  std::vector<Expected> expected;

  void add(int unit, const std::string& folder) {
    const std::string name = folder + "/unit-" + std::to_string(unit);
    auto profile = load_profile(name + ".toml");
    if (!profile) throw std::runtime_error(to_text(profile.error()));
    Poller::Device device{.name = "site/unit-" + std::to_string(unit),
                          .unit = unit,
                          .timeout = Millis{5'000},
                          .reading = profile->reading,
                          .profile = profile->points,
                          .paces = std::vector(profile->points.size(), Pace{}),
                          .points = {}};
    for (const ProfilePoint& point : profile->points) {
      device.points.push_back(static_cast<std::uint32_t>(points.size()));
      points.push_back(point);
    }
    devices.push_back(std::move(device));
    for (Expected& one : read_expected(name + ".expected")) expected.push_back(std::move(one));
  }
};

/// The values that were compared.
std::size_t read_one_slave(int seed, int units) {
  test::TempDir folder;
  const std::uint16_t port = test::free_port();
  const std::string script =
      std::string(std::getenv("ANLAN_SOURCE_DIR")) + "/tests/integration/registers/random_slave.py";
  test::Process slave({"/usr/bin/python3", "-B", script, std::to_string(seed), std::to_string(units),
                       std::to_string(kPoints), std::to_string(port), folder.path().string()},
                      folder.file("slave.log"));
  EXPECT_TRUE(test::wait_for_port(port, Millis{60'000})) << test::read_file(folder.file("slave.log"));
  Maps maps;
  for (int unit = 1; unit <= units; ++unit) maps.add(unit, folder.path().string());
  EXPECT_EQ(maps.points.size(), maps.expected.size());

  boost::asio::io_context io;
  SystemClock clock;
  Metrics metrics;
  const Sampler sampler(maps.points);
  std::map<std::uint32_t, Sample> samples;
  std::size_t twice = 0, failures = 0;
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = port;
  Poller poller(
      clock, modbus_factory(io.get_executor(), metrics, 1)(endpoint), maps.devices,
      [&](const std::vector<Reading>& readings) {
        for (const Sample& sample : sampler(readings)) twice += !samples.emplace(sample.point, sample).second;
      },
      {}, metrics, 1);
  test::run_coro(io, poller.read_once([&](const std::string& device, const BusError& error) {
    ++failures;
    ADD_FAILURE() << device << ": " << error.message;
  }),
                 Millis{300'000});

  EXPECT_EQ(failures, 0u);
  EXPECT_EQ(twice, 0u);
  EXPECT_EQ(samples.size(), maps.points.size());
  if (testing::Test::HasFailure()) return 0;
  std::size_t good = 0, faults = 0;
  for (std::size_t i = 0; i < maps.points.size(); ++i) {
    const Sample& sample = samples.at(static_cast<std::uint32_t>(i));
    const Expected& expected = maps.expected[i];
    const bool same = sample.value == expected.value || (std::isnan(sample.value) && std::isnan(expected.value));
    EXPECT_TRUE(same && to_string(sample.quality) == expected.quality)
        << "point " << i << ": " << sample.value << " " << to_string(sample.quality) << " where the slave has "
        << expected.value << " " << expected.quality;
    good += sample.quality == Quality::good;
    faults += sample.quality == Quality::device_fault;
  }
  EXPECT_GT(good, maps.points.size() / 2);
  EXPECT_GT(faults, maps.points.size() / 20) << "the slave refuses some";
  return maps.points.size();
}

/// ANLAN_RANDOM_MAPS slaves of ANLAN_RANDOM_UNITS units: the test labelled slow makes a million values of them.
TEST(RandomMap, EveryValueIsWhatTheSlaveWroteDown) {
  std::size_t values = 0;
  const int slaves = setting("ANLAN_RANDOM_MAPS", 1), units = setting("ANLAN_RANDOM_UNITS", 8);
  for (int seed = 7; seed < 7 + slaves && !HasFailure(); ++seed) values += read_one_slave(seed, units);
  EXPECT_EQ(values, static_cast<std::size_t>(slaves * units * kPoints));
}

}  // namespace
}  // namespace anlan::edge
