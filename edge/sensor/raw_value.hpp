// Registers to the number that stands in them, before anybody knows its scale. Pure. The orders are those of
// profile.hpp, floats are IEEE 754.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edge/sensor/profile.hpp"

namespace anlan::edge {

struct Raw {
  enum class Form : std::uint8_t {
    none,     // no number: a BCD digit above 9, a text that is no number
    integer,  // in `integer`
    large,    // an unsigned integer of 2^63 or more: `bits`
    real,     // in `real`; may be NaN or infinite
  };
  Form form = Form::none;
  std::int64_t integer = 0;
  double real = 0;
  /// What stands in the registers as one number of the type's width, brought into order: what fault patterns are
  /// compared with. Of a bit field: its bits, shifted down. Of a text (and of a number from MQTT): pattern(real).
  std::uint64_t bits = 0;
};

/// `registers`: source.count() of them, as they came. Of a table of bits one word, 0 or not.
Raw decode(const ModbusSource& source, std::span<const std::uint16_t> registers);

/// The way back: the registers (or the one bit) in which `bits` stand. REQUIRES no bit field and no text.
std::vector<std::uint16_t> words_of(const ModbusSource& source, std::uint64_t bits);

/// The bits of a double; both zeros are one.
std::uint64_t pattern(double number);

/// The bytes of `registers` in order, without the spaces and NULs around them. Not checked to be ASCII.
std::string text_of(std::span<const std::uint16_t> registers, ByteOrder order);

/// The number that `text` is: decimal, with optional sign, point and exponent, and spaces around it; nothing else.
/// False: none (then `out` is as it was), or one that no finite double is near to.
bool number_of(std::string_view text, double& out);

}  // namespace anlan::edge
