// Reloads while devices are read: what does not change does not notice.
#include "edge/app/acquisition.hpp"

#include <map>
#include <random>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tests/support/fake_bus.hpp"
#include "tests/support/manual_clock.hpp"

namespace anlan::edge {
namespace {

struct Wanted {
  std::string name, host;
  int unit = 1;
  Millis poll{100};
  int points = 1;
};

Config config_of(const std::vector<Wanted>& wanted) {
  Config config;
  config.site = "s";
  for (const Wanted& w : wanted) {
    Profile profile;
    profile.id = "p" + std::to_string(w.points);
    for (int i = 0; i < w.points; ++i) {
      ProfilePoint point;
      point.name = "v" + std::to_string(i);
      ModbusSource source;
      source.address = static_cast<std::uint16_t>(i);
      point.source = source;
      profile.points.push_back(point);
    }
    DeviceConfig device;
    device.name = w.name;
    device.profile = profile.id;
    device.connect.host = w.host;
    device.connect.port = 502;
    device.unit = w.unit;
    device.pace = {w.poll, w.poll};
    device.timeout = Millis{50};
    for (std::size_t i = 0; i < profile.points.size(); ++i) {
      config.definition.edit().points.push_back(
          {.path = {"s", w.name, profile.points[i].name}, .name = {}, .unit = "1", .asset = {}, .limits = {}});
      config.origins.push_back({config.devices.size(), i});
    }
    config.devices.push_back(std::move(device));
    config.profiles[profile.id] = std::move(profile);
  }
  return config;
}

struct Fixture {
  boost::asio::io_context io;
  test::ManualClock clock;
  Metrics metrics;
  std::map<std::string, test::FakeEndpoint> endpoints;  // by host
  std::map<std::string, int> connections;
  Config config;
  std::map<std::string, std::vector<std::int64_t>> samples;  // by point: when, ms since the start
  std::map<std::string, double> last;                        // by point: the newest value
  std::vector<EdgeEvent> events;
  MonoTime start = clock.mono();
  Acquisition acquisition;
  boost::asio::cancellation_signal stop;
  bool ended = false;

  Fixture()
      : acquisition(
            io.get_executor(), clock,
            [this](const Endpoint& endpoint) -> std::unique_ptr<Bus> {
              ++connections[endpoint.host];
              endpoints[endpoint.host].latency = Millis{3};
              return std::make_unique<test::FakeBus>(clock, endpoints[endpoint.host]);
            },
            "test",
            [this](const std::vector<Sample>& some) {
              for (const Sample& sample : some) {
                const std::string path = config.definition->points.at(sample.point).path.str();
                samples[path].push_back((sample.mono - start).count());
                last[path] = sample.value;
              }
            },
            [this](EdgeEvent event) { events.push_back(std::move(event)); }, metrics, 1) {
    boost::asio::co_spawn(
        io, acquisition.run(),
        boost::asio::bind_cancellation_slot(stop.slot(), [this](std::exception_ptr) { ended = true; }));
  }
  ~Fixture() {
    stop.emit(boost::asio::cancellation_type::terminal);
    clock.run_ready(io);
    EXPECT_TRUE(ended);
  }
  void configure(const std::vector<Wanted>& wanted) {
    config = config_of(wanted);
    acquisition.configure(config);
  }
  void pass(Millis duration) { clock.advance(io, duration); }
};

TEST(Acquisition, ValuesAreDecodedAsTheDevicesFirmwareHasThemAlsoAfterAReload) {
  Fixture f;
  f.endpoints["h"].set(1, Table::holding_registers, 100, {777});
  f.endpoints["h"].identities[1].objects[2] = "V2.3";
  const auto configured = [](const std::vector<Wanted>& wanted) {
    Config config = config_of(wanted);
    Profile& profile = config.profiles.at("p1");
    ProfilePoint moved = profile.points[0];
    moved.source = ModbusSource{.address = 100};
    moved.scale = 0.1;
    profile.revisions.question = FirmwareQuestion{.object = 2, .source = {}};
    profile.revisions.list = {{"v2", {.from = "2"}, {{0, moved}}, {}}};
    return config;
  };
  f.config = configured({{"meter", "h", 1, Millis{100}, 1}});
  f.acquisition.configure(f.config);
  f.pass(Millis{150});
  EXPECT_EQ(f.last["s/meter/v0"], 77.7);
  f.last.clear();
  f.config = configured({{"in-front", "h", 2, Millis{100}, 2}, {"meter", "h", 1, Millis{100}, 1}});
  f.acquisition.configure(f.config);
  f.pass(Millis{150});
  EXPECT_EQ(f.last["s/meter/v0"], 77.7);
}

TEST(Acquisition, AThousandReloadsLoseNoSampleAndDropNoConnectionOfWhatStays) {
  Fixture f;
  std::mt19937 random(7);
  const auto some = [&](int least, int most) {
    return least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
  };
  const auto wanted = [&] {
    std::vector<Wanted> all;
    for (int i = some(0, 3); i > 0; --i)  // in front, so that every index moves
      all.push_back({"new-" + std::to_string(i), "shared", 10 + i, Millis{some(1, 5) * 100}, some(1, 4)});
    all.push_back({"steady", "shared", 1, Millis{100}, 2});
    all.push_back({"changing", "shared", 2, Millis{some(1, 9) * 100}, some(1, 3)});
    all.push_back({"alone", "quiet", 1, Millis{100}, 1});
    if (random() % 2) all.push_back({"guest", "other", 1, Millis{100}, 1});
    return all;
  };
  f.configure(wanted());
  for (int i = 0; i < 1'000; ++i) {
    f.pass(Millis{some(1, 60)});
    f.configure(wanted());
  }
  f.pass(Millis{1'000});
  const auto slots = static_cast<std::size_t>((f.clock.mono() - f.start).count() / 100);
  for (const char* point : {"s/steady/v0", "s/steady/v1", "s/alone/v0"}) {
    const auto& times = f.samples.at(point);
    ASSERT_GE(times.size(), slots) << point;
    ASSERT_LE(times.size(), slots + 1) << point;
    for (std::size_t i = 0; i < times.size(); ++i)
      ASSERT_EQ(times[i] / 100, static_cast<std::int64_t>(i)) << point << ": a slot is missing or moved";
  }
  EXPECT_EQ(f.connections["shared"], 1);
  EXPECT_EQ(f.connections["quiet"], 1);
  EXPECT_GT(f.connections["other"], 100) << "the test does change connections";
  EXPECT_GT(f.samples["s/changing/v0"].size(), 100u) << "a new device is noticed within a second";
  EXPECT_TRUE(f.events.empty());
}

TEST(Acquisition, TellsTheReaderOfAPointThatItsRiskIsRaised) {
  Fixture f;
  f.config = config_of({{"a", "one"}, {"b", "two"}});
  for (DeviceConfig& device : f.config.devices) device.pace = {Millis{60'000}, Millis{1'000}};
  f.acquisition.configure(f.config);
  f.pass(Millis{1'500});
  f.acquisition.raise(1);
  f.pass(Millis{10'000});
  EXPECT_EQ(f.samples["s/a/v0"].size(), 1u);
  EXPECT_EQ(f.samples["s/b/v0"].size(), 11u);
}

}  // namespace
}  // namespace anlan::edge
