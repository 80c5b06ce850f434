#include "edge/app/device_section.hpp"

#include <algorithm>
#include <array>

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

/// Whether the profile lets the point be written, under one of its revisions at least.
bool can_be_written(const Profile& profile, const ProfilePoint& point) {
  const auto index = static_cast<std::size_t>(&point - profile.points.data());
  return point.write_function != 0 || std::ranges::any_of(profile.revisions.list, [&](const Revision& revision) {
           const auto other = revision.points.find(index);
           return other != revision.points.end() && other->second.write_function != 0;
         });
}

void read_writable(Section& section, const Profile* profile, const std::string& name, DeviceConfig& device) {
  bool writable = false;
  section.flag({.key = "writable",
                .help = "people may write it by `anlan-edge write`; only where its profile lets it be written"},
               writable);
  const ProfilePoint* point = profile && writable ? find_point(*profile, name) : nullptr;
  if (point && !can_be_written(*profile, *point))
    section.fault("writable", "is true while profile " + profile->id + " does not let it be written",
                  "writable = true at this point of the profile, where its manual says so, or the key left out");
  if (writable) device.writable.insert(name);
}

/// report, heartbeat_ms, [device.points.NAME].
void read_points(Section& section, const Profile* profile, DeviceConfig& device) {
  constexpr std::array<std::pair<std::string_view, bool>, 2> kWords{{{"all", false}, {"change", true}}};
  section.choice<bool>(
      {.key = "report", .help = "which samples are kept and sent: all, or those that say something new"}, kWords,
      device.report_changes);
  section.millis({.key = "heartbeat_ms",
                  .help = "report = \"change\": an unchanged value is kept so often all the same",
                  .min = 1'000,
                  .max = 86'400'000},
                 device.heartbeat);
  if (section.has("heartbeat_ms") && !device.report_changes)
    section.fault("heartbeat_ms", "is given while every sample is reported",
                  "report = \"change\", or the key left out");
  section.named({.key = "points", .help = "what this device's points are to do otherwise"},
                [&](const std::string& name, Section& point) {
                  if (profile && find_point(*profile, name) == nullptr) unknown_point(point, *profile, name);
                  double deadband = 0;
                  point.number({.key = "report_deadband",
                                .help = "report = \"change\": a change up to this is no news",
                                .unit = "the point's unit",
                                .min = 0},
                               deadband);
                  if (point.has("report_deadband") && !device.report_changes)
                    point.fault("report_deadband", "is given while every sample is reported",
                                "report = \"change\" of the device, or the key left out");
                  device.report_deadband[name] = deadband;
                  read_writable(point, profile, name, device);
                });
}

/// A class that nobody defines is a fault where it is named: by the device, or by a point of its profile.
void read_poll_class(Section& section, const Profile* profile, const PollClasses& classes, DeviceConfig& device) {
  section.name({.key = "poll_class",
                .help = "Modbus: all its points are read as often as this class, whatever poll_ms and the profile say",
                .example = "\"hazchem\""},
               device.poll_class);
  std::vector<std::string> names;
  std::string all;
  for (const auto& [name, pace] : classes) {
    names.push_back(name);
    all += (all.empty() ? "one of " : ", ") + name;
  }
  const auto unknown = [&](std::string_view key, const std::string& is, const std::string& name) {
    if (name.empty() || classes.contains(name)) return false;
    section.fault(key, is + Section::shown(name) + did_you_mean(name, names), all + "; or a [poll_class." + name + "]");
    return true;
  };
  if (!device.poll_class.empty()) {
    unknown("poll_class", "is ", device.poll_class);
    for (const std::string_view key : {"poll_ms", "raised_poll_ms"})
      if (section.has(key)) section.fault(key, "is given beside poll_class", "one of the two");
    return;
  }
  if (profile == nullptr) return;
  for (const ProfilePoint& point : profile->points)
    if (unknown("profile", "has a point " + point.name + " of poll_class ", point.poll_class)) return;
}

void read_times(Section& section, DeviceConfig& device) {
  read_pace(section, false, device.pace);
  section.millis({.key = "timeout_ms", .help = "Modbus: how long one answer may take", .min = 10, .max = 60'000},
                 device.timeout);
  section.millis({.key = "stale_after_ms",
                  .help = "MQTT: silence after which its points are stale; 0: three times poll_ms",
                  .min = 0,
                  .max = 86'400'000},
                 device.stale_after);
  if (device.stale_after != Millis{0} && device.stale_after < device.pace.period)
    section.fault("stale_after_ms",
                  "is " + std::to_string(device.stale_after.count()) + " while poll_ms is " +
                      std::to_string(device.pace.period.count()),
                  "at least poll_ms, or 0 for three times poll_ms");
}

}  // namespace

void read_pace(Section& section, bool required, Pace& pace) {
  const bool had = pace.raised < pace.period;
  section.millis({.key = "poll_ms",
                  .help = "Modbus: how often it is read; MQTT: how often it is expected to publish",
                  .min = 5,
                  .max = 86'400'000,
                  .required = required},
                 pace.period);
  if (!had || pace.raised > pace.period) pace.raised = pace.period;
  Millis raised{0};
  section.millis({.key = "raised_poll_ms",
                  .help = "Modbus: how often while the risk of one of its points is raised; 0: as poll_ms",
                  .min = 0,
                  .max = 86'400'000},
                 raised);
  if (!section.has("raised_poll_ms")) return;
  if (raised == Millis{0}) raised = pace.period;
  if (raised < Millis{5} || raised > pace.period)
    section.fault("raised_poll_ms",
                  "is " + std::to_string(raised.count()) + " while poll_ms is " + std::to_string(pace.period.count()),
                  "5 to poll_ms, or 0");
  pace.raised = raised;
}

void read_limit_overrides(Section& device, const Profile* profile, std::map<std::string, Limits>& out) {
  device.named({.key = "limits", .help = "limits of one point, over those of its profile"},
               [&](const std::string& name, Section& section) {
                 const ProfilePoint* point = profile ? find_point(*profile, name) : nullptr;
                 if (profile && point == nullptr) unknown_point(section, *profile, name);
                 Limits limits = point ? point->limits : Limits{};
                 read_limits(section, point ? ValidRange{point->valid_min, point->valid_max} : ValidRange{}, limits);
                 if (point) out.emplace(name, limits);
               });
}

DeviceConfig read_device(Section& section, ProfileShelf& shelf, SerialLines& lines, const PollClasses& classes) {
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
  read_poll_class(section, profile, classes, device);
  read_points(section, profile, device);
  read_limit_overrides(section, profile, device.limits);
  if (!endpoint) return device;
  device.connect = *endpoint;
  lines.add(section, *endpoint);
  if (profile) check_transport(section, *endpoint, *profile);
  if (endpoint->scheme == Endpoint::Scheme::mqtt) {
    refuse_keys(section, {"unit", "timeout_ms", "raised_poll_ms", "poll_class"}, *endpoint);
    if (device.stale_after == Millis{0}) device.stale_after = 3 * device.pace.period;
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
