#include "collector/app/config.hpp"

#include <gtest/gtest.h>

#include "tests/support/golden_config.hpp"
#include "tests/support/reference_page.hpp"

namespace anlan::collector {
namespace {

using test::golden_config;

Config load(const std::string& file) {
  auto config = load_config(file);
  if (!config) throw std::runtime_error(to_text(config.error()));
  return std::move(*config);
}

TEST(CollectorConfig, SmallestFormHasStatedDefaults) {
  const Config config = load(golden_config("collector-smallest.good.toml"));
  EXPECT_EQ(config.data_dir, "/var/lib/anlan-collector");
  EXPECT_EQ(config.broker, "mqtt://127.0.0.1:1883");
  EXPECT_EQ(config.listen, "127.0.0.1:8080");
  EXPECT_EQ(config.silent_after, Millis{90'000});
  EXPECT_FALSE(config.api_open) << "nobody is let in without a log-in unless it is said";
  EXPECT_EQ(config.public_host, "");
  EXPECT_TRUE(config.webhooks.empty());
  EXPECT_TRUE(config.notify_log);
  EXPECT_EQ(config.telemetry.engine, TelemetryConfig::Engine::sqlite);
}

TEST(CollectorConfig, OfASingleEngineOneAddressIsEnough) {
  const auto document = Document::parse(
      "[collector]\ndata_dir = \"/tmp\"\n[broker]\nurl = \"mqtt://127.0.0.1:1883\"\n[telemetry]\nengine = "
      "\"victoria-metrics\"\nurl = \"http://127.0.0.1:8428/\"\n",
      "c.toml");
  ASSERT_TRUE(document);
  const auto config = read_config(*document);
  ASSERT_TRUE(config) << to_text(config.error());
  EXPECT_EQ(config->telemetry.write_url, "http://127.0.0.1:8428");
  EXPECT_EQ(config->telemetry.read_url, "http://127.0.0.1:8428");
  EXPECT_EQ(config->telemetry.storage_urls, std::vector<std::string>{"http://127.0.0.1:8428"});
}

/// The packaged broker keeps as much as the collector believes it does.
TEST(CollectorConfig, TheBrokersQueueIsThatOfThePackage) {
  std::ifstream in(test::source_dir() / "packaging/mosquitto/centre.conf");
  std::uint64_t queue = 0;
  for (std::string key; in >> key;)
    if (key == "max_queued_messages") in >> queue;
  EXPECT_EQ(Config().broker_queue, queue);
}

TEST(CollectorConfig, EverySettingReachesItsField) {
  const Config config = load(golden_config("collector-full.good.toml"));
  const std::string folder = std::filesystem::path(config.file).parent_path().string();
  EXPECT_EQ(config.data_dir, folder + "/data");
  EXPECT_EQ(config.silent_after, Millis{60'000});
  EXPECT_EQ(config.broker, "mqtts://broker.example:8883");
  EXPECT_EQ(config.broker_queue, 50'000u);
  EXPECT_EQ(config.user, "collector");
  EXPECT_EQ(config.password_file, folder + "/password.example");
  const TelemetryConfig& telemetry = config.telemetry;
  EXPECT_EQ(telemetry.engine, TelemetryConfig::Engine::victoria);
  EXPECT_EQ(telemetry.write_url, "https://vminsert.example:8480/insert/7/prometheus");
  EXPECT_EQ(telemetry.read_url, "https://vmselect.example:8481/select/7/prometheus");
  EXPECT_EQ(telemetry.storage_urls,
            (std::vector<std::string>{"https://vmstorage-1.example:8482", "https://vmstorage-2.example:8482"}));
  for (const std::string& file : {telemetry.token_file, telemetry.auth_key_file, telemetry.ca_file})
    EXPECT_EQ(file, folder + "/password.example");
  EXPECT_EQ(telemetry.journal_max_bytes, 16'777'216u);
  EXPECT_EQ(telemetry.flush, Millis{5'000});
  EXPECT_EQ(config.listen, "[::1]:0");
  EXPECT_EQ(config.public_host, "anlan.example:8443");
  EXPECT_FALSE(config.api_open);
  ASSERT_EQ(config.webhooks.size(), 2u);
  EXPECT_EQ(config.webhooks[0].name, "duty-room");
  EXPECT_EQ(config.webhooks[0].url, "https://duty.example/anlan");
  EXPECT_EQ(config.webhooks[0].secret_file, folder + "/password.example");
  EXPECT_EQ(config.webhooks[0].from, Level::red);
  EXPECT_EQ(config.webhooks[1].url, "http://127.0.0.1:9000/hook");
  EXPECT_EQ(config.webhooks[1].from, Level::orange);
  EXPECT_EQ(config.retention.changes_days, 3);
  EXPECT_EQ(config.retention.notifications_days, 30);
  EXPECT_EQ(config.log_level, log::Level::warning);
  EXPECT_FALSE(config.notify_log);
}

TEST(CollectorConfig, EachBadFileHasExactlyItsFaults) {
  const auto names = test::golden_configs("collector", ".bad.toml");
  ASSERT_FALSE(names.empty());
  for (const std::string& name : names) {
    const auto config = load_config(golden_config(name));
    ASSERT_FALSE(config) << name;
    EXPECT_EQ(test::without_folder(to_text(config.error())), test::expected_faults(name)) << name;
    EXPECT_EQ(to_text(config.error()).find("hunter2"), std::string::npos) << name;
  }
}

TEST(CollectorConfig, ExampleOfTheDocumentationIsValid) {
  const Config config = load((test::source_dir() / "docs/examples/collector.toml").string());
  EXPECT_FALSE(config.webhooks.empty());
}

TEST(CollectorConfig, ReferencePageIsUpToDate) {
  test::expect_reference("collector.md", "Configuration of the collector", describe_config());
}

TEST(CollectorConfig, DescribesEverySettingWithAHelp) {
  const auto descriptions = describe_config();
  EXPECT_GE(descriptions.size(), 15u);
  for (const auto& setting : descriptions) EXPECT_FALSE(setting.help.empty()) << setting.table << " " << setting.key;
}

}  // namespace
}  // namespace anlan::collector
