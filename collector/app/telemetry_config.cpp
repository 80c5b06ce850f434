#include "collector/app/telemetry_config.hpp"

#include <array>
#include <optional>

namespace anlan::collector {
namespace {

using Engine = TelemetryConfig::Engine;

constexpr std::array<std::pair<std::string_view, Engine>, 2> kEngines{
    {{"sqlite", Engine::sqlite}, {"victoria-metrics", Engine::victoria}}};
constexpr std::array kWebSchemes{Scheme{"https"}, Scheme{"http", true, "https"}};
constexpr std::array<std::string_view, 9> kOfVictoria{"url",           "read_url",          "user",
                                                      "password_file", "token_file",        "auth_key_file",
                                                      "ca_file",       "journal_max_bytes", "flush_ms"};

std::string without_slash(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

void read_url(Section& section, const Setting& setting, std::string& out) {
  std::optional<Url> url;
  section.url(setting, kWebSchemes, url);
  if (url) out = without_slash(url->text);
}

void check_sqlite(Section& section, bool storage) {
  for (const std::string_view key : kOfVictoria)
    if (section.has(key))
      section.fault(key, "is given for the engine \"sqlite\"",
                    "engine = \"victoria-metrics\", or no " + std::string(key));
  if (storage) section.fault("storage", "is given for the engine \"sqlite\"", "engine = \"victoria-metrics\", or none");
}

void check_victoria(Section& section, const TelemetryConfig& config, bool storage) {
  if (!section.has("url"))
    section.fault({}, "has no url", "the engine's address, for example url = \"http://127.0.0.1:8428\"");
  if (section.has("read_url") && !storage)
    section.fault("read_url", "is given without [[telemetry.storage]]",
                  "a cluster's: a [[telemetry.storage]] with the url of each vmstorage too");
  if (section.has("password_file") != section.has("user"))
    section.fault(section.has("user") ? "user" : "password_file", "is given without the other half",
                  "user and password_file together");
  if (section.has("token_file") && section.has("user"))
    section.fault("token_file", "is given beside a user", "a token or a user, as the engine's proxy wants it");
  bool https = false;
  for (const std::string& url : config.storage_urls) https = https || url.starts_with("https:");
  https = https || config.write_url.starts_with("https:") || config.read_url.starts_with("https:");
  if (section.has("ca_file") && section.has("url") && !config.write_url.empty() && !https)
    section.fault("ca_file", "is given, and no address is https://", "no ca_file, or https:// addresses");
}

}  // namespace

const char* telemetry_file(const TelemetryConfig& config) {
  return config.engine == Engine::victoria ? "victoria.db" : "telemetry.db";
}

void read_telemetry(Section& section, TelemetryConfig& config) {
  const std::size_t faults = section.fault_count();
  section.choice<Engine>({.key = "engine", .help = "where telemetry lies: a file of this machine, or VictoriaMetrics"},
                         kEngines, config.engine);
  const bool engine_known = section.fault_count() == faults;
  read_url(
      section,
      {.key = "url",
       .help = "VictoriaMetrics; of a cluster where vminsert takes the tenant's samples; http:// only to this machine",
       .example = "\"https://vminsert.example:8480/insert/0/prometheus\""},
      config.write_url);
  read_url(section,
           {.key = "read_url",
            .help = "of a cluster: where vmselect gives the tenant's samples; url where it is absent",
            .example = "\"https://vmselect.example:8481/select/0/prometheus\""},
           config.read_url);
  bool storage = false;
  section.tables({.key = "storage", .help = "of a cluster: each process that stores; url where none is given"},
                 [&](Section& one) {
                   storage = true;
                   std::string url;
                   read_url(one,
                            {.key = "url",
                             .help = "of one vmstorage",
                             .example = "\"https://vmstorage-1.example:8482\"",
                             .required = true},
                            url);
                   if (!url.empty()) config.storage_urls.push_back(std::move(url));
                 });
  section.text({.key = "user", .help = "name for basic authentication"}, config.user);
  section.file({.key = "password_file", .help = "file that holds the user's password", .secret = true},
               config.password_file);
  section.file({.key = "token_file", .help = "file that holds a bearer token", .secret = true}, config.token_file);
  section.file({.key = "auth_key_file",
                .help = "file with the key of -snapshotAuthKey and -forceFlushAuthKey, where the engine has them",
                .secret = true},
               config.auth_key_file);
  section.file({.key = "ca_file", .help = "PEM file of the CAs to trust instead of the system's"}, config.ca_file);
  section.integer({.key = "journal_max_bytes",
                   .help = "with more in the journal that the engine has not taken, telemetry stays with the edges",
                   .unit = "bytes",
                   .min = 16 << 20,
                   .max = 1ull << 44},
                  config.journal_max_bytes);
  section.millis(
      {.key = "flush_ms", .help = "how often the journal is moved to the engine", .min = 1000, .max = 3'600'000},
      config.flush);
  if (section.describing() || !engine_known) return;
  if (config.engine == Engine::sqlite) return check_sqlite(section, storage);
  check_victoria(section, config, storage);
  if (config.read_url.empty()) config.read_url = config.write_url;
  if (config.storage_urls.empty()) config.storage_urls.push_back(config.write_url);
}

}  // namespace anlan::collector
