#include <utility>

#include "edge/sensor/modbus_frame.hpp"
#include "edge/sensor/modbus_guard.hpp"

namespace anlan::edge {
namespace {

std::uint16_t transaction_of(ByteView frame) { return static_cast<std::uint16_t>(frame[0] << 8 | frame[1]); }

}  // namespace

/// A whole frame off the front of what was received.
std::optional<Bytes> TcpGuard::take_frame() {
  const auto size = frame_size(received_);
  if (!size) in_step_ = false;
  if (!size || *size == 0 || received_.size() < *size) return std::nullopt;
  const auto end = received_.begin() + static_cast<std::ptrdiff_t>(*size);
  Bytes frame(received_.begin(), end);
  received_.erase(received_.begin(), end);
  return frame;
}

std::string_view TcpGuard::kind_of(std::uint16_t transaction) const {
  const auto& [number, fate] = fates_[transaction % fates_.size()];
  if (number != transaction || fate == Fate::unknown) return "stray";
  return fate == Fate::given_up ? "late" : fate == Fate::answered ? "doubled" : "stray";
}

Bytes TcpGuard::ask(int unit, ByteView pdu, MonoTime) {
  while (const auto old = take_frame()) drop(kind_of(transaction_of(*old)));
  began_before_ = !received_.empty();
  unit_ = unit;
  ++transaction_;
  fates_[transaction_ % fates_.size()] = {transaction_, Fate::waiting};
  return frame(transaction_, unit, pdu);
}

BusResult<std::optional<Bytes>> TcpGuard::next(bool) {
  while (const auto frame = take_frame()) {
    const std::uint16_t transaction = transaction_of(*frame);
    const bool before = std::exchange(began_before_, false);
    if (before || transaction != transaction_ || fate(transaction) != Fate::waiting) {
      drop(kind_of(transaction));
      continue;
    }
    fate(transaction) = Fate::answered;
    const auto pdu = unframe(*frame, transaction_, unit_);
    if (!pdu) return std::unexpected(pdu.error());
    return Bytes(pdu->begin(), pdu->end());
  }
  if (in_step_) return std::nullopt;
  fate(transaction_) = Fate::given_up;
  return std::unexpected(
      BusError{BusError::Kind::malformed, 0, "malformed answer: bytes that are no Modbus TCP frame", "garbage"});
}

BusError TcpGuard::give_up() {
  fate(transaction_) = Fate::given_up;
  if (received_.empty()) return {BusError::Kind::no_answer, 0, "no answer"};
  in_step_ = false;  // whether its other half still comes, or another frame instead, cannot be told
  return {BusError::Kind::no_answer, 0, "half an answer (" + std::to_string(received_.size()) + " bytes)", "cut"};
}

void TcpGuard::reset() {
  ModbusGuard::reset();
  in_step_ = true;
  began_before_ = false;
}

}  // namespace anlan::edge
