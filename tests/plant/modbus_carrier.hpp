// One connection or line of a slave: takes requests off it and puts answers on it, by libmodbus. Sole libmodbus include
// of the plant: modbus_carrier.cpp. Everything blocks; errors of libmodbus are in errno.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "common/base/result.hpp"
#include "tests/plant/descriptor.hpp"
#include "tests/plant/modbus_wire.hpp"

struct _modbus;  // libmodbus's context

namespace anlan::plant {

struct FreeModbus {
  bool close = false;  // it opened its descriptor itself
  void operator()(_modbus* context) const;
};

class ModbusCarrier {
 public:
  /// On a descriptor that stays the caller's. Errors: unavailable.
  static Result<ModbusCarrier> on(int descriptor, Framing framing);

  /// On a serial device with its bits. Errors: unavailable.
  static Result<ModbusCarrier> open(const SerialPlace& place);

  /// A whole frame; empty: none that can be answered; nullopt: the connection is over, or `wake` became readable (RTU
  /// only, -1: never). Valid until the next call.
  std::optional<std::span<const std::uint8_t>> receive(int wake);

  /// To the frame received last, of which `request` is the meaning. False where the connection is over.
  bool reply(const Request& request, const Answer& answer);

  Framing framing() const { return framing_; }

 private:
  using Context = std::unique_ptr<_modbus, FreeModbus>;

  ModbusCarrier(Context context, Framing framing) : context_(std::move(context)), framing_(framing) {}
  int receive_rtu(int wake);
  int take_rest(int size);

  Context context_;
  Framing framing_;
  std::array<std::uint8_t, 260> frame_{};  // the longest there is: Modbus TCP's
  int size_ = 0;
};

/// A listening socket on an IPv4 address; port 0 takes any free one. Errors: unavailable.
Result<Descriptor> listen_on(const std::string& address, std::uint16_t port);

}  // namespace anlan::plant
