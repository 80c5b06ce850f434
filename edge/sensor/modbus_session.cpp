#include "edge/sensor/modbus_session.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "common/async/clock.hpp"

namespace anlan::edge {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kSerialFrame = 256;
/// After a broadcast every unit needs time to do as it was told (Modbus over serial line V1.02 §2.4.1: 100 to 200 ms).
constexpr Millis kTurnaround{150};
/// USB adapters hand bytes over every 16 ms, serial servers cut frames into packets: what is further apart than this
/// was never one frame.
constexpr Millis kAdapterGap{30}, kNetworkGap{200};

MonoTime now() { return SystemClock().mono(); }

Millis rounded_up(microseconds time) { return std::chrono::ceil<Millis>(time); }

}  // namespace

/// Silence between frames: 3.5 characters, from 19200 baud on 1.75 ms (§2.5.1.1). The 1.5 characters within a frame are
/// not insisted on: no adapter keeps them.
LineTiming timing_of(const Endpoint& endpoint) {
  if (endpoint.scheme == Endpoint::Scheme::modbus_rtutcp)
    return {.rtu = true, .wire = false, .per_byte = {}, .quiet = Millis{0}, .gap = kNetworkGap};
  if (endpoint.scheme != Endpoint::Scheme::modbus_rtu) return {};
  const int bits = 1 + 8 + (endpoint.line.parity == 'N' ? 0 : 1) + endpoint.line.stop_bits;
  const microseconds byte{static_cast<microseconds::rep>(std::ceil(bits * 1e6 / endpoint.line.baud))};
  const Millis quiet =  // one more, for the clock counts whole ones
      rounded_up(endpoint.line.baud > 19200 ? microseconds{1750} : byte * 7 / 2) + Millis{1};
  return {.rtu = true, .wire = true, .per_byte = byte, .quiet = quiet, .gap = std::max(quiet, kAdapterGap)};
}

ModbusSession::ModbusSession(std::unique_ptr<ModbusLine> line, ModbusGuard& guard, LineTiming timing)
    : line_(std::move(line)), guard_(guard), timing_(timing) {
  guard_.reset();
}

BusResult<Bytes> ModbusSession::exchange(int unit, const Bytes& request, Millis timeout) {
  if (guard_.doubtful(unit, now()))
    if (const auto settled = settle(unit, timeout); !settled) return std::unexpected(settled.error());
  return round(unit, request, timeout);
}

void ModbusSession::doubt(int unit) { guard_.doubt(unit, now()); }

BusResult<void> ModbusSession::settle(int unit, Millis timeout) {
  ++echo_;
  const Bytes echo{kEcho, 0, 0, static_cast<std::uint8_t>(echo_ >> 8), static_cast<std::uint8_t>(echo_ & 0xFF)};
  const auto answer = round(unit, echo, timeout);
  if (!answer) return std::unexpected(answer.error());
  if (*answer != echo && answer->front() != (kEcho | kExceptionBit))
    return std::unexpected(BusError{BusError::Kind::malformed, 0, "malformed answer: another echo", "late"});
  guard_.settle(unit);
  return {};
}

BusResult<Bytes> ModbusSession::round(int unit, const Bytes& request, Millis timeout) {
  if (auto silent = quiet(now() + timeout); !silent) return std::unexpected(silent.error());
  const Bytes frame = guard_.ask(unit, request, now());
  if (!guard_.in_step()) {
    usable_ = false;
    return no_connection("the connection carries what is no Modbus");
  }
  MonoTime until = now() + timeout;
  if (timing_.per_byte.count() > 0)
    until += rounded_up(timing_.per_byte * static_cast<microseconds::rep>(frame.size() + kSerialFrame));
  if (auto sent = line_->send(frame, until); !sent) {
    usable_ = false;
    return std::unexpected(sent.error());
  }
  last_byte_ = now() + rounded_up(timing_.per_byte * static_cast<microseconds::rep>(frame.size()));
  if (!timing_.rtu || unit != 0) return await_answer(until, timeout);
  last_byte_ += kTurnaround;
  return Bytes{};
}

/// Takes in what has come since the last request, and on a serial line waits until nothing more comes.
BusResult<void> ModbusSession::quiet(MonoTime until) {
  do {
    if (auto taken = take(last_byte_ + timing_.quiet); !taken) return taken;
    if (last_took_ > 0 && now() > until)
      return std::unexpected(BusError{BusError::Kind::no_answer, 0, "the line is never silent", "babble"});
  } while (last_took_ > 0);
  return {};
}

BusResult<void> ModbusSession::take(MonoTime until) {
  std::array<std::uint8_t, 1024> bytes;
  const auto took = line_->receive(bytes, until);
  if (!took) {
    usable_ = false;
    return std::unexpected(took.error());
  }
  last_took_ = *took;
  if (*took == 0) return {};
  guard_.feed(ByteView(bytes).first(*took));
  heard_ = true;
  last_byte_ = now();
  return {};
}

BusResult<Bytes> ModbusSession::await_answer(MonoTime until, Millis timeout) {
  bool began = false, silent = false;
  for (;;) {
    auto answer = guard_.next(silent);
    if (!answer) {
      usable_ = usable_ && guard_.in_step();
      return std::unexpected(answer.error());
    }
    if (*answer) return **std::move(answer);
    const MonoTime time = now();
    if (time >= until) return std::unexpected(give_up(timeout));
    const bool by_gap = began && !silent && timing_.gap > Millis{0};
    if (auto taken = take(by_gap ? std::min(until, time + timing_.gap) : until); !taken)
      return std::unexpected(taken.error());
    began = began || last_took_ > 0;
    silent = began && last_took_ == 0;
  }
}

BusError ModbusSession::give_up(Millis timeout) {
  BusError error = guard_.give_up();
  error.message += " in " + to_words(timeout);
  const bool heard = std::exchange(heard_, false);
  if (!guard_.in_step() || (!heard && !timing_.wire)) usable_ = false;
  return error;
}

}  // namespace anlan::edge
