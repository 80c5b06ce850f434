// What a simulated instrument answers: holding registers that are all different at each poll. Pure; TCP and serial
// framing are their slaves' own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace anlan::bench {

constexpr std::uint8_t kReadHolding = 3, kIllegalFunction = 1, kIllegalValue = 3;
constexpr int kMostRegisters = 125;

class Instrument {
 public:
  std::uint64_t requests() const { return requests_; }
  std::uint64_t registers() const { return registers_; }

  /// Writes the answer to the request `pdu` (function and what follows) and returns its length, at most 252.
  std::size_t answer(std::span<const std::uint8_t> pdu, std::uint8_t* out) {
    ++requests_;
    if (pdu.size() != 5 || pdu[0] != kReadHolding) return refuse(pdu[0], kIllegalFunction, out);
    const int first = pdu[1] << 8 | pdu[2], count = pdu[3] << 8 | pdu[4];
    if (count < 1 || count > kMostRegisters) return refuse(pdu[0], kIllegalValue, out);
    registers_ += static_cast<std::uint64_t>(count);
    out[0] = kReadHolding;
    out[1] = static_cast<std::uint8_t>(2 * count);
    auto value = static_cast<std::uint16_t>(requests_ * 7 + static_cast<std::uint64_t>(first));
    for (int i = 0; i < count; ++i, ++value) {
      out[2 + 2 * i] = static_cast<std::uint8_t>(value >> 8);
      out[3 + 2 * i] = static_cast<std::uint8_t>(value);
    }
    return static_cast<std::size_t>(2 + 2 * count);
  }

 private:
  static std::size_t refuse(std::uint8_t function, std::uint8_t code, std::uint8_t* out) {
    out[0] = function | 0x80;
    out[1] = code;
    return 2;
  }
  std::uint64_t requests_ = 0, registers_ = 0;
};

}  // namespace anlan::bench
