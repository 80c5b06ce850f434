#include "edge/app/device_section.hpp"

#include <algorithm>

#include "common/config/nearest.hpp"
#include "edge/sensor/limits_section.hpp"

namespace anlan::edge {
namespace {

bool is_mqtt(const Profile& profile) { return std::holds_alternative<MqttSource>(profile.points.front().source); }

void check_transport(Section& section, const Endpoint& endpoint, const Profile& profile) {
  const bool mqtt = endpoint.scheme == Endpoint::Scheme::mqtt;
  if (mqtt == is_mqtt(profile)) return;
  section.fault(
      "connect",
      "is " + Section::shown(endpoint.str()) + " while profile " + profile.id + " is for " + (mqtt ? "Modbus" : "MQTT"),
      mqtt ? "modbus+tcp://, or a profile with topics" : "mqtt://, or a profile with Modbus tables");
}

const ProfilePoint* find_point(const Profile& profile, const std::string& name) {
  const auto found = std::ranges::find(profile.points, name, &ProfilePoint::name);
  return found == profile.points.end() ? nullptr : &*found;
}

void unknown_point(Section& section, const Profile& profile, const std::string& name) {
  std::vector<std::string> names;
  std::string all;
  for (const ProfilePoint& point : profile.points) {
    names.push_back(point.name);
    all += (all.empty() ? "one of " : ", ") + point.name;
  }
  section.fault("", "names no point of profile " + profile.id + did_you_mean(name, names), all);
}

/// [device.limits.POINT] over the profile's limits. Without a profile the keys are still checked.
void read_overrides(Section& device, const Profile* profile, std::map<std::string, Limits>& out) {
  device.named({.key = "limits", .help = "limits of one point, over those of its profile"},
               [&](const std::string& name, Section& section) {
                 const ProfilePoint* point = profile ? find_point(*profile, name) : nullptr;
                 if (profile && point == nullptr) unknown_point(section, *profile, name);
                 Limits limits = point ? point->limits : Limits{};
                 read_limits(section, point ? ValidRange{point->valid_min, point->valid_max} : ValidRange{}, limits);
                 if (point) out.emplace(name, limits);
               });
}

void read_times(Section& section, DeviceConfig& device) {
  section.millis({.key = "poll_ms",
                  .help = "Modbus: how often the device is read; MQTT: how often it is expected to publish",
                  .min = 5,
                  .max = 3'600'000},
                 device.poll);
  section.millis({.key = "timeout_ms", .help = "Modbus: how long one answer may take", .min = 10, .max = 60'000},
                 device.timeout);
  section.millis({.key = "stale_after_ms",
                  .help = "MQTT: silence after which its points are stale; 0: three times poll_ms",
                  .min = 0,
                  .max = 86'400'000},
                 device.stale_after);
  if (device.stale_after != Millis{0} && device.stale_after < device.poll)
    section.fault(
        "stale_after_ms",
        "is " + std::to_string(device.stale_after.count()) + " while poll_ms is " + std::to_string(device.poll.count()),
        "at least poll_ms, or 0 for three times poll_ms");
}

}  // namespace

DeviceConfig read_device(Section& section, ProfileShelf& shelf, SerialLines& lines) {
  DeviceConfig device;
  section.name({.key = "name", .help = "second part of site/device/point", .example = "\"tank-3\"", .required = true},
               device.name);
  section.text({.key = "title", .help = "the name that people read"}, device.title);
  section.name(
      {.key = "asset", .help = "what is in danger when its limits are exceeded; the device itself unless said"},
      device.asset);
  section.name({.key = "profile", .help = "its firmware profile", .example = "\"demo-tank\"", .required = true},
               device.profile);
  const auto endpoint = read_endpoint(section);
  section.integer({.key = "unit", .help = "Modbus unit identifier", .min = 0, .max = 255}, device.unit);
  read_times(section, device);

  const Profile* profile = device.profile.empty() ? nullptr : shelf.find(device.profile, section);
  read_overrides(section, profile, device.limits);
  if (!endpoint) return device;
  device.connect = *endpoint;
  lines.add(section, *endpoint);
  if (profile) check_transport(section, *endpoint, *profile);
  if (endpoint->scheme == Endpoint::Scheme::mqtt) {
    refuse_keys(section, {"unit", "timeout_ms"}, *endpoint);
    if (device.stale_after == Millis{0}) device.stale_after = 3 * device.poll;
  } else {
    refuse_keys(section, {"stale_after_ms"}, *endpoint);
    const bool serial =
        endpoint->scheme == Endpoint::Scheme::modbus_rtu || endpoint->scheme == Endpoint::Scheme::modbus_rtutcp;
    if (serial && device.unit == 0)
      section.fault("unit", "is 0, which on a serial line is everyone: nobody answers",
                    "1 to 247, as set on the device");
  }
  return device;
}

}  // namespace anlan::edge
