// A firmware profile: one instrument family's points, where they are and what they mean (firmware-profiles/*.toml).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/base/shared.hpp"
#include "common/model/definition.hpp"

namespace anlan::edge {

/// The four tables of the Modbus application protocol (V1.1b3 §4.3), with the function code that reads each.
enum class Table : std::uint8_t { coils = 1, discrete_inputs = 2, holding_registers = 3, input_registers = 4 };

/// How registers become a number. BCD: four bits a decimal digit, the most significant first. text: ASCII, two
/// characters a register.
enum class ValueType : std::uint8_t { boolean, u16, i16, u32, i32, u64, i64, f32, f64, bcd16, bcd32, bcd64, text };

/// How a value's bytes lie in its registers; A is the most significant byte (of a text: the first). abcd is Modbus's
/// own order. Whatever the number of registers: cdab reverses the registers, badc swaps the two bytes of each, dcba
/// does both; so one register knows its bytes as they are (abcd, cdab) or swapped (badc, dcba).
enum class ByteOrder : std::uint8_t { abcd, cdab, badc, dcba };

/// The longest value: a text of 16 characters. A reading holds as many, so that it needs no memory of its own.
inline constexpr int kMaxValueRegisters = 8;

/// Registers a value of this type takes (bits: 1). A text says its own: ModbusSource::registers.
constexpr int register_count(ValueType type) {
  switch (type) {
    case ValueType::u32:
    case ValueType::i32:
    case ValueType::f32:
    case ValueType::bcd32:
      return 2;
    case ValueType::u64:
    case ValueType::i64:
    case ValueType::f64:
    case ValueType::bcd64:
      return 4;
    default:
      return 1;
  }
}

/// `count` bits of an unsigned integer, from bit `first` up; bit 0 is the least significant.
struct BitField {
  int first = 0, count = 1;
  bool operator==(const BitField&) const = default;
};

struct ModbusSource {
  Table table = Table::holding_registers;
  std::uint16_t address = 0;        // zero-based, as on the wire: register 40001 is holding register 0
  ValueType type = ValueType::u16;  // boolean in the tables of bits, and only there
  ByteOrder order = ByteOrder::abcd;
  std::optional<BitField> bits{};  // of a u16, u32 or u64: the value is these bits alone
  int length = 1;                  // registers of a text, 1 to kMaxValueRegisters

  /// How many registers (or bits, of which every value has one) it takes.
  constexpr int count() const { return type == ValueType::text ? length : register_count(type); }
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
  std::vector<std::uint64_t> fault_patterns;     // Raw::bits by which the device says that it cannot tell
  std::map<std::int64_t, std::string> meanings;  // enumeration: raw → text
  Limits limits;                                 // defaults of this instrument
  /// Function that writes the point: 5 or 15 (coils), 6 (one register) or 16; 0: it is never written.
  int write_function = 0;
  int every = 1;           // read at each n-th poll of its class or device
  std::string poll_class;  // how often it is read, by name; "" as the device says
  bool operator==(const ProfilePoint&) const = default;
};

/// Of one profile, in its order: its devices hold them together.
using ProfilePoints = Shared<std::vector<ProfilePoint>>;

/// What a Modbus device accepts, and addresses between its points that must not be touched: many instruments answer a
/// request over one of those with an exception.
struct ModbusReading {
  struct Range {
    Table table = Table::holding_registers;
    std::uint16_t first = 0, last = 0;  // both included
    bool operator==(const Range&) const = default;
  };
  int max_registers = 125, max_bits = 2000;  // the specification's own limits (V1.1b3 §6.1 to §6.4)
  /// Registers between two points that one request may read along, though no point asks for them; of bits 16 times as
  /// many, for they take as much of the line. No limit unless said: on a network a request always costs more than the
  /// registers that it saves.
  int max_gap = 125;
  bool multiple = true;  // false: a request reads the registers of one value, never more
  Millis pause{0};       // between the end of one request to the device and the next
  std::vector<Range> forbidden{};
  bool operator==(const ModbusReading&) const = default;
};

/// Where a device says which firmware it has.
struct FirmwareQuestion {
  std::optional<std::uint8_t> object;  // function 43/14 (V1.1b3 §6.21): this object; 2 is MajorMinorRevision
  ModbusSource source;                 // otherwise: these registers, a text up to kMaxFirmwareRegisters
  bool operator==(const FirmwareQuestion&) const = default;
};
inline constexpr int kMaxFirmwareRegisters = 32;

/// Which firmware a revision is for: one text, all that begin so, or the versions from `from` to below `below`.
struct FirmwareRule {
  std::optional<std::string> exact{}, prefix{}, from{},
      below{};  // exact or prefix alone, or from and below or one of them
  bool operator==(const FirmwareRule&) const = default;
};

struct Revision {
  std::string name;
  FirmwareRule rule;
  std::map<std::size_t, ProfilePoint> points;  // by index into Profile::points: what it has otherwise, or more
  std::set<std::size_t> absent;                // what it has not
  bool operator==(const Revision&) const = default;
};

/// How one profile describes several firmware revisions; empty where it describes one.
struct Revisions {
  std::optional<FirmwareQuestion> question;  // set where there are revisions
  bool otherwise_base = false;               // a firmware that none matches: the base; false: nothing is read
  std::set<std::size_t> absent;              // points that the base, without any revision, has not
  std::vector<Revision> list;
  bool operator==(const Revisions&) const = default;
};

/// `points` are those of all revisions: a device's definition is the same whatever firmware it turns out to have. A
/// point that only some revisions add stands there as the first of them has it. Name, title, unit, limits and poll
/// class of a point are the same in all.
struct Profile {
  std::string id;  // the file's name without .toml
  std::string vendor, model, firmware;
  std::string source;  // where the map comes from: document, repository and licence
  ModbusReading reading;
  std::vector<ProfilePoint> points;
  Revisions revisions;
  bool operator==(const Profile&) const = default;
};

}  // namespace anlan::edge
