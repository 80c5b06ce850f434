#include "edge/sensor/profile_source.hpp"

#include <array>

#include "edge/sensor/topic.hpp"

namespace anlan::edge {
namespace {

template <class E, std::size_t N>
using WordTable = std::array<std::pair<std::string_view, E>, N>;

constexpr WordTable<Table, 4> kTables{{{"coils", Table::coils},
                                       {"discrete", Table::discrete_inputs},
                                       {"holding", Table::holding_registers},
                                       {"input", Table::input_registers}}};
constexpr WordTable<ValueType, 13> kTypes{{{"boolean", ValueType::boolean},
                                           {"u16", ValueType::u16},
                                           {"i16", ValueType::i16},
                                           {"u32", ValueType::u32},
                                           {"i32", ValueType::i32},
                                           {"u64", ValueType::u64},
                                           {"i64", ValueType::i64},
                                           {"f32", ValueType::f32},
                                           {"f64", ValueType::f64},
                                           {"bcd16", ValueType::bcd16},
                                           {"bcd32", ValueType::bcd32},
                                           {"bcd64", ValueType::bcd64},
                                           {"text", ValueType::text}}};
constexpr WordTable<ByteOrder, 4> kOrders{
    {{"abcd", ByteOrder::abcd}, {"cdab", ByteOrder::cdab}, {"badc", ByteOrder::badc}, {"dcba", ByteOrder::dcba}}};

bool is_unsigned(ValueType type) { return type == ValueType::u16 || type == ValueType::u32 || type == ValueType::u64; }

/// bit = 3, or bits = [4, 7].
void read_bits(Section& section, std::optional<BitField>& out) {
  std::optional<int> bit;
  std::vector<std::int64_t> bits;
  section.integer({.key = "bit", .help = "one bit of an unsigned number, 0 the least significant", .min = 0, .max = 63},
                  bit);
  section.integers({.key = "bits",
                    .help = "first and last bit of a field of an unsigned number, 0 the least significant",
                    .example = "[4, 7]",
                    .min = 0,
                    .max = 63},
                   bits);
  if (section.has("bit") && section.has("bits")) section.fault("bits", "is given beside bit", "one of the two");
  if (bit) out = BitField{*bit, 1};
  if (bits.empty()) return;
  if (bits.size() != 2 || bits[0] > bits[1])
    return section.fault("bits", "is not a first and a last bit",
                         "two whole numbers, the smaller first, such as [4, 7]");
  out = BitField{static_cast<int>(bits[0]), static_cast<int>(bits[1] - bits[0] + 1)};
}

void check_bits(Section& section, const ModbusSource& source) {
  const std::string_view key = section.has("bits") ? "bits" : "bit";
  if (is_bit_table(source.table))
    return section.fault(key, "is given for a table of bits", "no bits, or table = \"holding\" or \"input\"");
  if (!is_unsigned(source.type))
    return section.fault(key, "is given for a number with a sign or a point", "type u16, u32 or u64, or none for u16");
  const int width = 16 * source.count();
  if (source.bits->first + source.bits->count > width)
    section.fault(key, "reaches bit " + std::to_string(source.bits->first + source.bits->count - 1),
                  "bits 0 to " + std::to_string(width - 1) + ", or a wider type");
}

void check(Section& section, const ModbusSource& source) {
  if (source.address + source.count() > 65536)
    section.fault(
        "address",
        "is " + std::to_string(source.address) + " for a value of " + std::to_string(source.count()) + " registers",
        "at most " + std::to_string(65536 - source.count()) + ": the table ends at 65535");
  const bool bits = is_bit_table(source.table);
  if (bits && source.type != ValueType::boolean)
    section.fault("type", "is not boolean", "boolean: coils and discrete inputs are bits");
  if (!bits && source.type == ValueType::boolean)
    section.fault("type", "is boolean in a table of registers", "a bit = 0 to 15, or a number type");
  if (source.bits) check_bits(section, source);
  if (section.has("length") && source.type != ValueType::text)
    section.fault("length", "is given for a type that has its own", "no length, or type = \"text\"");
  if (section.has("order") && bits) section.fault("order", "is given for a bit", "no order: only registers have one");
}

/// RFC 6901 §3: empty, or parts that begin with '/'; '~' only as ~0 or ~1.
bool valid_pointer(std::string_view pointer) {
  if (!pointer.empty() && pointer.front() != '/') return false;
  for (auto at = pointer.find('~'); at != pointer.npos; at = pointer.find('~', at + 1))
    if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1')) return false;
  return true;
}

}  // namespace

void read_table(Section& section, bool required, Table& out) {
  section.choice<Table>({.key = "table", .help = "which of the four Modbus tables", .required = required}, kTables,
                        out);
}

void read_modbus_source(Section& section, const SourceReading& how, ModbusSource& source) {
  const std::size_t before = section.fault_count();
  const bool known = how.known;
  if (section.has("type")) source.bits.reset();
  read_table(section, !known, source.table);
  section.integer({.key = "address",
                   .help = "first register or bit, as on the wire: from 0, so register 40001 is holding 0",
                   .required = !known},
                  source.address);
  read_bits(section, source.bits);
  const bool bit_table = is_bit_table(source.table);
  if (!known && bit_table) source.type = ValueType::boolean;
  section.choice<ValueType>({.key = "type",
                             .help = "how the registers are read; may be left out for bits (then u16, or boolean)",
                             .required = !known && !bit_table && !section.has("bit") && !section.has("bits")},
                            kTypes, source.type);
  if (!bit_table && source.bits && source.type == ValueType::boolean) source.type = ValueType::u16;
  section.integer({.key = "length",
                   .help = "registers of a text",
                   .min = 1,
                   .max = static_cast<double>(how.most_registers),
                   .required = !known && source.type == ValueType::text},
                  source.length);
  if (source.type != ValueType::text && !section.has("length")) source.length = 1;
  section.choice<ByteOrder>({.key = "order", .help = "how the bytes lie in the registers; abcd is Modbus's own"},
                            kOrders, source.order);
  if (section.fault_count() == before) check(section, source);
}

MqttSource read_mqtt_source(Section& section) {
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

}  // namespace anlan::edge
