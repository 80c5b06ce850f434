// How a double is written so that the engine gives it back to the bit. VictoriaMetrics keeps decimals with a common
// exponent for a block of values: of 307.34149169921875 it keeps 12 digits, and one large value takes the digits of its
// neighbours (docs/decisions/0076-telemetry-in-victoriametrics.md has what was tried). Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace anlan::collector::victoria {

enum class Form : std::uint8_t {
  decimal,  // written as it is
  float32,  // written as the shortest decimal that the same 32-bit float stands for: instruments send those
  bits,     // written as two whole numbers, the halves of its bits; beside it roughly, for people
  none,     // kNoValue, and no other NaN
};

/// At most six digits after the point below a million, or whole and below 10^9: any mixture of such values in one block
/// has a common exponent within 15 digits, so each comes back as it was.
bool is_exact_decimal(double value);

struct Written {
  Form form = Form::none;
  double shown = 0;  // what goes into the series of values; of `bits`: the value itself, which may come back rounded
};

/// kNoValue to the bit.
bool is_no_value(double value);

/// Total. Of an infinity or another NaN nothing can be shown (Form::bits, `shown` not finite).
Written written(double value);

/// The value that was written as `shown` in this form (decimal or float32).
double read_back(Form form, double shown);

std::uint32_t high_half(double value);
std::uint32_t low_half(double value);
double from_halves(std::uint32_t high, std::uint32_t low);

}  // namespace anlan::collector::victoria
