#include "edge/app/config.hpp"

#include <array>
#include <filesystem>
#include <set>

#include "common/config/broker_section.hpp"
#include "common/config/secret.hpp"
#include "common/io/cipher_key.hpp"
#include "common/io/signature.hpp"
#include "edge/app/device_section.hpp"
#include "edge/app/profile_shelf.hpp"
#include "edge/box/box_health.hpp"
#include "edge/sensor/topic.hpp"

namespace anlan::edge {
namespace {

constexpr const char* kInstalledProfiles = "/usr/share/anlan/firmware-profiles";
/// NIST SP 800-38D section 8.3 allows a key 2^32 messages with random nonces of 96 bits. A commit encrypts its records
/// (one or two of samples, those of alerts), the alerts that changed and the engine's state: at ten commits a second
/// some 30 values a second or 2^30 a year. docs/operations.md has the key changed once a year.
constexpr Millis kLeastCommitWithKey{100};
constexpr double kHour = 3'600'000, kMinute = 60'000;

constexpr std::array<std::pair<std::string_view, log::Level>, 4> kLogLevels{{{"debug", log::Level::debug},
                                                                             {"info", log::Level::info},
                                                                             {"warning", log::Level::warning},
                                                                             {"error", log::Level::error}}};

/// Returns the folders of profiles; none after a fault.
std::vector<std::string> read_edge(Section& section, Config& config) {
  std::string profiles;
  section.name({.key = "id", .help = "this edge, unique in the city", .example = "\"tj-bh-017-a\"", .required = true},
               config.id);
  section.name({.key = "site", .help = "first part of site/device/point", .example = "\"tj-bh-017\"", .required = true},
               config.site);
  section.text({.key = "title", .help = "the name of the site that people read"}, config.title);
  section.path({.key = "data_dir",
                .help = "folder of the buffer and the control socket",
                .example = "\"/var/lib/anlan-edge\"",
                .required = true},
               config.data_dir);
  section.path({.key = "profiles",
                .help = "folder of firmware profiles; else firmware-profiles beside this file, then the installed one"},
               profiles);
  section.listen({.key = "metrics_listen",
                  .help = "where Prometheus reads metrics; none unless said",
                  .example = "\"127.0.0.1:9101\""},
                 config.metrics_listen);
  if (!section.has("profiles"))
    return {(std::filesystem::path(config.file).parent_path() / "firmware-profiles").string(), kInstalledProfiles};
  std::error_code error;
  if (std::filesystem::is_directory(profiles, error)) return {profiles};
  if (!profiles.empty())
    section.fault("profiles", "names " + Section::shown(profiles) + ", which is no folder",
                  "a folder of firmware profiles");
  return {};
}

void read_uplink(Section& section, UplinkConfig& uplink) {
  const BrokerSettings broker = read_broker(section, "broker");
  uplink.broker = broker.url;
  uplink.tls = {broker.ca_file, broker.certificate_file, broker.key_file};
  uplink.user = broker.user;
  uplink.password_file = broker.password_file;
  section.file(
      {.key = "command_key_file",
       .help = "the centre's public Ed25519 key (PEM): a reset that it signs is carried out; without, none is"},
      uplink.command_key_file);
  if (!uplink.command_key_file.empty())
    if (const auto key = VerifyingKey::load(uplink.command_key_file); !key)
      section.fault("command_key_file", "is not usable: " + key.error().message,
                    "command.pub, made by make-certificates FOLDER command");
  section.millis({.key = "hello_every_ms",
                  .help = "how often the edge greets the centre; also its heartbeat",
                  .min = 1000,
                  .max = kHour},
                 uplink.hello_every);
  section.millis({.key = "resend_after_ms",
                  .help = "a record without a receipt for so long is sent again",
                  .min = 100,
                  .max = kHour},
                 uplink.resend_after);
  section.integer({.key = "window", .help = "records in flight that no receipt covers yet", .min = 1, .max = 1000},
                  uplink.window);
  section.integer({.key = "window_bytes", .help = "the same in bytes", .unit = "bytes", .min = 65536, .max = 1 << 26},
                  uplink.window_bytes);
  section.millis({.key = "retain_received_ms",
                  .help = "how long records that the centre has received stay here",
                  .min = 0,
                  .max = 720 * kHour},
                 uplink.retain_received);
}

void read_key(Section& section, const Setting& setting, std::string& file) {
  section.file(setting, file);
  if (file.empty()) return;
  if (const auto key = CipherKey::load(file); !key)
    section.fault(setting.key, "is not usable: " + key.error().message, "a file made by: openssl rand -hex 32");
}

void read_buffer(Section& section, BufferConfig& buffer) {
  section.integer(
      {.key = "max_bytes", .help = "cap of the buffer on disk", .unit = "bytes", .min = 1 << 20, .max = 1ull << 44},
      buffer.max_bytes);
  section.millis({.key = "commit_every_ms",
                  .help = "samples are committed together so often; alert events at once",
                  .min = 1,
                  .max = 250},
                 buffer.commit_every);
  read_key(section,
           {.key = "key_file",
            .help = "a key (openssl rand -hex 32) with which everything that is written is encrypted; without, it is "
                    "not",
            .example = "\"credential:buffer.key\"",
            .secret = true},
           buffer.key_file);
  read_key(
      section,
      {.key = "previous_key_file",
       .help = "the key_file of before, after a change or when encryption is switched off: reads what still stands "
               "under it",
       .secret = true},
      buffer.previous_key_file);
  if (!buffer.key_file.empty() && buffer.commit_every < kLeastCommitWithKey)
    section.fault("commit_every_ms",
                  "is " + std::to_string(buffer.commit_every.count()) + " with a key_file, whose key would wear out",
                  "at least " + std::to_string(kLeastCommitWithKey.count()) + " with encryption");
}

void check_modbus_annunciator(Section& section, const AnnunciatorConfig& annunciator) {
  refuse_keys(section, {"topic"}, annunciator.connect);
  if (!section.has("coil") && !section.has("level_register"))
    section.fault("", "has neither coil nor level_register", "coil = 0 to 65535, level_register = 0 to 65535, or both");
  if (annunciator.level_register && annunciator.level_register == annunciator.heartbeat_register)
    section.fault("heartbeat_register", "is the level_register too", "another register");
}

void check_mqtt_annunciator(Section& section, const AnnunciatorConfig& annunciator) {
  refuse_keys(section, {"unit", "coil", "level_register", "heartbeat_register"}, annunciator.connect);
  if (!annunciator.connect.path.empty())
    section.fault("connect", "has a path", "mqtt://HOST[:PORT]; the topic has its own key");
  if (!section.has("topic")) section.fault("", "has no topic", "topic = \"site/siren\"");
  if (section.has("topic") && (annunciator.topic.empty() || !plain_topic(annunciator.topic)))
    section.fault("topic", "is " + Section::shown(annunciator.topic),
                  "a topic without wildcards, empty parts and '/' at its ends");
}

void read_annunciator(Section& section, AnnunciatorConfig& annunciator, SerialLines& lines) {
  const auto endpoint = read_endpoint(section);
  section.integer({.key = "unit", .help = "Modbus unit identifier", .min = 0, .max = 255}, annunciator.unit);
  section.integer({.key = "coil", .help = "on while the alarm sounds"}, annunciator.coil);
  section.integer({.key = "level_register", .help = "holding register for the highest level, 0 to 4"},
                  annunciator.level_register);
  section.integer({.key = "heartbeat_register", .help = "holding register that counts up at each beat"},
                  annunciator.heartbeat_register);
  section.text({.key = "topic", .help = "MQTT topic for {\"sound\", \"level\", \"beat\"}"}, annunciator.topic);
  section.level({.key = "from", .help = "sounds at this level and above"}, annunciator.from);
  section.millis({.key = "beat_ms", .help = "how often it is written", .min = 100, .max = kMinute}, annunciator.beat);
  if (!endpoint) return;
  annunciator.connect = *endpoint;
  lines.add(section, *endpoint);
  if (endpoint->scheme == Endpoint::Scheme::mqtt)
    check_mqtt_annunciator(section, annunciator);
  else
    check_modbus_annunciator(section, annunciator);
}

void read_poll_classes(Section& root, PollClasses& classes) {
  root.named({.key = "poll_class", .help = "how often the points of this class are read"},
             [&](const std::string& name, Section& section) {
               if (!section.describing() && !valid_name(name))
                 section.fault("", "is no name", "a to z, 0 to 9 and '-', for example [poll_class.hazchem]");
               const auto known = classes.find(name);
               Pace pace = known == classes.end() ? Pace{} : known->second;
               read_pace(section, known == classes.end(), pace);
               classes[name] = pace;
             });
}

void read_box(Section& section, BoxConfig& box) {
  section.text({.key = "title", .help = "the name that people read"}, box.title);
  section.millis({.key = "poll_ms", .help = "how often the box looks at itself", .min = 1000, .max = kHour}, box.poll);
  read_limit_overrides(section, &box_profile(), box.limits);
}

void read_devices(Section& root, ProfileShelf& shelf, SerialLines& serial, Config& config) {
  std::map<std::string, int> lines;  // of names already seen
  root.tables({.key = "device", .help = "a device that is read", .required = true}, [&](Section& section) {
    DeviceConfig device = read_device(section, shelf, serial, config.poll_classes);
    if (config.box && device.name == kBoxDevice)
      section.fault("name", "is \"box\", which is the device of [box]", "another name, or no [box]");
    const auto [seen, is_new] = lines.emplace(device.name, section.line("name"));
    if (!is_new && !device.name.empty())
      section.fault("name", "is " + Section::shown(device.name) + " again (line " + std::to_string(seen->second) + ")",
                    "a name that no other device of this file has");
    config.devices.push_back(std::move(device));
  });
}

void read_file(Section& root, Config& config, std::vector<Fault>& faults) {
  std::vector<std::string> folders;
  SerialLines lines;
  root.table({.key = "edge", .help = "this edge", .required = true},
             [&](Section& s) { folders = read_edge(s, config); });
  root.table({.key = "uplink", .help = "the line to the centre", .required = true},
             [&](Section& s) { read_uplink(s, config.uplink); });
  root.table({.key = "buffer", .help = "what is kept until the centre has it"},
             [&](Section& s) { read_buffer(s, config.buffer); });
  root.table({.key = "annunciator", .help = "the alarm on site"},
             [&](Section& s) { read_annunciator(s, config.annunciator.emplace(), lines); });
  root.table(
      {.key = "box", .help = "the health of this box as points of a device \"box\"; none unless the section is there"},
      [&](Section& s) { read_box(s, config.box.emplace()); });
  root.table({.key = "log", .help = "log lines"}, [&](Section& s) {
    s.choice<log::Level>({.key = "level", .help = "lines below are dropped"}, kLogLevels, config.log_level);
  });
  read_poll_classes(root, config.poll_classes);
  ProfileShelf shelf(folders, faults);
  read_devices(root, shelf, lines, config);
  config.profiles = shelf.take();
}

/// A device, as its points see it.
struct Owner {
  std::string name, title, asset;
  const std::map<std::string, Limits>& limits;
  Millis period;
};

PointDefinition define(const std::string& site, const Owner& owner, const ProfilePoint& point) {
  const auto limits = owner.limits.find(point.name);
  return {.path = {site, owner.name, point.name},
          .name = owner.title + (owner.title.empty() || point.title.empty() ? "" : " ") + point.title,
          .unit = point.unit,
          .asset = site + "/" + (owner.asset.empty() ? owner.name : owner.asset),
          .limits = limits == owner.limits.end() ? point.limits : limits->second,
          .period = owner.period};
}

/// The points of all devices in order, then those of the box; a valid configuration only.
void build_definition(Config& config) {
  std::vector<PointDefinition>& points = config.definition.edit().points;
  std::size_t count = config.box ? box_profile().points.size() : 0;
  for (const DeviceConfig& device : config.devices) count += config.profiles.at(device.profile).points.size();
  points.reserve(count);
  for (std::size_t d = 0; d < config.devices.size(); ++d) {
    const DeviceConfig& device = config.devices[d];
    const Profile& profile = config.profiles.at(device.profile);
    for (std::size_t p = 0; p < profile.points.size(); ++p) {
      const ProfilePoint& point = profile.points[p];
      const Owner owner{device.name, device.title, device.asset, device.limits, pace_of(config, device, point).period};
      points.push_back(define(config.site, owner, point));
      config.origins.push_back({d, p});
    }
  }
  if (!config.box) return;
  const Owner box{std::string(kBoxDevice), config.box->title, "", config.box->limits, config.box->poll};
  for (const ProfilePoint& point : box_profile().points) points.push_back(define(config.site, box, point));
}

/// A key that everyone may read is a fault of the machine, not of the file: said, but no reason not to run.
void warn_of_open_keys(Config& config) {
  std::set<std::string> keys{config.uplink.tls.key_file, config.uplink.password_file, config.buffer.key_file,
                             config.buffer.previous_key_file};
  for (const DeviceConfig& device : config.devices) keys.insert(device.connect.tls.key_file);
  if (config.annunciator) keys.insert(config.annunciator->connect.tls.key_file);
  for (const std::string& key : keys)
    if (readable_by_all(key))
      config.warnings.push_back(key + " can be read by every user of this machine; right would be: chmod o-r " + key);
}

}  // namespace

Pace pace_of(const Config& config, const DeviceConfig& device, const ProfilePoint& point) {
  const std::string& name = device.poll_class.empty() ? point.poll_class : device.poll_class;
  return (name.empty() ? device.pace : config.poll_classes.at(name)).times(point.every);
}

std::expected<Config, std::vector<Fault>> read_config(const Document& document) {
  std::vector<Fault> faults;
  Config config;
  config.file = document.file();
  {
    Section root(document, faults);
    read_file(root, config, faults);
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  build_definition(config);
  warn_of_open_keys(config);
  return config;
}

std::expected<Config, std::vector<Fault>> load_config(const std::string& file) {
  const auto document = Document::load(file);
  if (!document) return std::unexpected(std::vector{document.error()});
  return read_config(*document);
}

std::vector<SettingDescription> describe_config() {
  std::vector<SettingDescription> descriptions;
  std::vector<Fault> none;
  Config config;
  Section root(descriptions);
  read_file(root, config, none);
  return descriptions;
}

}  // namespace anlan::edge
