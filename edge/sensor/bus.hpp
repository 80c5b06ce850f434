// Reading and writing Modbus tables: plain values and the interface behind which the transport lies.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "common/base/error.hpp"
#include "common/base/time.hpp"
#include "edge/sensor/device.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

struct ReadRequest {
  int unit = 1;  // 0 to 255
  Table table = Table::holding_registers;
  std::uint16_t address = 0;
  int count = 1;         // registers: 1 to 125; bits: 1 to 2000
  Millis timeout{1000};  // for the answer; opening the connection may take as long again
};

/// Functions 5 and 6 for one value, 15 and 16 for several.
struct WriteRequest {
  int unit = 1;                       // 0 on a serial line: every unit takes it and none answers
  Table table = Table::coils;         // coils or holding registers
  std::uint16_t address = 0;          // of the first value
  std::vector<std::uint16_t> values;  // coils: 1 to 1968, each 0 or 1; registers: 1 to 123
  bool multiple = false;              // functions 15 and 16 for one value too: some devices know no others
  Millis timeout{1000};
};

/// Function 43/14 (V1.1b3 §6.21).
struct IdentifyRequest {
  enum class Read : std::uint8_t {
    basic = 1,     // objects 0 to 2, which every device that knows this function has
    regular = 2,   // and 3 to 0x7F
    extended = 3,  // and the maker's own
    object = 4,    // `object` alone
  };
  int unit = 1;
  Read read = Read::basic;
  std::uint8_t object = 0;  // of Read::object
  Millis timeout{1000};     // for each answer; a long identification comes in several
};

struct Identification {
  enum Object : std::uint8_t { vendor = 0, product = 1, revision = 2, url = 3, name = 4, model = 5, application = 6 };
  std::uint8_t conformity = 0;                  // 1 basic, 2 regular, 3 extended; 0x80 more: single objects too
  std::map<std::uint8_t, std::string> objects;  // by number; UTF-8 without control characters or padding at the end
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
  std::string_view cause =
      {};  // what exactly, as a word for metrics ("wrong-unit", "bad-crc"); empty: the kind says all
};

/// A word for metrics: the cause, or else the kind ("no-answer").
std::string_view cause_of(const BusError& error);

/// The words of the Modbus application protocol (V1.1b3 §7): 2 → "illegal data address".
std::string_view exception_name(int code);

Error to_error(const BusError& error);

template <class T>
using BusResult = std::expected<T, BusError>;

/// One word for each register, or for each bit (0 or 1).
using Words = std::vector<std::uint16_t>;

/// One endpoint; the units behind it share its connection, so requests run one after the other in the order of the
/// calls. A connection is opened when it is needed. A late answer is never taken for another request's. On the loop;
/// bounded by the requests' timeouts.
class Bus {
 public:
  virtual ~Bus() = default;

  virtual boost::asio::awaitable<BusResult<Words>> read(ReadRequest request) = 0;

  /// Several reads in one hand-over, one after the other: their results in order, up to and with the first failure that
  /// is no exception. What was not asked any more has no result, so the answer may be shorter than the question. By
  /// default one read() after the other.
  virtual boost::asio::awaitable<std::vector<BusResult<Words>>> read_all(std::vector<ReadRequest> requests);

  virtual boost::asio::awaitable<BusResult<void>> write(WriteRequest request) = 0;

  /// What the device says that it is. By default an exception 1: it knows no such function.
  virtual boost::asio::awaitable<BusResult<Identification>> identify(IdentifyRequest request);
};

/// Makes the bus of one endpoint; app/ and tests choose which.
using BusFactory = std::function<std::unique_ptr<Bus>(const Endpoint& endpoint)>;

}  // namespace anlan::edge
