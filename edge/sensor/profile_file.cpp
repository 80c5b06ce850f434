#include "edge/sensor/profile_file.hpp"

#include <filesystem>
#include <map>

#include "common/model/ids.hpp"
#include "edge/sensor/profile_point.hpp"
#include "edge/sensor/profile_source.hpp"
#include "edge/sensor/revision_section.hpp"

namespace anlan::edge {
namespace {

// --------------------------------------------------------------------------------------------------------

void read_points(Section& root, Profile& profile) {
  std::map<std::string, int> lines;  // of names already seen
  root.tables({.key = "point", .help = "one value of the instrument", .required = true}, [&](Section& section) {
    ProfilePoint point = read_point(section, read_point_name(section));
    const auto [seen, is_new] = lines.emplace(point.name, section.line("name"));
    if (!is_new && !point.name.empty())
      section.fault("name", "is " + Section::shown(point.name) + " again (line " + std::to_string(seen->second) + ")",
                    "a name that no other point of this file has");
    if (!profile.points.empty() && profile.points.front().source.index() != point.source.index())
      section.fault("", "mixes Modbus and MQTT in one file", "one file for each transport");
    profile.points.push_back(std::move(point));
  });
}

void read_forbidden(Section& section, ModbusReading& reading) {
  section.tables({.key = "forbidden", .help = "addresses between points that a request must not touch"},
                 [&](Section& s) {
                   ModbusReading::Range range;
                   read_table(s, true, range.table);
                   s.integer({.key = "first", .help = "first forbidden address", .required = true}, range.first);
                   s.integer({.key = "last", .help = "last forbidden address", .required = true}, range.last);
                   if (range.first > range.last) s.fault("last", "is before first", "first to last, both forbidden");
                   reading.forbidden.push_back(range);
                 });
}

/// What a point needs must be allowed.
void check_reading(Section& section, const ModbusReading& reading, const ProfilePoint& point) {
  const auto* source = std::get_if<ModbusSource>(&point.source);
  if (source == nullptr) return section.fault("", "is given for MQTT points", "the table left out");
  const int count = source->count();
  if (!is_bit_table(source->table) && count > reading.max_registers)
    section.fault("max_registers",
                  "is " + std::to_string(reading.max_registers) + " while point " + Section::shown(point.name) +
                      " takes " + std::to_string(count),
                  "at least the registers of the largest value");
  for (const auto& range : reading.forbidden)
    if (range.table == source->table && range.first < source->address + count && source->address <= range.last)
      section.fault("forbidden", "contains point " + Section::shown(point.name), "ranges without points");
}

void check_all(Section& section, const ModbusReading& reading, const Profile& profile) {
  const std::size_t before = section.fault_count();
  const auto check = [&](const ProfilePoint& point) {
    if (section.fault_count() == before) check_reading(section, reading, point);  // the others would say the same
  };
  for (const ProfilePoint& point : profile.points) check(point);
  for (const Revision& revision : profile.revisions.list)
    for (const auto& [i, point] : revision.points) check(point);
}

/// What joins points into requests means nothing where none are joined.
void check_multiple(Section& section, const ModbusReading& reading) {
  if (reading.multiple) return;
  for (const std::string_view key : {"max_registers", "max_bits", "max_gap"})
    if (section.has(key)) section.fault(key, "is given while multiple is false", "one of the two");
}

void read_reading(Section& root, Profile& profile) {
  root.table({.key = "modbus", .help = "what the device accepts in one request"}, [&](Section& section) {
    ModbusReading& reading = profile.reading;
    section.integer({.key = "max_registers", .help = "registers in one request", .min = 1, .max = 125},
                    reading.max_registers);
    section.integer({.key = "max_bits", .help = "coils or discrete inputs in one request", .min = 1, .max = 2000},
                    reading.max_bits);
    section.integer(
        {.key = "max_gap",
         .help = "registers between two points that a request may read over though no point asks for them; of "
                 "coils and discrete inputs 16 times as many",
         .min = 0,
         .max = 125},
        reading.max_gap);
    section.flag({.key = "multiple", .help = "false: a request may read one value only"}, reading.multiple);
    section.millis({.key = "pause_ms", .help = "between two requests to the device", .min = 0, .max = 10'000},
                   reading.pause);
    check_multiple(section, reading);
    read_forbidden(section, reading);
    check_all(section, reading, profile);
  });
}

void read_file(Section& root, Profile& profile) {
  root.text({.key = "vendor", .help = "who makes the instrument", .required = true}, profile.vendor);
  root.text({.key = "model", .help = "which instrument family", .required = true}, profile.model);
  root.text({.key = "firmware", .help = "which firmware revisions this map is true for"}, profile.firmware);
  root.text({.key = "source",
             .help = "where the map comes from: document or repository, and its licence",
             .max = 1000,
             .required = true},
            profile.source);
  read_points(root, profile);
  read_revisions(root, profile);
  read_reading(root, profile);
}

}  // namespace

std::expected<Profile, std::vector<Fault>> read_profile(const Document& document) {
  std::vector<Fault> faults;
  Profile profile;
  profile.id = std::filesystem::path(document.file()).stem().string();
  if (!valid_name(profile.id))
    faults.push_back({document.file(), 0, "the file's name is the profile's id and is no name",
                      "a to z, 0 to 9 and '-', then .toml"});
  {
    Section root(document, faults);
    read_file(root, profile);
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return profile;
}

std::expected<Profile, std::vector<Fault>> load_profile(const std::string& file) {
  const auto document = Document::load(file);
  if (!document) return std::unexpected(std::vector{document.error()});
  return read_profile(*document);
}

std::vector<SettingDescription> describe_profile() {
  std::vector<SettingDescription> descriptions;
  Section root(descriptions);
  Profile profile;
  read_file(root, profile);
  return descriptions;
}

}  // namespace anlan::edge
