// A Modbus TCP listener or a serial line on threads of its own: one that accepts, one per connection, so that an answer
// that is late or never comes holds up nobody else. libmodbus is behind modbus_carrier.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.hpp"
#include "tests/plant/modbus.hpp"

namespace anlan::plant {

class ModbusServer {
 public:
  /// Called on connection threads, several at once.
  using Handler = std::function<Answer(const Request&)>;

  /// At most this many connections at a time; further ones are closed at once.
  static constexpr std::size_t most_connections = 64;

  /// Listens on an IPv4 `address`; port 0 takes any free one. Errors: unavailable (address in use or not here).
  /// `rtu`: its frames are RTU's, as serial servers carry them.
  static Result<std::unique_ptr<ModbusServer>> start(const std::string& address, std::uint16_t port, Handler handler,
                                                     bool rtu = false);

  /// Answers on a serial line. Errors: unavailable.
  static Result<std::unique_ptr<ModbusServer>> start(const SerialPlace& place, Handler handler);

  /// Closes every connection and waits for the threads; a late answer is not waited for.
  ~ModbusServer();

  /// Stable over closing and opening again.
  std::uint16_t port() const;

  /// Closed: nobody listens and every connection is gone, as when a device loses its power. Opening again takes the
  /// same port. No change where it is so already. Errors: unavailable (someone took the port meanwhile).
  Result<void> set_open(bool open);

 private:
  struct Impl;
  static Result<std::unique_ptr<ModbusServer>> start(std::unique_ptr<Impl> impl);
  explicit ModbusServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace anlan::plant
