#include "edge/sensor/profile_point.hpp"

#include <array>
#include <limits>

#include "edge/sensor/limits_section.hpp"
#include "edge/sensor/topic.hpp"

namespace anlan::edge {
namespace {

template <class E, std::size_t N>
using WordTable = std::array<std::pair<std::string_view, E>, N>;

constexpr WordTable<Table, 4> kTables{{{"coils", Table::coils},
                                       {"discrete", Table::discrete_inputs},
                                       {"holding", Table::holding_registers},
                                       {"input", Table::input_registers}}};
constexpr WordTable<ValueType, 9> kTypes{{{"boolean", ValueType::boolean},
                                          {"u16", ValueType::u16},
                                          {"i16", ValueType::i16},
                                          {"u32", ValueType::u32},
                                          {"i32", ValueType::i32},
                                          {"u64", ValueType::u64},
                                          {"i64", ValueType::i64},
                                          {"f32", ValueType::f32},
                                          {"f64", ValueType::f64}}};
constexpr WordTable<ByteOrder, 4> kOrders{
    {{"abcd", ByteOrder::abcd}, {"cdab", ByteOrder::cdab}, {"badc", ByteOrder::badc}, {"dcba", ByteOrder::dcba}}};

bool is_float(ValueType type) { return type == ValueType::f32 || type == ValueType::f64; }

/// What raw integers of a type can be; TOML has no integers above 2^63 - 1.
std::pair<std::int64_t, std::int64_t> raw_range(ValueType type) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  switch (type) {
    case ValueType::boolean:
      return {0, 1};
    case ValueType::u16:
      return {0, 0xFFFF};
    case ValueType::i16:
      return {-0x8000, 0x7FFF};
    case ValueType::u32:
      return {0, 0xFFFF'FFFF};
    case ValueType::i32:
      return {-0x8000'0000ll, 0x7FFF'FFFF};
    case ValueType::u64:
      return {0, kMost};
    default:
      return {std::numeric_limits<std::int64_t>::min(), kMost};
  }
}

// ---- where a value is
// ------------------------------------------------------------------------------------------------

void check_modbus(Section& section, const ModbusSource& source) {
  const int registers = register_count(source.type);
  if (source.address + registers > 65536)
    section.fault(
        "address",
        "is " + std::to_string(source.address) + " for a value of " + std::to_string(registers) + " registers",
        "at most " + std::to_string(65536 - registers) + ": the table ends at 65535");
  const bool bits = is_bit_table(source.table);
  if (bits && source.type != ValueType::boolean)
    section.fault("type", "is not boolean", "boolean: coils and discrete inputs are bits");
  if (bits && source.bit)
    section.fault("bit", "is given for a table of bits", "no bit, or table = \"holding\" or \"input\"");
  if (!bits && source.type == ValueType::boolean && !source.bit)
    section.fault("type", "is boolean in a table of registers", "a bit = 0 to 15, or a number type");
  if (!bits && source.bit && registers != 1)
    section.fault("bit", "is given for a value of " + std::to_string(registers) + " registers",
                  "type u16, i16 or boolean");
  if (section.has("order") && registers == 1)
    section.fault("order", "is given for a value of one register",
                  "no order: only values of two or more registers have one");
}

ModbusSource read_modbus(Section& section) {
  ModbusSource source;
  read_table(section, source.table);
  section.integer({.key = "address",
                   .help = "first register or bit, as on the wire: from 0, so register 40001 is holding 0",
                   .required = true},
                  source.address);
  section.integer({.key = "bit", .help = "one bit of a 16-bit register, 0 the least significant", .min = 0, .max = 15},
                  source.bit);
  const bool one_bit = is_bit_table(source.table) || source.bit;
  if (one_bit) source.type = ValueType::boolean;
  section.choice<ValueType>(
      {.key = "type", .help = "how the registers are read; may be left out for bits", .required = !one_bit}, kTypes,
      source.type);
  section.choice<ByteOrder>({.key = "order", .help = "how the bytes lie in the registers; abcd is Modbus's own"},
                            kOrders, source.order);
  return source;
}

/// RFC 6901 §3: empty, or parts that begin with '/'; '~' only as ~0 or ~1.
bool valid_pointer(std::string_view pointer) {
  if (!pointer.empty() && pointer.front() != '/') return false;
  for (auto at = pointer.find('~'); at != pointer.npos; at = pointer.find('~', at + 1))
    if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1')) return false;
  return true;
}

MqttSource read_mqtt(Section& section) {
  MqttSource source;
  section.text({.key = "topic", .help = "below the device's topic; \"\" is the device's topic itself"}, source.topic);
  section.text({.key = "pointer", .help = "JSON pointer (RFC 6901) to the value; \"\": the payload is the value"},
               source.pointer);
  if (!plain_topic(source.topic))
    section.fault("topic", "is " + Section::shown(source.topic), "parts with '/' between them, without + and #");
  if (!valid_pointer(source.pointer))
    section.fault("pointer", "is " + Section::shown(source.pointer),
                  "a JSON pointer (RFC 6901), for example \"/pm25\"");
  return source;
}

void read_source(Section& section, ProfilePoint& point) {
  const std::size_t before = section.fault_count();
  const bool mqtt = section.has("topic") || section.has("pointer");
  if (section.describing()) {
    point.source = read_mqtt(section);
    point.source = read_modbus(section);
  } else if (mqtt) {
    point.source = read_mqtt(section);
  } else {
    point.source = read_modbus(section);
    if (section.fault_count() == before) check_modbus(section, std::get<ModbusSource>(point.source));
  }
}

// ---- what it means
// ---------------------------------------------------------------------------------------------------

/// Raw integers make sense for integers only, and only such as the type holds. At most one fault.
void check_raw(Section& section, std::string_view key, const ProfilePoint& point,
               const std::vector<std::int64_t>& raws) {
  const auto* modbus = std::get_if<ModbusSource>(&point.source);
  if (modbus == nullptr || raws.empty()) return;
  if (is_float(modbus->type))
    return section.fault(key, "is given for a floating-point type",
                         "valid_min and valid_max; NaN is a fault of the device anyway");
  const auto [least, most] = raw_range(modbus->bit ? ValueType::boolean : modbus->type);
  for (const std::int64_t raw : raws)
    if (raw < least || raw > most)
      return section.fault(key, "has " + std::to_string(raw) + ", which the register cannot hold",
                           std::to_string(least) + " to " + std::to_string(most) + " (before scale and offset)");
}

void read_value(Section& section, ProfilePoint& point) {
  std::vector<std::int64_t> raws_with_meaning;
  section.number({.key = "scale", .help = "value = raw * scale + offset"}, point.scale);
  section.number({.key = "offset", .help = "value = raw * scale + offset"}, point.offset);
  section.number({.key = "valid_min", .help = "a smaller value has quality out-of-range", .unit = "the point's unit"},
                 point.valid_min);
  section.number({.key = "valid_max", .help = "a larger value has quality out-of-range", .unit = "the point's unit"},
                 point.valid_max);
  section.integers({.key = "fault_values",
                    .help = "raw numbers by which the device says that it cannot tell",
                    .example = "[0x7fff]"},
                   point.fault_values);
  section.meanings(
      {.key = "meanings", .help = "what each raw number means", .example = "{ 0 = \"stopped\", 1 = \"running\" }"},
      [&](std::int64_t raw, std::string text) {
        raws_with_meaning.push_back(raw);
        point.meanings.emplace(raw, std::move(text));
      });
  section.integer({.key = "every", .help = "read at each n-th poll of the device", .min = 1, .max = 10000},
                  point.every);

  if (point.scale == 0) section.fault("scale", "is 0", "a number that is not 0");
  if (point.valid_min && point.valid_max && *point.valid_min >= *point.valid_max)
    section.fault("valid_max",
                  "is " + Section::shown(*point.valid_max) + " while valid_min is " + Section::shown(*point.valid_min),
                  "valid_min below valid_max");
  check_raw(section, "fault_values", point, point.fault_values);
  check_raw(section, "meanings", point, raws_with_meaning);
}

}  // namespace

void read_table(Section& section, Table& out) {
  section.choice<Table>({.key = "table", .help = "which of the four Modbus tables", .required = true}, kTables, out);
}

ProfilePoint read_point(Section& section) {
  ProfilePoint point;
  section.name(
      {.key = "name", .help = "last part of site/device/point", .example = "\"temperature\"", .required = true},
      point.name);
  section.text({.key = "title", .help = "the name that people read"}, point.title);
  section.text({.key = "unit", .help = "unit of the value after scale and offset; \"1\" where there is none"},
               point.unit);
  if (point.unit.empty()) section.fault("unit", "is empty", "the unit, or \"1\" where there is none");
  read_source(section, point);
  read_value(section, point);
  read_limits(section, {point.valid_min, point.valid_max}, point.limits);
  return point;
}

}  // namespace anlan::edge
