// What a sensor said, before anybody knows what it means (edge/sample does).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "common/model/sample.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

struct Reading {
  enum class Form : std::uint8_t { none, registers, number };

  std::uint32_t point = 0;  // index into the definition's points
  Form form = Form::none;
  Quality quality = Quality::good;  // other than good: why there is nothing (form none)
  union {
    std::array<std::uint16_t, kMaxValueRegisters> registers{};  // as on the wire, in order of address
    double number;                                              // of an MQTT payload
  };
  WallTime time{};  // when the answer or message arrived
  MonoTime mono{};
};

/// While a device fails, each of its points says so at once and then this often at most: half of what the watch over
/// silent devices (edge/score/device_watch) waits at least, for samples alone make its time pass.
inline constexpr Millis kFailureReminder{5'000};

/// Takes readings as they come, on the loop.
using ReadingSink = std::function<void(std::vector<Reading>)>;

}  // namespace anlan::edge
