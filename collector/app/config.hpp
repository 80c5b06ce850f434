// Every setting of the collector, once.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "collector/app/telemetry_config.hpp"
#include "common/base/log.hpp"
#include "common/config/document.hpp"
#include "common/config/fault.hpp"
#include "common/config/section.hpp"
#include "common/io/mqtt_client.hpp"
#include "common/model/level.hpp"

namespace anlan::collector {

struct WebhookConfig {
  std::string name;            // unique; part of no key
  std::string url;             // http:// (loopback only) or https://
  std::string secret_file;     // optional: HMAC-SHA256 of the body goes into X-Anlan-Signature
  Level from = Level::orange;  // this level and above
};

/// How long what nobody needs any more is kept.
struct Retention {
  int changes_days = 7;         // for clients of the event stream that come back
  int notifications_days = 90;  // texts of those that were delivered or given up; their keys stay for good
  // Telemetry; 0: for ever, until somebody who may decide it says otherwise.
  int samples_days = 0, minute_rollups_days = 0, hour_rollups_days = 0, day_rollups_days = 0;
};

/// The log of who did what (app/audit_keeper.hpp).
struct AuditConfig {
  std::string key_file, heads_file;  // empty: in data_dir
  Millis head_every{60'000}, tell_every{600'000};
};

struct Config {
  std::string file;
  std::string data_dir;  // records.db, telemetry.db (or victoria.db)
  TelemetryConfig telemetry;
  std::string broker;  // mqtt:// (loopback only) or mqtts://
  MqttTls tls;
  std::string user, password_file;
  std::uint64_t broker_queue = 100'000;     // messages that the broker keeps for one subscriber
  std::string listen = "127.0.0.1:8080";    // loopback; port 0: any free one
  bool api_open = false;                    // who reaches the loopback needs no log-in; never with public_host
  std::string public_host;                  // Host of browsers behind a proxy with TLS on this machine; empty: none
  Millis silent_after{90'000};              // an edge unheard for longer raises a technical alert
  std::uint64_t keep_free_bytes = 1 << 30;  // with less room left on the disk, no telemetry is taken in
  Retention retention;
  std::vector<WebhookConfig> webhooks;
  AuditConfig audit;
  std::string command_key_file;  // private key that signs orders to edges; empty: none are given
  bool notify_log = true;        // the log channel
  log::Level log_level = log::Level::info;
};

/// Either a whole valid configuration, or every fault found. Relative paths are relative to the file's folder; those in
/// the result are not.
std::expected<Config, std::vector<Fault>> load_config(const std::string& file);

/// The same from a document at hand.
std::expected<Config, std::vector<Fault>> read_config(const Document& document);

/// All settings, for the reference page.
std::vector<SettingDescription> describe_config();

}  // namespace anlan::collector
