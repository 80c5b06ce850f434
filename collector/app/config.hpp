// Every setting of the collector, once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/config/fault.hpp"
#include "common/io/mqtt_client.hpp"
#include "common/model/level.hpp"

namespace anlan::collector {

struct WebhookConfig {
  std::string name;             // unique; part of no key
  std::string url;              // http:// (loopback only) or https://
  std::string secret_file;      // optional: HMAC-SHA256 of the body goes into X-Anlan-Signature
  Level from = Level::orange;   // this level and above
};

struct Config {
  std::string file;
  std::string data_dir;         // records.db, telemetry.db
  std::string broker;           // mqtt:// (loopback only) or mqtts://
  MqttTls tls;
  std::string user, password_file;
  std::string listen = "127.0.0.1:8080";  // loopback only until people and rights exist
  Millis silent_after{90'000};  // an edge unheard for longer raises a technical alert
  std::vector<WebhookConfig> webhooks;
  bool notify_log = true;       // the log channel
  std::string log_level = "info";
};

/// Either a whole valid configuration, or every fault found.
std::expected<Config, std::vector<Fault>> load_config(const std::string& file);

}  // namespace anlan::collector
