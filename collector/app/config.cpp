#include "collector/app/config.hpp"

#include <array>
#include <map>

#include "common/config/broker_section.hpp"
#include "common/io/signature.hpp"

namespace anlan::collector {
namespace {

constexpr std::array<std::pair<std::string_view, log::Level>, 4> kLogLevels{{{"debug", log::Level::debug},
                                                                             {"info", log::Level::info},
                                                                             {"warning", log::Level::warning},
                                                                             {"error", log::Level::error}}};
constexpr std::array kPublicSchemes{Scheme{"https"}};
constexpr std::array kWebSchemes{Scheme{"https"}, Scheme{"http", true, "https"}};

void read_collector(Section& section, Config& config) {
  section.path({.key = "data_dir",
                .help = "folder of records.db and telemetry.db",
                .example = "\"/var/lib/anlan-collector\"",
                .required = true},
               config.data_dir);
  section.millis({.key = "silent_after_ms",
                  .help = "an edge that is unheard for longer raises a technical alert",
                  .min = 1000,
                  .max = 86'400'000},
                 config.silent_after);
  section.integer({.key = "keep_free_bytes",
                   .help = "room that is kept on the disk for alerts: with less left, telemetry stays with the edges",
                   .unit = "bytes",
                   .min = 32 << 20,
                   .max = 1ull << 44},
                  config.keep_free_bytes);
}

void read_broker_table(Section& section, Config& config) {
  const BrokerSettings broker = read_broker(section, "url");
  config.broker = broker.url;
  config.tls = {broker.ca_file, broker.certificate_file, broker.key_file};
  config.user = broker.user;
  config.password_file = broker.password_file;
  section.integer(
      {.key = "queue",
       .help = "messages that the broker keeps for one subscriber (Mosquitto: max_queued_messages): the edges "
               "together send no more backlog at once than half of it",
       .unit = "messages",
       .min = 100,
       .max = 100'000'000},
      config.broker_queue);
}

WebhookConfig read_webhook(Section& section) {
  WebhookConfig webhook;
  std::optional<Url> url;
  section.name({.key = "name", .help = "what logs call it", .example = "\"duty-room\"", .required = true},
               webhook.name);
  section.url({.key = "url",
               .help = "where notifications are posted; http:// only to this machine",
               .example = "\"https://duty.example/anlan\"",
               .required = true},
              kWebSchemes, url);
  section.file({.key = "secret_file",
                .help = "file with the secret that signs each body (HMAC-SHA256, X-Anlan-Signature)",
                .secret = true},
               webhook.secret_file);
  section.level({.key = "from", .help = "this level and above"}, webhook.from);
  if (url) webhook.url = url->text;
  return webhook;
}

void read_webhooks(Section& root, Config& config) {
  std::map<std::string, int> lines;  // of names already seen
  root.tables({.key = "webhook", .help = "who is told of alerts and hazards over HTTP"}, [&](Section& section) {
    WebhookConfig webhook = read_webhook(section);
    const auto [seen, is_new] = lines.emplace(webhook.name, section.line("name"));
    if (!is_new && !webhook.name.empty())
      section.fault("name", "is " + Section::shown(webhook.name) + " again (line " + std::to_string(seen->second) + ")",
                    "a name that no other webhook of this file has");
    config.webhooks.push_back(std::move(webhook));
  });
}

/// What browsers write into Host for this address.
std::string host_of(const Url& url) {
  const std::string name = url.ipv6 ? "[" + url.host + "]" : url.host;
  return url.port == 0 ? name : name + ":" + std::to_string(url.port);
}

void read_http(Section& section, Config& config) {
  section.listen({.key = "listen", .help = "address and port of the API; this machine only"}, config.listen);
  section.flag({.key = "open",
                .help = "whoever reaches this machine's loopback does everything without a log-in, under any name: for "
                        "demonstrations, tests and benchmarks"},
               config.api_open);
  std::optional<Url> url;
  section.url({.key = "public_url",
               .help = "where others reach the API through a proxy on this machine, which does TLS and passes Host on",
               .example = "\"https://anlan.example\""},
              kPublicSchemes, url);
  if (!url) return;
  config.public_host = host_of(*url);
  if (config.api_open)
    section.fault("open", "lets everybody in without a log-in, and public_url is for others than this machine's users",
                  "one of the two");
}

void read_retention(Section& section, Retention& retention) {
  section.integer(
      {.key = "changes_days",
       .help = "changes for the event stream; a client that was away for longer is told to read the lists anew",
       .unit = "days",
       .min = 1,
       .max = 366},
      retention.changes_days);
  section.integer({.key = "notifications_days",
                   .help = "texts of notifications that were delivered or given up; that they were is kept for good",
                   .unit = "days",
                   .min = 1,
                   .max = 3660},
                  retention.notifications_days);
  const auto telemetry = [&](const char* key, const char* help, int& days) {
    section.integer({.key = key, .help = help, .unit = "days; 0: for ever", .min = 0, .max = 36'600}, days);
  };
  telemetry("samples_days", "single samples of telemetry", retention.samples_days);
  telemetry("minute_rollups_days",
            "what each minute held (lowest, mean, highest): charts of older time are made of these",
            retention.minute_rollups_days);
  telemetry("hour_rollups_days", "the same of each hour", retention.hour_rollups_days);
  telemetry("day_rollups_days", "the same of each day (UTC)", retention.day_rollups_days);
}

void read_audit(Section& section, AuditConfig& audit) {
  section.file({.key = "key_file",
                .help = "private Ed25519 key (PEM) that signs the log's heads; without it one is made in data_dir",
                .example = "\"credential:audit.key\"",
                .secret = true},
               audit.key_file);
  if (!audit.key_file.empty())
    if (const auto key = SigningKey::load(audit.key_file); !key)
      section.fault("key_file", "is not usable: " + key.error().message,
                    "made by openssl genpkey -algorithm ed25519 -out audit.key");
  section.path({.key = "heads_file",
                .help = "signed heads are added to this file, best on another machine's disk; without it "
                        "audit-heads.txt in data_dir",
                .example = "\"/mnt/witness/anlan-heads.txt\""},
               audit.heads_file);
  section.millis({.key = "head_every_ms",
                  .help = "a head is signed this often where the log has grown",
                  .min = 100,
                  .max = 86'400'000},
                 audit.head_every);
  section.millis({.key = "tell_every_ms",
                  .help = "the edges are told of the newest head this often",
                  .min = 100,
                  .max = 86'400'000},
                 audit.tell_every);
}

void read_file(Section& root, Config& config) {
  root.table({.key = "collector", .help = "the collector", .required = true},
             [&](Section& s) { read_collector(s, config); });
  root.table({.key = "broker", .help = "where the edges' records come from", .required = true},
             [&](Section& s) { read_broker_table(s, config); });
  root.table({.key = "telemetry", .help = "where telemetry is kept"},
             [&](Section& s) { read_telemetry(s, config.telemetry); });
  root.table({.key = "http", .help = "the API"}, [&](Section& s) { read_http(s, config); });
  read_webhooks(root, config);
  root.table({.key = "retention", .help = "how long what nobody needs any more is kept"},
             [&](Section& s) { read_retention(s, config.retention); });
  root.table({.key = "audit", .help = "the log of who did what, and the proof that nobody changed it"},
             [&](Section& s) { read_audit(s, config.audit); });
  root.table({.key = "command", .help = "orders to the edges: the reset of a latched red"}, [&](Section& s) {
    s.file({.key = "key_file",
            .help = "private Ed25519 key (PEM) that signs them; the edges hold the public one",
            .required = true,
            .secret = true},
           config.command_key_file);
    if (!config.command_key_file.empty())
      if (const auto key = SigningKey::load(config.command_key_file); !key)
        s.fault("key_file", "is not usable: " + key.error().message,
                "command.key, made by make-certificates FOLDER command");
  });
  root.table({.key = "log", .help = "log lines"}, [&](Section& s) {
    s.choice<log::Level>({.key = "level", .help = "lines below are dropped"}, kLogLevels, config.log_level);
    s.flag({.key = "notify", .help = "notifications are log lines too"}, config.notify_log);
  });
}

}  // namespace

std::expected<Config, std::vector<Fault>> read_config(const Document& document) {
  std::vector<Fault> faults;
  Config config;
  config.file = document.file();
  {
    Section root(document, faults);
    read_file(root, config);
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return config;
}

std::expected<Config, std::vector<Fault>> load_config(const std::string& file) {
  const auto document = Document::load(file);
  if (!document) return std::unexpected(std::vector{document.error()});
  return read_config(*document);
}

std::vector<SettingDescription> describe_config() {
  std::vector<SettingDescription> descriptions;
  Config config;
  Section root(descriptions);
  read_file(root, config);
  return descriptions;
}

}  // namespace anlan::collector
