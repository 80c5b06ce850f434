// A local alarm on a Modbus device: a coil that is on while it sounds, a register with the level (0 to 4), a register
// that counts up. Everything is written at each beat, so that a device which was switched off and on knows again.
#pragma once

#include <optional>
#include <string>

#include "edge/annunciator/sounder.hpp"
#include "edge/sensor/bus.hpp"

namespace anlan::edge {

struct ModbusSounderSettings {
  std::string name;  // of the endpoint, for people
  int unit = 1;
  std::optional<std::uint16_t> coil, level_register, heartbeat_register;  // zero-based; at least one
  Millis timeout{1000};                                                   // for each answer
};

/// `bus` outlives it; one of its own is best, for requests wait for those before them on the same bus.
class ModbusSounder final : public Sounder {
 public:
  ModbusSounder(Bus& bus, ModbusSounderSettings settings) : bus_(bus), settings_(std::move(settings)) {}

  /// Coil, then level, then heartbeat: the heartbeat is written only where the device took the rest, so a device that
  /// hears it may trust what it was told. A refused write does not keep the next from being tried; no answer does.
  boost::asio::awaitable<Result<void>> show(const AnnunciatorOutput& output) override;
  std::string name() const override { return settings_.name + " unit " + std::to_string(settings_.unit); }

 private:
  Bus& bus_;
  ModbusSounderSettings settings_;
};

}  // namespace anlan::edge
