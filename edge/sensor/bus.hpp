// Reading and writing Modbus tables: plain values and the interface behind which the transport lies.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "common/base/error.hpp"
#include "common/base/time.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

struct ReadRequest {
  int unit = 1;  // 0 to 255
  Table table = Table::holding_registers;
  std::uint16_t address = 0;
  int count = 1;         // registers: 1 to 125; bits: 1 to 2000
  Millis timeout{1000};  // for the answer; opening the connection may take as long again
};

struct WriteRequest {
  int unit = 1;
  Table table = Table::coils;  // coils (function 5) or holding registers (function 6)
  std::uint16_t address = 0;
  std::uint16_t value = 0;  // of a coil: 0 or 1
  Millis timeout{1000};
};

struct BusError {
  enum class Kind {
    no_connection,  // the endpoint refuses, is unreachable or hung up: concerns every unit behind it
    no_answer,      // this unit did not answer in time (or a gateway says so)
    exception,      // the device answered that it will not (`exception_code`)
    malformed,      // an answer that is not one to this request
    closed,         // the bus was stopped
  };
  Kind kind = Kind::no_answer;
  int exception_code = 0;
  std::string message;  // for people: what happened, where
};

/// The words of the Modbus application protocol (V1.1b3 §7): 2 → "illegal data address".
std::string_view exception_name(int code);

Error to_error(const BusError& error);

template <class T>
using BusResult = std::expected<T, BusError>;

/// One endpoint; the units behind it share its connection, so requests run one after the other in the order of the
/// calls. A connection is opened when it is needed and closed after any failure that could leave an answer under way: a
/// late answer is never taken for another request's. On the loop; bounded by the requests' timeouts.
class Bus {
 public:
  virtual ~Bus() = default;
  /// One word for each register, or for each bit (0 or 1).
  virtual boost::asio::awaitable<BusResult<std::vector<std::uint16_t>>> read(ReadRequest request) = 0;
  virtual boost::asio::awaitable<BusResult<void>> write(WriteRequest request) = 0;
};

/// Makes the bus of one endpoint; app/ and tests choose which.
using BusFactory = std::function<std::unique_ptr<Bus>(const std::string& host, std::uint16_t port)>;

}  // namespace anlan::edge
