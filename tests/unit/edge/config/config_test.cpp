#include "edge/app/config.hpp"

#include <gtest/gtest.h>

#include "edge/box/box_health.hpp"
#include "tests/support/golden_config.hpp"
#include "tests/support/reference_page.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::edge {
namespace {

using test::golden_config;

Config load(const std::string& file) {
  auto config = load_config(file);
  if (!config) throw std::runtime_error(to_text(config.error()));
  return std::move(*config);
}

/// A minimal valid configuration with these lines at its end, read as if it lay beside the golden ones.
std::expected<Config, std::vector<Fault>> with(const std::string& lines) {
  const std::string text =
      "[edge]\nid = 'e'\nsite = 's'\ndata_dir = 'd'\nprofiles = '../../../firmware-profiles'\n[uplink]\nbroker = "
      "'mqtts://c'\n";
  return read_config(Document::parse(text + lines, golden_config("edge.toml")).value());
}

TEST(EdgeConfig, SmallestFormHasStatedDefaults) {
  const Config config = load(golden_config("edge-smallest.good.toml"));
  EXPECT_EQ(config.id, "tj-bh-017-a");
  EXPECT_EQ(config.site, "tj-bh-017");
  EXPECT_EQ(config.data_dir, "/var/lib/anlan-edge");
  EXPECT_EQ(config.uplink.broker, "mqtts://collector.example:8883");
  EXPECT_EQ(config.uplink.hello_every, Millis{30'000});
  EXPECT_EQ(config.buffer.commit_every, Millis{250});
  EXPECT_FALSE(config.annunciator);
  ASSERT_EQ(config.devices.size(), 1u);
  const DeviceConfig& device = config.devices.front();
  EXPECT_EQ(device.connect, (Endpoint{Endpoint::Scheme::modbus_tcp, "10.1.2.3", 502, ""}));
  EXPECT_EQ(device.unit, 3);
  EXPECT_EQ(device.timeout, Millis{1000});
  EXPECT_EQ(config.profiles.size(), 1u);
}

TEST(EdgeConfig, EverySettingReachesItsField) {
  const Config config = load(golden_config("edge-full.good.toml"));
  const std::string folder = std::filesystem::path(config.file).parent_path().string();
  EXPECT_EQ(config.title, "滨海油库");
  EXPECT_EQ(config.data_dir, folder + "/data");
  EXPECT_EQ(config.metrics_listen, "127.0.0.1:9101");
  EXPECT_EQ(config.log_level, log::Level::debug);
  EXPECT_EQ(config.uplink.broker, "mqtt://[::1]:1884");
  EXPECT_EQ(config.uplink.user, "tj-bh-017-a");
  EXPECT_EQ(config.uplink.password_file, folder + "/password.example");
  EXPECT_EQ(config.uplink.hello_every, Millis{20'000});
  EXPECT_EQ(config.uplink.resend_after, Millis{5000});
  EXPECT_EQ(config.uplink.window, 32);
  EXPECT_EQ(config.uplink.window_bytes, 524288u);
  EXPECT_EQ(config.uplink.retain_received, Millis{600'000});
  EXPECT_EQ(config.buffer.max_bytes, 268435456u);
  EXPECT_EQ(config.buffer.commit_every, Millis{100});

  ASSERT_TRUE(config.annunciator);
  EXPECT_EQ(config.annunciator->connect, (Endpoint{Endpoint::Scheme::modbus_tcp, "fe80::1", 1502, ""}));
  EXPECT_EQ(config.annunciator->unit, 9);
  EXPECT_EQ(config.annunciator->coil, 0);
  EXPECT_EQ(config.annunciator->level_register, 1);
  EXPECT_EQ(config.annunciator->heartbeat_register, 2);
  EXPECT_EQ(config.annunciator->from, Level::yellow);
  EXPECT_EQ(config.annunciator->beat, Millis{500});

  ASSERT_EQ(config.devices.size(), 5u);
  EXPECT_EQ(config.devices[0].pace, (Pace{Millis{250}, Millis{250}}));
  EXPECT_EQ(config.devices[0].timeout, Millis{400});
  EXPECT_EQ(config.devices[3].connect, (Endpoint{Endpoint::Scheme::mqtt, "localhost", 1883, "site/dust-1"}));
  EXPECT_EQ(config.devices[3].stale_after, Millis{6000}) << "three times poll_ms";
  EXPECT_EQ(config.devices[4].connect, (Endpoint{Endpoint::Scheme::mqtt, "127.0.0.1", 1884, ""}));
  EXPECT_EQ(config.devices[4].stale_after, Millis{5000});
}

constexpr const char* kDevice = "[[device]]\nname = 'd'\nprofile = 'demo-tank'\nconnect = 'modbus+tcp://h'\n";

TEST(EdgeConfig, APollClassIsKnownByNameAndMayBeChanged) {
  const auto config =
      with("[poll_class.hazchem]\npoll_ms = 30000\n[poll_class.fast]\npoll_ms = 200\nraised_poll_ms = 50\n" +
           std::string(kDevice) + "poll_class = 'hazchem'\n");
  ASSERT_TRUE(config) << to_text(config.error());
  EXPECT_EQ(config->poll_classes.at("hazchem"), (Pace{Millis{30'000}, Millis{5'000}}));
  EXPECT_EQ(config->poll_classes.at("structure"), (Pace{Millis{3'600'000}, Millis{60'000}}));
  EXPECT_EQ(config->poll_classes.at("fast"), (Pace{Millis{200}, Millis{50}}));
  for (const PointDefinition& point : config->definition->points)
    EXPECT_EQ(point.period, Millis{30'000}) << "what its staleness is judged by is the unraised pace";
}

TEST(EdgeConfig, AProfilesPollClassIsThePointsPaceUnlessItsDeviceSaysAnother) {
  const auto config = with(kDevice);
  ASSERT_TRUE(config) << to_text(config.error());
  DeviceConfig device = config->devices[0];
  device.pace = {Millis{500}, Millis{100}};
  ProfilePoint point;
  point.every = 3;
  EXPECT_EQ(pace_of(*config, device, point), (Pace{Millis{1'500}, Millis{300}}));
  point.poll_class = "structure";
  EXPECT_EQ(pace_of(*config, device, point).period, Millis{3 * 3'600'000});
  device.poll_class = "hazchem";
  EXPECT_EQ(pace_of(*config, device, point).period, Millis{3 * 60'000});
}

TEST(EdgeConfig, FaultyPacesAreSaidOneByOne) {
  const auto config = with("[poll_class.Fast]\npoll_ms = 100\n[poll_class.idle]\n" + std::string(kDevice) +
                           "poll_class = 'hazchm'\npoll_ms = 100\nraised_poll_ms = 200\n");
  ASSERT_FALSE(config);
  const std::string text = to_text(config.error());
  for (const char* part :
       {"poll_class.Fast is no name", "poll_class.idle", "device.raised_poll_ms is 200 while poll_ms is 100",
        "device.poll_class is \"hazchm\": did you mean hazchem?", "device.poll_ms is given beside poll_class"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
}

TEST(EdgeConfig, ADeviceMayReportChangesOnlyWithADeadbandForEachPoint) {
  const auto config = with(std::string(kDevice) +
                           "report = 'change'\nheartbeat_ms = 300000\n[device.points.level]\nreport_deadband = 0.5\n");
  ASSERT_TRUE(config) << to_text(config.error());
  EXPECT_TRUE(config->devices[0].report_changes);
  EXPECT_EQ(config->devices[0].heartbeat, Millis{300'000});
  EXPECT_EQ(config->devices[0].report_deadband, (std::map<std::string, double>{{"level", 0.5}}));
  const auto faulty =
      with(std::string(kDevice) + "heartbeat_ms = 300000\n[device.points.levl]\nreport_deadband = -1\n");
  ASSERT_FALSE(faulty);
  const std::string text = to_text(faulty.error());
  for (const char* part : {"device.heartbeat_ms is given while every sample is reported",
                           "device.points.levl names no point of profile demo-tank: did you mean level?",
                           "device.points.levl.report_deadband is -1"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
}

TEST(EdgeConfig, WritingIsSwitchedOnPointByPoint) {
  const Config config = load(golden_config("edge-writable.good.toml"));
  EXPECT_EQ(config.devices[0].writable, (std::set<std::string>{"pump", "setpoint"}));
  EXPECT_TRUE(config.devices[1].writable.empty()) << "off unless said, though the profile allows it";
}

TEST(EdgeConfig, DefinitionNamesEveryPointOfEveryDeviceInOrder) {
  const Config config = load(golden_config("edge-full.good.toml"));
  std::size_t points = 0;
  for (const DeviceConfig& device : config.devices) points += config.profiles.at(device.profile).points.size();
  ASSERT_EQ(config.definition->points.size(), points + box_profile().points.size()) << "those of the box come last";
  ASSERT_EQ(config.origins.size(), points);
  for (std::size_t i = 0; i < points; ++i) {
    const DeviceConfig& device = config.devices[config.origins[i].device];
    const ProfilePoint& point = config.profiles.at(device.profile).points[config.origins[i].profile_point];
    EXPECT_EQ(config.definition->points[i].path, (PointPath{"tj-bh-017", device.name, point.name}));
    EXPECT_EQ(config.definition->points[i].unit, point.unit);
    EXPECT_EQ(config.definition->points[i].period, device.pace.period * point.every);
  }
  const PointDefinition& temperature = config.definition->points[1];
  EXPECT_EQ(temperature.path.str(), "tj-bh-017/tank-3/temperature");
  EXPECT_EQ(temperature.name, "3 号罐 温度");
  EXPECT_EQ(temperature.asset, "tj-bh-017/tank-farm");
  EXPECT_EQ(config.definition->points[6].asset, "tj-bh-017/tank-4");
  EXPECT_EQ(config.definition->points[6].name, "温度");
}

TEST(EdgeConfig, TheBoxIsADeviceLikeAnyOtherWhereItHasASection) {
  const Config config = load(golden_config("edge-full.good.toml"));
  const PointDefinition& point = config.definition->points[config.origins.size()];
  EXPECT_EQ(point.path.str(), "tj-bh-017/box/cpu-temperature");
  EXPECT_EQ(point.name, "现场主机 处理器温度");
  EXPECT_EQ(point.period, Millis{30'000});
  EXPECT_EQ(point.limits.low.at, (std::array<std::optional<double>, 4>{-10, -20, -25, std::nullopt}));
  const Config without = load(golden_config("edge-smallest.good.toml"));
  EXPECT_FALSE(without.box);
  EXPECT_EQ(without.definition->points.size(), without.origins.size());
}

TEST(EdgeConfig, OverridesReplaceOnlyWhatTheyName) {
  const Config config = load(golden_config("edge-full.good.toml"));
  const Limits& temperature = config.definition->points[1].limits;
  EXPECT_EQ(temperature.high.at, (std::array<std::optional<double>, 4>{45, 55, 65, 85}));
  EXPECT_EQ(temperature.deadband, 2);
  EXPECT_EQ(temperature.on_delay, Millis{2000});
  const Limits& level = config.definition->points[0].limits;
  EXPECT_EQ(level.low.at, (std::array<std::optional<double>, 4>{std::nullopt, std::nullopt, 7, 4}));
  EXPECT_EQ(level.high.of(Level::red), 95);
  EXPECT_EQ(level.on_delay, Millis{10'000});
  EXPECT_EQ(config.definition->points[6].limits.high.of(Level::red), 75) << "another device keeps the profile's limits";
}

TEST(EdgeConfig, TenSemanticFaultsAreTenLines) {
  const auto config = load_config(golden_config("edge-ten-faults.bad.toml"));
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().size(), 10u);
  EXPECT_EQ(test::without_folder(to_text(config.error())), test::expected_faults("edge-ten-faults.bad.toml"));
}

TEST(EdgeConfig, ASyntaxFaultIsThatOne) {
  const auto config = load_config(golden_config("edge-syntax.bad.toml"));
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 1u);
  EXPECT_EQ(config.error().front().line, 3);
}

TEST(EdgeConfig, EachBadFileHasExactlyItsFaults) {
  const auto names = test::golden_configs("edge", ".bad.toml");
  ASSERT_GE(names.size(), 5u);
  for (const std::string& name : names) {
    const auto config = load_config(golden_config(name));
    ASSERT_FALSE(config) << name;
    EXPECT_EQ(test::without_folder(to_text(config.error())), test::expected_faults(name)) << name;
    EXPECT_EQ(to_text(config.error()).find("hunter2"), std::string::npos) << name;
  }
}

TEST(EdgeConfig, ExampleOfTheDocumentationIsValid) {
  const Config config = load((test::source_dir() / "docs/examples/edge.toml").string());
  EXPECT_FALSE(config.devices.empty());
  EXPECT_TRUE(config.annunciator);
}

TEST(EdgeConfig, FindsProfilesBesideTheFile) {
  const test::TempDir folder;
  std::filesystem::create_directory(folder.path() / "firmware-profiles");
  std::filesystem::copy(test::source_dir() / "firmware-profiles/demo-tank.toml",
                        folder.path() / "firmware-profiles/my-tank.toml");
  test::write_file(folder.file("edge.toml"),
                   "[edge]\nid = 'e'\nsite = 's'\ndata_dir = 'd'\n[uplink]\nbroker = 'mqtts://c'\n"
                   "[[device]]\nname = 'd'\nprofile = 'my-tank'\nconnect = 'modbus+tcp://h'\n");
  EXPECT_EQ(load(folder.file("edge.toml")).profiles.begin()->first, "my-tank");
}

TEST(EdgeConfig, FaultsOfAProfileAreReportedOnceAndNameItsFile) {
  const test::TempDir folder;
  std::filesystem::create_directory(folder.path() / "firmware-profiles");
  test::write_file(folder.file("firmware-profiles/bad.toml"),
                   "vendor = 'v'\nmodel = 'm'\nsource = 's'\n[[point]]\nname = 'p'\ntopic = '+'\n");
  const std::string device = "\nprofile = 'bad'\nconnect = 'mqtt://localhost'\n";
  test::write_file(
      folder.file("edge.toml"),
      "[edge]\nid = 'e'\nsite = 's'\ndata_dir = 'd'\n[uplink]\nbroker = 'mqtts://c'\n[[device]]\nname = 'a'" + device +
          "[[device]]\nname = 'b'" + device);
  const auto config = load_config(folder.file("edge.toml"));
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 1u) << to_text(config.error());
  EXPECT_EQ(config.error().front().file, folder.file("firmware-profiles/bad.toml"));
  EXPECT_EQ(config.error().front().line, 6);
}

TEST(EdgeConfig, NeedsADevice) {
  EXPECT_EQ(test::without_folder(to_text(with("").error())),
            "tests/golden/config/edge.toml:1: device is missing; right would be: one [[device]] for each\n");
}

TEST(EdgeConfig, TwoProfilesMayShareAUnit) {
  const std::string where = "connect = 'modbus+tcp://h'\nunit = 1\n";
  EXPECT_TRUE(with("[[device]]\nname = 'a'\nprofile = 'demo-tank'\n" + where +
                   "[[device]]\nname = 'b'\nprofile = 'eastron-sdm630'\n" + where));
}

TEST(EdgeConfig, TakesBoundsThemselvesAndNothingBeyond) {
  const std::string device = "[[device]]\nname = 'a'\nprofile = 'demo-tank'\nconnect = 'modbus+tcp://h'\n";
  for (const char* line :
       {"poll_ms = 5", "poll_ms = 86400000", "unit = 0", "unit = 255", "timeout_ms = 10", "timeout_ms = 60000"})
    EXPECT_TRUE(with(device + line + "\n")) << line;
  for (const char* line :
       {"poll_ms = 4", "poll_ms = 86400001", "unit = -1", "unit = 256", "timeout_ms = 9", "timeout_ms = 60001"})
    EXPECT_FALSE(with(device + line + "\n")) << line;
}

TEST(EdgeConfig, ReadsEveryTransport) {
  const std::string device = "[[device]]\nname = 'a'\nprofile = 'demo-tank'\nunit = 1\nconnect = ";
  const auto of = [&](const std::string& connect) { return with(device + connect + "\n").value().devices[0].connect; };
  Endpoint serial{.scheme = Endpoint::Scheme::modbus_rtu, .host = "", .device = "/dev/ttyUSB0"};
  EXPECT_EQ(of("'modbus+rtu:///dev/ttyUSB0'"), serial) << "19200 8E1, as the standard says";
  serial.line = {.baud = 9600, .parity = 'N', .stop_bits = 2, .rs485 = true};
  EXPECT_EQ(of("'modbus+rtu:///dev/ttyUSB0?baud=9600&parity=N&stop=2&data=8&rs485=on'"), serial);
  EXPECT_EQ(serial.str(), "modbus+rtu:///dev/ttyUSB0?baud=9600&parity=N&stop=2&rs485=on");
  EXPECT_EQ(of("'modbus+rtutcp://10.1.2.3:4001'"), (Endpoint{Endpoint::Scheme::modbus_rtutcp, "10.1.2.3", 4001, ""}));
  const Endpoint tls =
      of("'modbus+tls://plc.example'\ncertificate_file = 'password.example'\nkey_file = 'password.example'");
  EXPECT_EQ(tls.str(), "modbus+tls://plc.example:802");
  EXPECT_TRUE(tls.tls.key_file.ends_with("/password.example"));
  EXPECT_TRUE(tls.tls.ca_file.empty());
}

TEST(EdgeConfig, AKeyThatEveryoneMayReadIsAWarning) {
  const test::TempDir folder;
  const std::string key = folder.file("edge.key");
  test::write_file(key, "a key");
  const std::string device = "[[device]]\nname = 'a'\nprofile = 'demo-tank'\nconnect = 'modbus+tls://h'\n" +
                             ("certificate_file = '" + key + "'\nkey_file = '" + key + "'\n");
  using std::filesystem::perms;
  std::filesystem::permissions(key, perms::owner_read | perms::others_read);
  ASSERT_EQ(with(device).value().warnings.size(), 1u);
  EXPECT_NE(with(device).value().warnings[0].find(key), std::string::npos);
  std::filesystem::permissions(key, perms::owner_read);
  EXPECT_TRUE(with(device).value().warnings.empty());
}

TEST(EdgeConfig, ReferencePageIsUpToDate) {
  test::expect_reference("edge.md", "Configuration of the edge daemon", describe_config());
}

TEST(EdgeConfig, DescribesEverySettingWithAHelp) {
  const auto descriptions = describe_config();
  EXPECT_GE(descriptions.size(), 45u);
  for (const auto& setting : descriptions) EXPECT_FALSE(setting.help.empty()) << setting.table << " " << setting.key;
}

}  // namespace
}  // namespace anlan::edge
