// A firmware profile: one instrument family's points, where they are and what they mean (firmware-profiles/*.toml).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/model/definition.hpp"

namespace anlan::edge {

/// The four tables of the Modbus application protocol (V1.1b3 §4.3), with the function code that reads each.
enum class Table : std::uint8_t { coils = 1, discrete_inputs = 2, holding_registers = 3, input_registers = 4 };

enum class ValueType : std::uint8_t { boolean, u16, i16, u32, i32, u64, i64, f32, f64 };

/// How a value's bytes lie in its registers; A is the most significant byte. abcd is Modbus's own order.
enum class ByteOrder : std::uint8_t { abcd, cdab, badc, dcba };  // 64 bit: words reversed, bytes swapped, or both

/// Registers a value of this type takes (bits: 1).
constexpr int register_count(ValueType type) {
  switch (type) {
    case ValueType::u32:
    case ValueType::i32:
    case ValueType::f32:
      return 2;
    case ValueType::u64:
    case ValueType::i64:
    case ValueType::f64:
      return 4;
    default:
      return 1;
  }
}

struct ModbusSource {
  Table table = Table::holding_registers;
  std::uint16_t address = 0;  // zero-based, as on the wire: register 40001 is holding register 0
  ValueType type = ValueType::u16;
  ByteOrder order = ByteOrder::abcd;
  std::optional<int> bit;  // of a 16-bit register, 0 = least significant; the value is 0 or 1, whatever `type` says
  bool operator==(const ModbusSource&) const = default;
};

struct MqttSource {
  std::string topic;    // below the device's topic prefix; "" is the prefix itself
  std::string pointer;  // RFC 6901 pointer into a JSON payload; "" means that the payload is the scalar
  bool operator==(const MqttSource&) const = default;
};

struct ProfilePoint {
  std::string name;   // last part of site/device/point
  std::string title;  // display name
  std::string unit = "1";
  std::variant<ModbusSource, MqttSource> source;
  double scale = 1, offset = 0;                  // value = raw * scale + offset
  std::optional<double> valid_min, valid_max;    // of the value; outside: Quality::out_of_range
  std::vector<std::int64_t> fault_values;        // raw integers by which the device says that it cannot tell
  std::map<std::int64_t, std::string> meanings;  // enumeration: raw → text
  Limits limits;                                 // defaults of this instrument
  int every = 1;                                 // poll class: read at each n-th poll of the device
  bool operator==(const ProfilePoint&) const = default;
};

/// What a Modbus device accepts in one request, and addresses between its points that must not be touched: many
/// instruments answer a request over one of those with an exception.
struct ModbusReading {
  struct Range {
    Table table = Table::holding_registers;
    std::uint16_t first = 0, last = 0;  // both included
    bool operator==(const Range&) const = default;
  };
  int max_registers = 125, max_bits = 2000;  // the specification's own limits (V1.1b3 §6.1 to §6.4)
  bool gaps = true;                          // false: nothing is read that no point asks for
  std::vector<Range> forbidden{};
  bool operator==(const ModbusReading&) const = default;
};

struct Profile {
  std::string id;  // the file's name without .toml
  std::string vendor, model, firmware;
  std::string source;  // where the map comes from: document, repository and licence
  ModbusReading reading;
  std::vector<ProfilePoint> points;
  bool operator==(const Profile&) const = default;
};

}  // namespace anlan::edge
