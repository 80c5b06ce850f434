// One connection to an endpoint: a line and the guard in front of it. On the worker's thread, but cut().
#pragma once

#include <memory>

#include "edge/sensor/modbus_guard.hpp"
#include "edge/sensor/modbus_line.hpp"

namespace anlan::edge {

/// What the transport asks of time. All zero for frames that name their length (Modbus TCP, TLS).
struct LineTiming {
  bool rtu = false;                       // unit 0 is everyone
  bool wire = false;                      // a line that is silent need not be opened anew
  std::chrono::microseconds per_byte{0};  // on the line; granted on top of a request's timeout
  Millis quiet{0};                        // the line is silent for so long before a request
  Millis gap{0};                          // after so long a silence nothing more belongs to the frame before it
};

LineTiming timing_of(const Endpoint& endpoint);

class ModbusSession {
 public:
  /// `guard` outlives it and is used by one session at a time: what units owe is remembered over connections.
  ModbusSession(std::unique_ptr<ModbusLine> line, ModbusGuard& guard, LineTiming timing);

  BusResult<void> open(MonoTime until) { return line_->open(until); }

  /// Asks and waits for the answer's pdu. An RTU unit that owes an answer is asked for an echo first (function 8): when
  /// that is answered, or refused as unknown, nothing older can come any more. A serial broadcast has an empty answer.
  BusResult<Bytes> exchange(int unit, const Bytes& request, Millis timeout);

  /// The answer to the last exchange was not one to its request, though it came as one.
  void doubt(int unit);

  /// False where the next request needs a new connection: it is lost, cannot be followed, or gave no byte between two
  /// requests without an answer (its other end may be gone without a word).
  bool usable() const { return usable_; }

  void cut() { line_->cut(); }

 private:
  BusResult<Bytes> round(int unit, const Bytes& request, Millis timeout);
  BusResult<void> settle(int unit, Millis timeout);
  BusResult<void> quiet(MonoTime until);
  BusResult<void> take(MonoTime until);
  BusResult<Bytes> await_answer(MonoTime until, Millis timeout);
  BusError give_up(Millis timeout);

  std::unique_ptr<ModbusLine> line_;
  ModbusGuard& guard_;
  const LineTiming timing_;
  bool usable_ = true;
  bool heard_ = true;          // something came since the last request without an answer
  std::size_t last_took_ = 0;  // bytes
  MonoTime last_byte_{};       // sent or received
  std::uint16_t echo_ = 0;
};

}  // namespace anlan::edge
