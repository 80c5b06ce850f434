#include "edge/sensor/profile_point.hpp"

#include <utility>

#include "edge/sensor/limits_section.hpp"
#include "edge/sensor/profile_source.hpp"
#include "edge/sensor/profile_value.hpp"

namespace anlan::edge {
namespace {

void read_source(Section& section, ProfilePoint& point) {
  const bool mqtt = section.has("topic") || section.has("pointer");
  if (mqtt || section.describing()) point.source = read_mqtt_source(section);
  if (mqtt) return;
  point.source = ModbusSource{};
  read_modbus_source(section, {}, std::get<ModbusSource>(point.source));
}

/// The function that writes a value of this source; 0: none does.
int usual_function(const ModbusSource& source) {
  if (source.table == Table::coils) return 5;
  if (source.table != Table::holding_registers || source.bits || source.type == ValueType::text) return 0;
  return source.count() == 1 ? 6 : 16;
}

void read_writing(Section& section, ProfilePoint& point) {
  bool writable = point.write_function != 0;
  std::optional<int> function;
  section.flag({.key = "writable", .help = "whether a person may write it"}, writable);
  section.integer({.key = "write_function",
                   .help = "Modbus function that writes it: 5 or 15 for a coil, 6 or 16 for one register, 16 for more",
                   .min = 5,
                   .max = 16},
                  function);
  if (section.describing()) return;
  if (function && !writable)
    section.fault("write_function", "is given for a point that is not writable", "writable = true");
  const int known = std::exchange(point.write_function, 0);
  if (!writable) return;
  const auto* source = std::get_if<ModbusSource>(&point.source);
  const int usual = source ? usual_function(*source) : 0;
  if (usual == 0)
    return section.fault("writable", "is true for what no function writes by itself",
                         "a coil, or a holding register that the point has alone");
  const int several = usual == 5 ? 15 : 16;
  if (function && *function != usual && *function != several)
    return section.fault(
        "write_function", "is " + std::to_string(*function),
        usual == several ? std::to_string(usual) : std::to_string(usual) + " or " + std::to_string(several));
  point.write_function = function ? *function : known == several ? several : usual;
}

void read_pace(Section& section, ProfilePoint& point) {
  section.integer({.key = "every", .help = "read at each n-th poll only", .min = 1, .max = 10000}, point.every);
  section.name(
      {.key = "poll_class",
       .help = "read as often as this class: hazchem, structure, or a [poll_class] of the edge's configuration",
       .example = "\"hazchem\""},
      point.poll_class);
  if (section.has("poll_class") && std::holds_alternative<MqttSource>(point.source))
    section.fault("poll_class", "is given for a point that publishes by itself", "the key left out");
}

/// Can a good value reach every limit?
bool reachable(const ProfilePoint& point) {
  for (const LevelLimits* limits : {&point.limits.high, &point.limits.low})
    for (const auto& limit : limits->at)
      if (limit && (limit < point.valid_min || (point.valid_max && limit > point.valid_max))) return false;
  return true;
}

}  // namespace

std::string read_point_name(Section& section) {
  std::string name;
  section.name(
      {.key = "name", .help = "last part of site/device/point", .example = "\"temperature\"", .required = true}, name);
  return name;
}

ProfilePoint read_point(Section& section, std::string name) {
  ProfilePoint point;
  point.name = std::move(name);
  section.text({.key = "title", .help = "the name that people read"}, point.title);
  section.text({.key = "unit", .help = "unit of the value after scale and offset; \"1\" where there is none"},
               point.unit);
  if (point.unit.empty()) section.fault("unit", "is empty", "the unit, or \"1\" where there is none");
  read_source(section, point);
  read_value(section, point);
  read_writing(section, point);
  read_pace(section, point);
  read_limits(section, {point.valid_min, point.valid_max}, point.limits);
  return point;
}

ProfilePoint read_changed_point(Section& section, ProfilePoint point) {
  const std::size_t before = section.fault_count();
  auto* source = std::get_if<ModbusSource>(&point.source);
  if (source == nullptr) {
    section.fault("", "changes a point for MQTT", "Modbus: only such devices are asked for their firmware");
    return point;
  }
  const ModbusSource old = *source;
  read_modbus_source(section, {.known = true}, *source);
  if (source->type != old.type || source->bits != old.bits) {
    point.fault_patterns.clear();
    point.meanings.clear();
  }
  read_value(section, point);
  read_writing(section, point);
  if (section.fault_count() == before && !reachable(point))
    section.fault("", "has a valid range beyond which a limit of the point lies", "a range that holds all its limits");
  return point;
}

}  // namespace anlan::edge
