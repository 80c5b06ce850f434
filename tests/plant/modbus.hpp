// A Modbus request and its answer as values, so that what is simulated knows neither sockets nor libmodbus.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/time.hpp"

namespace anlan::plant {

/// Exception codes of the Modbus application protocol V1.1b3 §7.
enum ExceptionCode : std::uint8_t {
  illegal_function = 1,
  illegal_address = 2,
  illegal_value = 3,
  device_failure = 4,
  device_busy = 6,
  no_such_unit = 11,
};

struct Request {
  int unit = 0;
  int function = 0;  // 1 to 4 read, 5, 6, 15, 16 write, 43 identifies; others are answered by illegal_function
  int address = 0, count = 1;              // of 43: the object to begin with, and how to read (1 to 4)
  std::vector<std::uint16_t> values = {};  // of a write: `count` words or bits (0, 1)
};

struct Answer {
  bool silent = false;                     // say nothing at all
  bool wrong_unit = false;                 // answer as if another unit had been asked
  Millis late{0};                          // wait first
  std::uint8_t exception = 0;              // not 0: this instead of values
  std::vector<std::uint16_t> values = {};  // of a read: `count` words or bits; of a write: what stands there now
  std::vector<std::uint8_t> pdu = {};      // not empty: this instead of values, as it is

  static Answer refuse(ExceptionCode code) {
    Answer answer;
    answer.exception = code;
    return answer;
  }
};

/// A serial device with its bits, or a pseudo terminal that is made and linked to.
struct SerialPlace {
  std::string device, link;  // one of them
  int baud = 19200;
  char parity = 'E';
  int stop_bits = 1;
  bool empty() const { return device.empty() && link.empty(); }
  const std::string& path() const { return device.empty() ? link : device; }
};

/// The protocol's limits on the quantity of one request (§6.1 to §6.12).
constexpr bool count_allowed(int function, int count) {
  switch (function) {
    case 1:
    case 2:
      return count >= 1 && count <= 2000;
    case 3:
    case 4:
      return count >= 1 && count <= 125;
    case 15:
      return count >= 1 && count <= 1968;
    case 16:
      return count >= 1 && count <= 123;
    default:
      return count == 1;
  }
}

}  // namespace anlan::plant
