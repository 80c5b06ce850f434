// Every setting of the edge daemon, once. load_config() reads it, reports all faults at once, and clamps nothing.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/log.hpp"
#include "common/base/shared.hpp"
#include "common/config/document.hpp"
#include "common/config/fault.hpp"
#include "common/config/section.hpp"
#include "common/io/mqtt_client.hpp"
#include "common/model/definition.hpp"
#include "edge/sensor/device.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

struct UplinkConfig {
  std::string broker;  // mqtt:// (loopback only) or mqtts://
  MqttTls tls;
  std::string user, password_file;
  Millis hello_every{30'000};  // also the heartbeat
  Millis resend_after{10'000};
  int window = 64;  // records in flight that no receipt covers yet
  std::uint64_t window_bytes = 1 << 20;
  std::string command_key_file;      // public key of the centre; empty: its orders are refused
  Millis retain_received{3600'000};  // rule 8: how long received records stay
};

struct BufferConfig {
  std::uint64_t max_bytes = 1ull << 30;
  Millis commit_every{250};       // group commit of samples, at most 250 ms
  std::string key_file;           // what is written is encrypted with this key; empty: it is not
  std::string previous_key_file;  // the key of before: only reads
};

/// Local alarm (DESIGN.md §3.9): a Modbus coil and heartbeat register, or an MQTT topic.
struct AnnunciatorConfig {
  Endpoint connect;
  int unit = 1;
  std::optional<std::uint16_t> coil;                // on while the alarm sounds
  std::optional<std::uint16_t> level_register;      // 0 to 4: highest active level
  std::optional<std::uint16_t> heartbeat_register;  // counts up; a sounder that sees it stand still sounds by itself
  std::string topic;                                // mqtt: JSON {"sound":…,"level":…,"beat":…}
  Level from = Level::orange;                       // sounds at this level and above
  Millis beat{1000};
};

/// The health of the box as points of a device "box" (edge/box/box_health.hpp).
struct BoxConfig {
  std::string title = "现场主机";
  Millis poll{60'000};
  std::map<std::string, Limits> limits;  // over those of box_profile()
};

struct Config {
  std::string file;  // where it was read
  std::string id, site, title;
  std::string data_dir;  // buffer.db, control.sock
  UplinkConfig uplink;
  BufferConfig buffer;
  PollClasses poll_classes = known_poll_classes();
  std::vector<DeviceConfig> devices;
  std::optional<AnnunciatorConfig> annunciator;
  std::optional<BoxConfig> box;
  std::string metrics_listen;  // "127.0.0.1:9101"; empty: none
  log::Level log_level = log::Level::info;
  std::map<std::string, Profile> profiles;  // those that devices name
  std::vector<std::string> warnings;        // what works but should not be so: keys that everyone may read

  /// The points of all devices in order of configuration, and which device and profile point each is.
  struct PointOrigin {
    std::size_t device = 0, profile_point = 0;
  };
  Shared<Definition> definition;
  std::vector<PointOrigin> origins;  // parallel to definition.points, which ends with those of the box
};

/// How often a point of the profile is read.
Pace pace_of(const Config& config, const DeviceConfig& device, const ProfilePoint& point);

/// Reads the file and the profiles it names: [edge] profiles = DIR (relative to the file; default firmware-profiles
/// beside it, then the installed one). Either a whole valid configuration, or every fault found. Relative paths are
/// relative to the file's folder; those in the result are not.
std::expected<Config, std::vector<Fault>> load_config(const std::string& file);

/// The same from a document at hand.
std::expected<Config, std::vector<Fault>> read_config(const Document& document);

/// All settings, for the reference page.
std::vector<SettingDescription> describe_config();

}  // namespace anlan::edge
